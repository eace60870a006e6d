"""What a reader finds in a mail."""

from oncue.demo import readers


def test_pixels_and_tracked_links_are_found_and_nothing_else() -> None:
    html = (
        '<p><a href="http://here/c/one?x=1&amp;y=2">tea</a> <a href="https://elsewhere/">no</a>'
        '<a href="http://here/u/two">stop</a><img src="https://shop.example/tea.jpg">'
        '<img src="http://here/o/three" width="1"></p>'
    )

    pixels, links = readers.found_in(html)

    assert pixels == ["http://here/o/three"]
    assert links == ["http://here/c/one?x=1&y=2"]

"""Links of ours into what was rendered: clicks through us, and the pixel that says "opened"."""

import html
import re
from html.parser import HTMLParser
from typing import Final, NamedTuple

from channels import links
from channels.links import Links, Origin

_BODY_END: Final = re.compile(r"</body\s*>", re.IGNORECASE)
_PLAIN_LINK: Final = re.compile(r"https?://[^\s<>\"']+")
_SENTENCE_END: Final = ".,;:!?)]}"


class Tracker:
    """Numbers the links of one message: those of the html first, then those of the text."""

    def __init__(self, *, links: Links, origin: Origin) -> None:
        self._links = links
        self._origin = origin
        self._count = 0

    def html(self, source: str) -> str:
        """Lead every http(s) link through us and append the pixel; all else stays as it is."""
        pieces = []
        copied = 0
        for anchor in _anchors(source):
            url = next(value for name, value in anchor.attributes if name == "href")
            tracked = self._click(url.strip())
            if tracked is None:
                continue
            pieces += [source[copied : anchor.start], _rebuilt(anchor, href=tracked)]
            copied = anchor.end
        return self._with_pixel("".join([*pieces, source[copied:]]))

    def text(self, source: str) -> str:
        """Lead every written-out link through us, without the full stop behind it."""

        def tracked(found: re.Match[str]) -> str:
            url = found[0].rstrip(_SENTENCE_END)
            return (self._click(url) or url) + found[0][len(url) :]

        return _PLAIN_LINK.sub(tracked, source)

    def _click(self, url: str) -> str | None:
        if not links.may_lead_to(url):
            return None
        self._count += 1
        return self._links.click_url(self._origin, index=self._count - 1, url=url)

    def _with_pixel(self, source: str) -> str:
        url = html.escape(self._links.open_url(self._origin))
        pixel = f'<img src="{url}" width="1" height="1" alt="" style="display:none">'
        ends = list(_BODY_END.finditer(source))
        at = ends[-1].start() if ends else len(source)
        return source[:at] + pixel + source[at:]


class _Anchor(NamedTuple):
    """One start tag with a link, and where it stands."""

    start: int
    end: int
    tag: str
    attributes: list[tuple[str, str]]
    is_closed: bool


class _AnchorFinder(HTMLParser):
    """Only looks: what is not an anchor is copied from the source, so nothing else can change."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Anchor] = []
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", source))]
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"a", "area"}:
            return
        raw = self.get_starttag_text() or ""
        line, column = self.getpos()
        start = self._line_starts[line - 1] + column
        # The first of two attributes of the same name counts, as in browsers.
        attributes = {name: value or "" for name, value in reversed(attrs)}
        if "href" in attributes:
            ordered = list(reversed(attributes.items()))
            is_closed = raw.endswith("/>")
            self.found.append(_Anchor(start, start + len(raw), tag, ordered, is_closed))


def _anchors(source: str) -> list[_Anchor]:
    return _AnchorFinder(source).found


def _rebuilt(anchor: _Anchor, *, href: str) -> str:
    attributes = "".join(
        f' {name}="{html.escape(href if name == "href" else value)}"'
        for name, value in anchor.attributes
    )
    return f"<{anchor.tag}{attributes}{' /' if anchor.is_closed else ''}>"

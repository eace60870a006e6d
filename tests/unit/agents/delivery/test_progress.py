"""Up to where a partition may be committed."""

from agents.delivery.progress import Progress


def test_nothing_read_is_committed_where_it_started() -> None:
    assert Progress(start=7).position == 7


def test_the_commit_waits_for_the_first_that_is_open() -> None:
    progress = Progress(start=7)
    for offset in (7, 8, 9):
        progress.begin(offset)

    progress.end(8)
    progress.end(9)

    assert (progress.position, progress.open_count) == (7, 1)


def test_all_done_the_commit_goes_to_the_next_record() -> None:
    progress = Progress(start=7)
    for offset in (7, 9):
        progress.begin(offset)
    for offset in (9, 7):
        progress.end(offset)

    assert (progress.position, progress.open_count) == (10, 0)

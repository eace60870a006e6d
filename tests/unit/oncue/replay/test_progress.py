"""A replay shows how far it is, and what was not accepted."""

from io import StringIO

from rich.console import Console

from oncue.replay import progress
from oncue.replay.schedule import Pace
from oncue.replay.tally import Tally


def test_the_bar_follows_the_tally() -> None:
    screen = StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    tally = Tally(total_count=40)

    with progress.bar(console, pace=Pace(first_at=0, speed=60), tally=tally):
        tally.sent_count = 30
        tally.rejected_count = 2

    assert "30/40" in screen.getvalue()
    assert "2 rejected" in screen.getvalue()

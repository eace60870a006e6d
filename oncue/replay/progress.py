"""The progress bar of a replay."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TimeRemainingColumn,
)
from rich.text import Text

from oncue.replay.schedule import Pace
from oncue.replay.tally import Tally


def bar(console: Console, *, pace: Pace, tally: Tally) -> Progress:
    """Show events, events a second, the lag behind the schedule and what was not accepted.

    It follows the tally by itself, several times a second.
    """
    progress = _Following(
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        _Numbers(pace, tally),
        TimeRemainingColumn(),
        console=console,
        tally=tally,
    )
    progress.add_task("replay", total=tally.total_count)
    return progress


class _Following(Progress):
    """Reads the tally at every refresh, so that the sender need not know of it."""

    def __init__(self, *columns: ProgressColumn, console: Console, tally: Tally) -> None:
        super().__init__(*columns, console=console, refresh_per_second=5)
        self._tally = tally

    def refresh(self) -> None:
        self._follow()
        super().refresh()

    def stop(self) -> None:
        self._follow()
        super().stop()

    def _follow(self) -> None:
        for task_id in self.task_ids:
            self.update(task_id, completed=self._tally.sent_count + self._tally.refused_count)


class _Numbers(ProgressColumn):
    def __init__(self, pace: Pace, tally: Tally) -> None:
        super().__init__()
        self._pace = pace
        self._tally = tally

    def render(self, task: Task) -> Text:
        tally = self._tally
        elapsed_s = self._pace.elapsed_s()
        # At the end, and where nothing was drawn on the way, the speed of the whole.
        rate = task.speed or tally.sent_count / max(elapsed_s, 0.001)
        parts = [
            f"{rate:,.0f}/s",
            f"lag {tally.lag_s(elapsed_s):.1f} s",
            f"{tally.rejected_count + tally.refused_count:,} rejected",
        ]
        if tally.retries_count:
            parts.append(f"{tally.retries_count:,} retries ({tally.problem})")
        return Text(" · ".join(parts), no_wrap=True)

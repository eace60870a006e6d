"""What a benchmark found: each figure beside what it is compared with, as a table and as JSON."""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of one case; each run's value, the runs of both sides taking turns."""

    case: str
    measure: str
    values: tuple[float, ...]
    against: str
    """What the baseline is."""
    baselines: tuple[float, ...]

    @property
    def value(self) -> float:
        """Median of the runs."""
        return statistics.median(self.values)

    @property
    def baseline(self) -> float:
        """Median of the runs."""
        return statistics.median(self.baselines)

    @property
    def ratio(self) -> float:
        """Value to baseline: the figure to compare between machines."""
        return self.value / self.baseline


class Cost(NamedTuple):
    """What one run took."""

    cpu_s: float
    """User and system, of all threads."""
    wall_s: float


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured."""

    runs: int
    is_quick: bool

    def pick(self, full: int, quick: int) -> int:
        """Choose by how much time there is."""
        return quick if self.is_quick else full


def rates(
    case: str,
    what: str,
    count: int,
    *,
    ours: Sequence[Cost],
    against: str,
    baseline: Sequence[Cost],
) -> list[Figure]:
    """How many of `what` a second is worth, by CPU and by the wall clock."""
    return [
        Figure(
            case=case,
            measure=f"{what} per CPU-second",
            values=tuple(count / cost.cpu_s for cost in ours),
            against=against,
            baselines=tuple(count / cost.cpu_s for cost in baseline),
        ),
        Figure(
            case=case,
            measure=f"{what} per second, wall",
            values=tuple(count / cost.wall_s for cost in ours),
            against=against,
            baselines=tuple(count / cost.wall_s for cost in baseline),
        ),
    ]


def growth(
    case: str, what: str, *, spent_s: Sequence[float], against: str, before_s: Sequence[float]
) -> Figure:
    """What one of `what` costs in this case, against another case."""
    return Figure(
        case=case,
        measure=f"CPU us per {what}",
        values=tuple(seconds * 1e6 for seconds in spent_s),
        against=against,
        baselines=tuple(seconds * 1e6 for seconds in before_s),
    )


def show(name: str, figures: Sequence[Figure], *, seconds: float) -> None:
    """Print the table."""
    runs = max(len(figure.values) for figure in figures)
    table = Table(title=f"{name}: medians of {runs}, {seconds:.0f} s", title_justify="left")
    for heading in ("case", "measure"):
        table.add_column(heading)
    table.add_column("ours", justify="right")
    table.add_column("from-to", justify="right")
    table.add_column("against")
    table.add_column("baseline", justify="right")
    table.add_column("ratio", justify="right")
    for figure in figures:
        table.add_row(
            figure.case,
            figure.measure,
            _number(figure.value),
            f"{_number(min(figure.values))}-{_number(max(figure.values))}",
            figure.against,
            _number(figure.baseline),
            f"{_number(figure.ratio)}x",
        )
    Console(width=140).print(table)


def keep(name: str, figures: Sequence[Figure], *, folder: Path) -> Path:
    """Write the figures of one benchmark as JSON, and say where."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    found = [
        {
            **msgspec.to_builtins(figure),
            "value": figure.value,
            "baseline": figure.baseline,
            "ratio": figure.ratio,
        }
        for figure in figures
    ]
    file.write_bytes(msgspec.json.format(msgspec.json.encode(found)))
    return file


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"

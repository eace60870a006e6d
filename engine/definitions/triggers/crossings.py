"""Triggers on what becomes true of a customer: a segment, an RFM cell, a threshold."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final, Literal

from engine import durations
from engine.conditions import numbers
from engine.definitions.triggers import base
from engine.definitions.triggers.base import BaseTrigger, Params
from engine.errors import Flaw
from engine.rules.nodes import MetricIs, Rule

_UP: Final[dict[str, Literal["<", "<=", ">", ">="]]] = {">=": ">=", ">": ">", "<=": ">", "<": ">="}
_DOWN: Final[dict[str, Literal["<", "<=", ">", ">="]]] = {
    ">=": "<",
    ">": "<=",
    "<=": "<=",
    "<": "<",
}
"""What begins to hold when the value rises, or falls, across the edge of a comparison."""

_AXES: Final = ("recency", "frequency", "monetary")


class SegmentParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which segment, and which way."""

    segment: str
    """A live one."""
    direction: Literal["entered", "left"] = "entered"
    min_dwell: str | None = None
    """Only if it stays so for this long: who goes in and out again fires nothing."""
    on_activate: Literal["ignore", "include"] = "ignore"
    """Whether it fires, too, for who is a member when the campaign begins, or the segment's
    definition makes them one."""
    exclude_population: bool = False
    """Fire nothing where only other people's purchases moved the fifths of RFM."""

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        if self.min_dwell is not None:
            yield "min_dwell", self.min_dwell

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("segment", self.segment)
        if self.direction == "left" and self.on_activate == "include":
            message = 'only with "entered": nobody who is outside has left'
            yield Flaw(path="on_activate", message=message)


class SegmentCrossed(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T37"):
    """The customer entered a live segment, or left it: by an event or by time."""

    params: SegmentParams


class CellParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which cells, on which axis; empty is any."""

    axis: Literal["recency", "frequency", "monetary", "rfm"] = "rfm"
    before: tuple[str, ...] = ()
    """`5-4-3` of all three, `5` of one axis; `none`: no receipt that counts."""
    after: tuple[str, ...] = ()
    exclude_population: bool = False
    """Fire nothing where only other people's purchases moved the fifths."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        for name in ("before", "after"):
            values: tuple[str, ...] = getattr(self, name)
            yield from base.list_flaws(name, values)
            for value in values:
                parts = value.split("-")
                is_cell = len(parts) == (3 if self.axis == "rfm" else 1) and all(
                    part in {"1", "2", "3", "4", "5"} for part in parts
                )
                if value != NO_CELL and not is_cell:
                    shown = "5-4-3" if self.axis == "rfm" else "5"
                    message = f'{value[:20]!r} is no cell: write it like "{shown}", or "{NO_CELL}"'
                    yield Flaw(path=name, message=message)

    def told(self, cell: str) -> str:
        """A whole cell as this axis tells it."""
        if not cell or self.axis == "rfm":
            return cell or NO_CELL
        return cell.split("-")[_AXES.index(self.axis)]


NO_CELL: Final = "none"


class CellChanged(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T38"):
    """The customer moved to another RFM cell: bought, stayed away, or was overtaken."""

    params: CellParams = CellParams()


class ThresholdParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which edge of which metric, and which way across it."""

    metric: str
    """Built in or of the shop's own; a window is the metric's."""
    op: Literal[">=", ">", "<=", "<"] = ">="
    value: Decimal
    direction: Literal["up", "down"] = "up"
    hysteresis: Decimal = Decimal(0)
    """How far back the value must go before it can cross again."""
    once_per: Literal["ever", "crossing", "period"] = "crossing"
    period: str | None = None
    """With `period`: at most one firing in so long."""

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        if self.period is not None:
            yield "period", self.period

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("metric", self.metric)
        for name in ("value", "hysteresis"):
            if numbers.exact(str(getattr(self, name))) is None:
                yield Flaw(path=name, message="a number, at most twelve digits before the point")
                return
        if self.hysteresis < 0:
            yield Flaw(path="hysteresis", message="0 or more")
        if (self.once_per == "period") != (self.period is not None):
            message = 'a duration with once_per "period", and only with it'
            yield Flaw(path="period", message=message)

    def rules(self) -> tuple[Rule, Rule]:
        """What begins to hold at the crossing, and what goes on to hold until it can come again."""
        comparison = (_UP if self.direction == "up" else _DOWN)[self.op]
        back = self.hysteresis if self.direction == "down" else -self.hysteresis
        enters, stays = (
            MetricIs(id="metric", name=self.metric, comparison=comparison, value=_operand(value))
            for value in (self.value, self.value + back)
        )
        return enters, stays

    @property
    def period_ms(self) -> int:
        """0: no period."""
        return 0 if self.period is None else durations.parse_ms(self.period)


class MetricCrossed(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T39"):
    """A metric crossed a threshold: at the edge, not for as long as it lies beyond."""

    params: ThresholdParams


def _operand(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)

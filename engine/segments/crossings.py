"""What came of judging a customer anew: who entered or left what, and why."""

from typing import Literal, NamedTuple, TypeAlias

Cause: TypeAlias = Literal["event", "time", "definition", "population"]


class Crossing(NamedTuple):
    """One verdict that turned round, or a cell that changed."""

    watch: str
    version: int
    is_in: bool
    cause: Cause
    at: int
    """Epoch ms: when the event occurred, or the verdict was due to turn."""
    before: str = ""
    """Of a cell: what it was, and what it is."""
    after: str = ""


class Begun(NamedTuple):
    """A trigger begins that wants those, too, who are members already; this customer is one."""

    watch: str
    trigger: str
    """`engine.definitions.crossing.included`."""


def document(crossing: Crossing) -> dict[str, object]:
    """The fields of the firing, for conditions, keys and templates."""
    told: dict[str, object] = {"cause": crossing.cause}
    if crossing.before or crossing.after:
        return {**told, "before": crossing.before, "after": crossing.after}
    if crossing.watch.startswith("\n"):
        return told
    direction = "entered" if crossing.is_in else "left"
    return {**told, "segment": crossing.watch, "direction": direction}

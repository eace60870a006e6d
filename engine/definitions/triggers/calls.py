"""The trigger on what another system calls out."""

from collections.abc import Iterator

from engine.commands import Called
from engine.definitions.triggers import base
from engine.definitions.triggers.base import BaseTrigger, Params
from engine.errors import Flaw


class CallParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which calls."""

    event: str
    """The name in `POST /api/events/{name}`, in any case."""
    schema: tuple[str, ...] = ()
    """Paths that the payload must have: a call without them is refused at the door."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("event", self.event)
        yield from base.list_flaws("schema", self.schema)


class CalledOut(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T47"):
    """Another system called this out for the customer; templates see the payload as `event`."""

    WATCHES = (Called,)

    params: CallParams

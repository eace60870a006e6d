"""What becomes of those inside when a version is published, and of their clocks when one pauses."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeVar

import msgspec

from engine import durations
from engine.definitions.basestep import StepId
from engine.definitions.campaigns import Campaign
from engine.errors import Flaw, InvalidDefinitionError

PAUSES_MAX: Final = 50
"""Of one campaign, with frozen clocks; of older ones nobody is inside any more, or waits less."""

OVER_MAX_MS: Final = 7 * 24 * 60 * 60 * 1000
"""What waited longer has expired."""

NOTHING: Final = b"null"

T = TypeVar("T", bound="Publication | Paused | Resuming")


class Publication(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Whoever is inside stays on their version, leaves, or goes over to the new one."""

    running: Literal["stay", "finish", "migrate"] = "stay"
    map: dict[StepId, StepId | None] = {}
    """With `migrate`: where those go who stand at a step; null: they leave. A step that is not
    named stays what it is."""

    def target(self, step: StepId) -> StepId | None:
        """Where a run goes that stands there; None: it leaves."""
        return None if self.running == "finish" else self.map.get(step, step)


class Pausing(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How a campaign pauses."""

    clocks: Literal["run", "freeze"] = "run"
    """Whether delays and waits go on meanwhile, or take as much longer as the pause."""


class Tripped(msgspec.Struct, frozen=True, kw_only=True):
    """A volume guard that paused its campaign; a person confirms by resuming."""

    trigger: str
    entries: int
    """As many as it lets in within `per`: one more came."""
    per: str
    at: int
    """Log time, epoch ms."""


class Paused(Pausing, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The same, as the log has it."""

    guard: Tripped | None = None


class Resuming(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How it goes on."""

    over: str | None = None
    """Over how long what waited leaves, each message at a place of its own; null: ten minutes."""

    @property
    def over_ms(self) -> int:
        """The same in ms."""
        return 0 if self.over is None else durations.parse_ms(self.over)


class Pause(msgspec.Struct, frozen=True, array_like=True):
    """A time in which clocks stood still, epoch ms."""

    first_at: int
    end_at: int | None = None
    """None: it is on."""


class Release(msgspec.Struct, frozen=True, array_like=True):
    """Since when a campaign goes on, and over how long what waited leaves."""

    at: int
    over_ms: int


def decode(body: bytes, shape: type[T]) -> T:
    """What goes along with an action; nothing said is the default.

    Raises:
        InvalidDefinitionError: it is something else.
    """
    try:
        found = None if body == NOTHING else msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message, _, place = str(error).partition(" - at `$")
        flaw = Flaw(path=place.rstrip("`").lstrip("."), message=message)
        raise InvalidDefinitionError([flaw]) from error
    return shape() if found is None else found


def resuming(body: bytes) -> Resuming:
    """The same of how a campaign goes on.

    Raises:
        InvalidDefinitionError: it is something else, or takes too long.
    """
    found = decode(body, Resuming)
    try:
        is_short = found.over_ms <= OVER_MAX_MS
    except ValueError as error:
        raise InvalidDefinitionError([Flaw(path="over", message=str(error))]) from error
    if not is_short:
        raise InvalidDefinitionError([Flaw(path="over", message="at most 7d")])
    return found


def flaws(
    publication: Publication, versions: Mapping[int, Campaign], draft: Campaign
) -> list[Flaw]:
    """Why runs of these versions cannot go over to the draft."""
    if publication.running != "migrate":
        needless = Flaw(path="map", message='only with running: "migrate"')
        return [needless] if publication.map else []
    return [*_map_flaws(publication, versions, draft), *_trigger_flaws(versions, draft)]


def _map_flaws(
    publication: Publication, versions: Mapping[int, Campaign], draft: Campaign
) -> Iterator[Flaw]:
    known = dict.fromkeys(step for campaign in versions.values() for step in campaign.steps)
    for step, target in publication.map.items():
        if step not in known:
            yield Flaw(path=f"map.{step}", message="no version that ran has this step")
        elif target is not None and target not in draft.steps:
            yield Flaw(path=f"map.{step}", message=f"the draft has no step {target!r}")
    for step in known:
        if step not in publication.map and step not in draft.steps:
            message = "the draft has it no more: say where those go who stand here, or null"
            yield Flaw(path=f"map.{step}", message=message)


def _trigger_flaws(versions: Mapping[int, Campaign], draft: Campaign) -> Iterator[Flaw]:
    kept = {trigger.id for trigger in draft.triggers}
    known = {trigger.id for campaign in versions.values() for trigger in campaign.triggers}
    for name in sorted(known - kept):
        message = f"runs came in by the trigger {name!r}, which the draft has no more"
        yield Flaw(path="triggers", message=f"{message}: keep it, with enabled: false")

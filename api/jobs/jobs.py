"""What a job is: its order, which never changes, and how far it is."""

from typing import Any, Final, Literal, TypeAlias

import msgspec

from clickhouse.queries.jobs import Parts
from engine.commands import Enrolled
from engine.events import TagsChanged

Action: TypeAlias = Literal["tag", "untag", "audience", "export", "message", "start_campaign"]

State: TypeAlias = Literal["selecting", "running", "done", "cancelled"]

SOURCE: Final = "job"
"""What the events of jobs call their source."""


class Order(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked for; a job begins with it."""

    id: str
    action: Action
    asked_at: int
    """Epoch ms; rules are asked at this instant, whenever the job comes to it."""
    rule: Any
    """The tree of whom it is about, checked; segments that it names are asked as they stand."""
    tag: str = ""
    campaign: str = ""
    """With `message` the one that was made for the job."""
    rate: int = 0
    """Customers a second; 0: the pace of the installation."""
    waves: int = 1
    wave_every_ms: int = 0
    expires_at: int | None = None
    """Nothing is done to anybody from then on."""
    members_of: str = ""
    """Also whom this other job is about."""
    listed: int = 0
    """How many ids were given, where they were."""
    key: str = ""
    """The caller's, so that asking twice is asking once."""
    asked: str = ""
    """A hash of the request under that key."""
    by: str = "admin"


class Progress(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How far it is; changes in place while the job runs."""

    state: State = "selecting"
    total: int = 0
    """Whom the job is about, counted when it began."""
    done: int = 0
    """For whom the event is in the log."""
    skipped: dict[str, int] = {}
    """Of the others by reason."""
    wave: int = 0
    after: str = ""
    """Id of the last one of the wave."""
    runner: str = ""
    problem: str = ""
    """Why it does not get on just now."""
    begun_at: int = 0
    updated_at: int = 0
    ended_at: int = 0
    written: int = 0
    """Counts the writes: the highest stands."""

    @property
    def is_ended(self) -> bool:
        """Nothing more will happen."""
        return self.state in {"done", "cancelled"}


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Both, and whether somebody wants it to end."""

    order: Order
    progress: Progress
    is_cancelled: bool


_order: Final = msgspec.json.Decoder(Order).decode
_progress: Final = msgspec.json.Decoder(Progress).decode


def read(parts: Parts) -> Job:
    """A job as ClickHouse keeps it."""
    return Job(
        order=_order(parts.spec),
        progress=_progress(parts.progress) if parts.progress else Progress(),
        is_cancelled=parts.is_cancelled,
    )


def event(order: Order, *, event_id: str) -> TagsChanged | Enrolled | None:
    """What a job says of a customer; None: nothing, it only chose them.

    It is dated with the order: said again, a tag that was taken away since stays away.
    """
    match order.action:
        case "tag" | "audience":
            return TagsChanged(
                id=event_id,
                occurred_at=order.asked_at,
                source=SOURCE,
                added=(order.tag,),
                origin="operator",
            )
        case "untag":
            return TagsChanged(
                id=event_id,
                occurred_at=order.asked_at,
                source=SOURCE,
                removed=(order.tag,),
                origin="operator",
            )
        case "message" | "start_campaign":
            return Enrolled(
                id=event_id,
                occurred_at=order.asked_at,
                source=SOURCE,
                campaign=order.campaign,
                job=order.id,
                expires_at=order.expires_at,
            )
        case "export":
            return None

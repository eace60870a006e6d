"""Commands to customers' rows, one record each: calls of other systems, beginnings, changes."""

from typing import TypeAlias

import msgspec

from engine.baseevent import BaseEvent


class Called(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="called"):
    """Another system calls this out, by the API; its id is a hash of name, key and customer."""

    key: str
    """Of idempotency: the same call again is the same event, whenever it comes."""
    payload: msgspec.Raw = msgspec.Raw(b"{}")


class Activated(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="activated"):
    """A version of a campaign began to run: its clocks are set for who was there before."""

    campaign: str
    version: int


class Reassessed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="reassessed"):
    """Definitions changed, or fifths moved: judge the customer by what goes now."""


class Enrolled(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="enrolled"):
    """Enter by the campaign's trigger of type T49, once for each job; `id` is a hash of both."""

    campaign: str
    job: str
    expires_at: int | None = None
    """Epoch ms; from then on it is too late to enter. None: never."""


class Backfilled(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="backfilled"):
    """What was counted of one identity before the definitions came in: `engine.filling`."""

    origin: str
    """Row key of the identity: its past is filled in once, whoever it belongs to by now."""
    tallies: msgspec.Raw
    """JSON, by the id of the metric or the demand: `engine.filling.told`."""


Command: TypeAlias = Called | Activated | Reassessed | Enrolled | Backfilled

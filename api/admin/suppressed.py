"""A suppression as it comes in and goes out."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, NamedTuple

import msgspec

from api.admin import answers
from clickhouse.queries.suppressions import StoredChange, StoredSuppression
from engine.suppressions import Scope

BATCH_MAX: Final = 1_000
NOTE_MAX_CHARS: Final = 500

WORDS: Final[Mapping[str, str]] = {
    "hard_bounce": "a message came back: there is no such mailbox or number",
    "soft_bounces": "messages came back on several days, and none was delivered in between",
    "complaint": "the recipient reported a message as spam",
    "operator": "an operator said so",
    "import": "it stood in a list that was imported",
}

_Note = Annotated[str, msgspec.Meta(max_length=NOTE_MAX_CHARS)]


class ToSuppress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address: an email or a phone number."""

    email: str | None = None
    phone: str | None = None
    scope: Scope = "all"
    """`marketing` lets what a customer has ordered be told."""
    note: _Note = ""


class Batch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Addresses to be suppressed; the same again changes nothing."""

    batch: Annotated[list[ToSuppress], msgspec.Meta(min_length=1, max_length=BATCH_MAX)]
    reason: Literal["operator", "import"] = "operator"


class NotTaken(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that is no address."""

    index: int
    message: str


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch."""

    accepted: int
    refused: list[NotTaken]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """How the address stood from then on."""

    id: str
    at: str
    scope: str | None
    """Null: nothing stood against it any more."""
    reason: str | None
    reasons: list[str]
    origin: str
    message_id: str | None
    code: str | None
    note: str | None


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """As it stands."""

    id: str
    """Hash of the address."""
    kind: str
    address: str | None
    """Null: no customer has it, so nobody knows it."""
    scope: str
    reason: str
    words: str
    reasons: list[str]
    since: str
    changed_at: str
    origin: str
    message_id: str | None
    code: str | None
    note: str | None
    customers: list[str] | None
    """Public ids, the last 200; null while Redis is away."""


class Detailed(Suppression, frozen=True, kw_only=True):
    """With its history."""

    changes: list[Change]


class Owners(NamedTuple):
    """The address in the clear, and whose it is; None: not known."""

    address: str | None
    customers: Sequence[str] | None


def shape(one: StoredSuppression, owners: Owners) -> Suppression:
    """In words, with whose the address is."""
    address, customers = owners
    return Suppression(
        id=one.address,
        kind=one.kind,
        address=address,
        scope=one.scope,
        reason=one.reason,
        words=WORDS.get(one.reason, one.reason),
        reasons=[*one.reasons],
        since=answers.time(one.since_ms),
        changed_at=answers.time(one.changed_ms),
        origin=one.origin,
        message_id=one.message_id or None,
        code=one.code or None,
        note=one.note or None,
        customers=None if customers is None else [*customers],
    )


def change(one: StoredChange) -> Change:
    """One entry of the audit."""
    return Change(
        id=one.id,
        at=answers.time(one.at_ms),
        scope=one.scope or None,
        reason=one.reason or None,
        reasons=[*one.reasons],
        origin=one.origin,
        message_id=one.message_id or None,
        code=one.code or None,
        note=one.note or None,
    )

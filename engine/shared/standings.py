"""An address's row: who has the address, and what stands against it.

marks      why nothing, or no marketing, is sent there, by reason
members    row keys of the customers who have it, the last to come last; each is told every change

A customer who comes is answered only where there is something they do not know. Soft bounces are
counted while nothing is delivered in between.
"""

from typing import Final, NamedTuple, assert_never

import msgspec

from engine import ids
from engine.addresses import AddressType
from engine.emissions import Emission
from engine.events import KINDS
from engine.suppressions import (
    SCOPES,
    AddressLeft,
    AddressRecord,
    AddressReported,
    AddressTaken,
    Scope,
    SuppressionAdded,
    SuppressionChanged,
    SuppressionReason,
    SuppressionRecorded,
    SuppressionRemoved,
)

MEMBERS_MAX: Final = 200
MEMBERS_MAX_BYTES: Final = 16 * 1024
"""Customers who are told, and their row keys together: one change is then 80 KB of records at most.
Whoever came earliest leaves; delivery still asks the row itself."""

SOFT_MAX: Final = 5
"""Soft bounces in a row that count as a hard one."""

SOFT_APART_MS: Final = 20 * 60 * 60 * 1000
"""Those of one campaign, or of a provider's bad day, are one: they count at most once a day."""


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """One reason; about 60 bytes without its note."""

    reason: SuppressionReason
    scope: Scope
    at: int
    """Epoch ms: when it was said, by whoever said it."""
    note: str = ""


class AddressState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """At most about 18 KB; 100 bytes as a rule."""

    kind: AddressType = "email"
    revision: int = 0
    """How often what members are told has changed."""
    marks: tuple[Mark, ...] = ()
    """One for each reason, as they came."""
    members: tuple[str, ...] = ()
    soft_count: int = 0
    soft_at: int = 0

    @property
    def standing(self) -> Mark | None:
        """The reason that is named: the first of those with the widest scope."""
        widest = [mark for mark in self.marks if mark.scope == "all"]
        return next(iter(widest or self.marks), None)


class _Told(NamedTuple):
    """What members know."""

    mark: Mark | None
    is_soft: bool


def advance(
    state: AddressState, counter: str, record: AddressRecord, *, now: int
) -> tuple[AddressState, list[Emission]]:
    """Apply a record; return the state with what is to be emitted."""
    if isinstance(record, SuppressionRecorded):
        return state, []
    after = _applied(state, record)
    if _told(after) != _told(state) or after.marks != state.marks:
        after = msgspec.structs.replace(after, revision=state.revision + 1)
    found: list[Emission] = []
    if after.marks != state.marks:
        found.append(_recorded(after, counter, record, now=now))
    if after.revision != state.revision:
        found += [_changed(after, counter, member, now=now) for member in after.members]
    elif isinstance(record, AddressTaken) and record.revision != after.revision:
        found.append(_changed(after, counter, record.customer, now=now))
    return after, found


def _applied(state: AddressState, record: AddressRecord) -> AddressState:
    match record:
        case AddressTaken():
            return _joined(msgspec.structs.replace(state, kind=record.kind), record.customer)
        case AddressLeft():
            left = tuple(one for one in state.members if one != record.customer)
            return msgspec.structs.replace(state, members=left)
        case AddressReported():
            return _reported(msgspec.structs.replace(state, kind=record.kind), record)
        case SuppressionAdded():
            mark = Mark(record.reason, record.scope, record.occurred_at, record.note)
            return _marked(msgspec.structs.replace(state, kind=record.kind), mark)
        case SuppressionRemoved():
            return msgspec.structs.replace(state, marks=(), soft_count=0, soft_at=0)
        case SuppressionRecorded():
            return state
        case _:
            assert_never(record)


def _joined(state: AddressState, customer: str) -> AddressState:
    members = [*(one for one in state.members if one != customer), customer]
    while len(members) > MEMBERS_MAX or sum(map(len, members)) > MEMBERS_MAX_BYTES:
        del members[0]
    return msgspec.structs.replace(state, members=tuple(members))


def _reported(state: AddressState, record: AddressReported) -> AddressState:
    match record.verdict:
        case "hard":
            return _because(state, "hard_bounce", record)
        case "complaint":
            return _because(state, "complaint", record)
        case "delivered":
            is_later = record.occurred_at >= state.soft_at
            return msgspec.structs.replace(state, soft_count=0) if is_later else state
        case "soft":
            if state.soft_count and record.occurred_at < state.soft_at + SOFT_APART_MS:
                return state
            count = state.soft_count + 1
            counted = msgspec.structs.replace(state, soft_count=count, soft_at=record.occurred_at)
            return _because(counted, "soft_bounces", record) if count >= SOFT_MAX else counted
        case _:
            assert_never(record.verdict)


def _because(
    state: AddressState, reason: SuppressionReason, record: AddressReported
) -> AddressState:
    return _marked(state, Mark(reason, SCOPES[reason], record.occurred_at))


def _marked(state: AddressState, mark: Mark) -> AddressState:
    """Note a reason; said again with another scope or note it is what was said last."""
    known = next((one for one in state.marks if one.reason == mark.reason), None)
    if known is None:
        return msgspec.structs.replace(state, marks=(*state.marks, mark))
    if (known.scope, known.note) == (mark.scope, mark.note):
        return state
    said = msgspec.structs.replace(mark, at=known.at)
    marks = tuple(said if one.reason == mark.reason else one for one in state.marks)
    return msgspec.structs.replace(state, marks=marks)


def _told(state: AddressState) -> _Told:
    mark = state.standing
    bare = None if mark is None else msgspec.structs.replace(mark, note="", at=0)
    return _Told(bare, state.soft_count > 0)


def _changed(state: AddressState, counter: str, customer: str, *, now: int) -> Emission:
    mark = state.standing
    event = SuppressionChanged(
        id=ids.derived("suppression_changed", counter, customer, state.revision, now),
        occurred_at=now,
        source="worker",
        address=counter.partition(":")[2],
        revision=state.revision,
        scope="" if mark is None else mark.scope,
        reason="" if mark is None else mark.reason,
        is_soft=state.soft_count > 0,
    )
    value = msgspec.json.encode(event)
    return Emission("events", value, key=customer, kind=KINDS[SuppressionChanged])


def _recorded(state: AddressState, counter: str, record: AddressRecord, *, now: int) -> Emission:
    mark = state.standing
    event = SuppressionRecorded(
        id=ids.derived("suppression_recorded", counter, state.revision),
        occurred_at=now,
        kind=state.kind,
        revision=state.revision,
        scope="" if mark is None else mark.scope,
        reason="" if mark is None else mark.reason,
        reasons=tuple(one.reason for one in state.marks),
        because=record.id,
        message_id=record.message_id if isinstance(record, AddressReported) else "",
        code=record.code if isinstance(record, AddressReported) else "",
        origin=_origin(record),
        note=getattr(record, "note", ""),
    )
    return Emission("shared", msgspec.json.encode(event), key=counter)


def _origin(record: AddressRecord) -> str:
    if isinstance(record, AddressReported):
        return "response"
    return record.reason if isinstance(record, SuppressionAdded) else "operator"

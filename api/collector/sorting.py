"""Each message of a request becomes a record of `events`, or a dead letter."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import msgspec

from api.collector import signatures
from api.collector.signatures import Signatures
from api.collector.submissions import Submission
from engine import ids
from engine.deadletters import DeadLetter
from engine.errors import RejectedError
from engine.intake import decoding, limits, messages
from engine.intake.arrivals import Arrival, Listing, Origin
from engine.intake.backoffice import KINDS
from engine.intake.messages import Call
from streams import topics, wire
from streams.records import Record

PLACE: Final = "collector"

TURN_MESSAGES: Final = 200
"""After so many messages, some 6 ms of work, other requests get their turn."""

Arrive: TypeAlias = Callable[[bytes, Origin, int], Arrival | Listing]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A message that will not reach `events`."""

    code: str
    message: str
    path: str
    """From the body: `batch[3].userId`."""


class Sorted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be appended, dead letters included, and what they are."""

    records: Sequence[Record]
    refusals: Sequence[Refusal]


def tracker(
    call: Call | None,
    rule: Signatures | None = None,
    *,
    read: Callable[[bytes], dict[str, object]] = decoding.message,
) -> Arrive:
    """Take messages of this call, or of the call each names itself; the rule says who must sign."""

    def arrive(payload: bytes, origin: Origin, position: int) -> Arrival:
        message, given = signatures.taken_off(read(payload))
        if signatures.FIELD in origin.context:
            given = origin.context[signatures.FIELD] if given is None else given
            shared = signatures.without(origin.context)
            origin = msgspec.structs.replace(origin, context=shared)
        arrival = messages.arrive(message, origin=origin, position=position, call=call)
        if rule is not None:
            rule.check(arrival.event, given, origin=origin)
        return arrival

    return arrive


def backoffice(kind: str) -> Arrive:
    """Take objects of this kind (`engine.intake.backoffice`)."""
    take = KINDS[kind]

    def arrive(payload: bytes, origin: Origin, _: int) -> Arrival | Listing:
        return take(decoding.message(payload, max_bytes=limits.OBJECT_MAX_BYTES), origin=origin)

    return arrive


async def sort(submission: Submission, *, origin: Origin, arrive: Arrive) -> Sorted:
    """Check every message; a bad one does not spoil the rest."""
    records: list[Record] = []
    refusals: list[Refusal] = []
    for position, payload in enumerate(submission.payloads):
        if position % TURN_MESSAGES == TURN_MESSAGES - 1:
            await asyncio.sleep(0)
        try:
            arrival = arrive(payload, origin, position)
            records.append(wire.record_of(arrival.key, arrival.event))
        except RejectedError as error:
            path = _path(position, error.path) if submission.is_batch else error.path
            refusal = Refusal(code=error.code, message=str(error), path=path)
            refusals.append(refusal)
            records.append(_dead_letter(refusal, payload, origin, position))
    return Sorted(records=records, refusals=refusals)


def _path(position: int, path: str) -> str:
    return f"batch[{position}].{path}" if path else f"batch[{position}]"


def _dead_letter(refusal: Refusal, payload: bytes, origin: Origin, position: int) -> Record:
    letter = DeadLetter(
        id=ids.derived(PLACE, origin.seed, position),
        place=PLACE,
        code=refusal.code,
        message=refusal.message,
        path=refusal.path,
        payload=payload[: limits.MESSAGE_MAX_BYTES],
        source=origin.source,
        at=origin.received_at,
    )
    return Record(topic=topics.DEAD_LETTERS.name, key=None, value=msgspec.json.encode(letter))

"""Effects in bytes on their way to a topic, and the outbox that holds them until they are there."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias, assert_never

import msgspec

from engine import keys
from engine.customer import Customer
from engine.deadletters import DeadLetter
from engine.effects import (
    AbandonClaim,
    CancelTimer,
    ClaimShared,
    Effect,
    RecordFact,
    ReleaseShared,
    ReportAddress,
    ReportCampaign,
    ScheduleTimer,
    SendMessage,
    StartCampaign,
)
from engine.errors import RejectedError
from engine.facts import Fact
from engine.messages import Message

EFFECT_MAX_BYTES: Final = 128 * 1024
"""A single effect above it is refused: it would not fit the outbox."""

EmissionTopic: TypeAlias = Literal[
    "messages", "facts", "events", "shared", "definitions", "dead-letters"
]


class Emission(msgspec.Struct, frozen=True, array_like=True):
    """An effect on its way out, as it will stand in the topic."""

    topic: EmissionTopic
    value: bytes
    key: str = ""
    """Row key or counter it goes to; empty is the emitting row's own."""
    kind: str = ""
    """Of an event."""
    is_forwarded: bool = False
    """A copy: the original stands in the log of the identity it came to."""
    origin: str = ""
    """Row key of that identity."""


class OutboxEntry(msgspec.Struct, frozen=True, array_like=True):
    """The emissions of one source record, kept until they are known to be delivered."""

    offset: int
    emissions: tuple[Emission, ...]


def of(customer: Customer, effects: Sequence[Effect]) -> Iterator[Emission]:
    """What of a decision leaves the row but claims (`engine.claiming`); errors as `emission`."""
    for effect in effects:
        match effect:
            case SendMessage(message=message):
                yield _of_message(message, customer)
            case RecordFact(fact=fact):
                yield emission("facts", fact)
            case ScheduleTimer() | CancelTimer() | StartCampaign():
                pass
            case ClaimShared() | ReleaseShared() | AbandonClaim():
                pass
            case ReportAddress() | ReportCampaign():
                pass
            case _:
                assert_never(effect)


def _of_message(message: Message, customer: Customer) -> Emission:
    """A message decided before a merge stays under its old key: the ledger that knows it is there.

    Raises:
        RejectedError: it is too large.
    """
    found = emission("messages", message)
    if message.customer == customer.id:
        return found
    return msgspec.structs.replace(found, key=keys.from_public_id(message.customer))


def emission(topic: EmissionTopic, body: Message | Fact | DeadLetter) -> Emission:
    """An effect in bytes.

    Raises:
        RejectedError: it is too large.
    """
    value = msgspec.json.encode(body)
    if len(value) > EFFECT_MAX_BYTES:
        raise RejectedError(
            "effect_too_large", f"an effect of {len(value)} bytes, at most {EFFECT_MAX_BYTES}"
        )
    return Emission(topic, value)

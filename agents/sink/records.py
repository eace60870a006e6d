"""Records of `messages`, `sends`, `facts` and `dead-letters` as rows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import msgspec

from agents.sink import catalogue, events, shared
from clickhouse.tables import (
    DeadLetterRow,
    FactRow,
    LogRow,
    MessageRow,
    SendRow,
    within_bounds,
)
from engine import keys
from engine.deadletters import DeadLetter
from engine.errors import RejectedError
from engine.facts import Fact
from engine.messages import Message
from engine.sends import Rendered, Send
from streams import topics, wire
from streams.records import FORWARDED_HEADER, Received

T = TypeVar("T")

_message: Final = msgspec.json.Decoder(Message)
_send: Final = msgspec.json.Decoder(Send)
_fact: Final = msgspec.json.Decoder(Fact)
_dead_letter: Final = msgspec.json.Decoder(DeadLetter)

_NOTHING: Final = Rendered(to="")


def message_row(record: Received) -> MessageRow:
    """A decided message.

    Raises:
        RejectedError: the value is none.
    """
    message, payload, key = _decoded(_message, record), _text(record.value), _text(record.key)
    return MessageRow(
        log_partition=record.partition,
        log_offset=record.offset,
        logged_at=within_bounds(record.logged_at),
        key=key,
        payload=payload,
        id=message.id,
        customer=message.customer,
        at=within_bounds(message.decided_at),
        caused_at=within_bounds(message.caused_at),
        expires_at=within_bounds(message.expires_at),
        channel=message.channel,
        to=message.to,
        campaign=message.campaign,
        version=message.version,
        trigger=message.trigger,
        instance=message.instance,
        step=message.step,
        template=message.template,
        template_version=message.template_version,
        message_class=message.message_class,
        category=message.category or "",
    )


def send_row(record: Received) -> SendRow:
    """An entry of the ledger.

    Raises:
        RejectedError: the value is none.
    """
    send = _decoded(_send, record)
    rendered = send.rendered or _NOTHING
    return SendRow(
        log_partition=record.partition,
        log_offset=record.offset,
        logged_at=within_bounds(record.logged_at),
        id=send.id,
        attempt=send.attempt,
        state=send.state,
        at=within_bounds(send.at),
        customer=send.customer,
        channel=send.channel,
        campaign=send.campaign,
        version=send.version,
        step=send.step,
        template=send.template,
        writer=send.writer,
        provider=send.provider,
        code=send.code or "",
        reason=send.reason or "",
        is_rendered=send.rendered is not None,
        to=rendered.to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=rendered.headers,
    )


def fact_row(record: Received) -> FactRow:
    """A decision and its reason.

    Raises:
        RejectedError: the value is none.
    """
    fact = _decoded(_fact, record)
    return FactRow(
        log_partition=record.partition,
        log_offset=record.offset,
        logged_at=within_bounds(record.logged_at),
        id=fact.id,
        customer=fact.customer,
        kind=fact.kind,
        at=within_bounds(fact.at),
        campaign=fact.campaign,
        version=fact.version,
        trigger=fact.trigger,
        instance=fact.instance,
        step=fact.step or "",
        message_id=fact.message_id or "",
        reason=fact.reason or "",
        name=fact.name,
        before=fact.before,
        after=fact.after,
        cause=fact.cause,
        origin=fact.origin,
        why="" if fact.why is None else msgspec.json.encode(fact.why).decode(),
    )


def dead_letter_row(record: Received) -> DeadLetterRow:
    """What somebody refused.

    Raises:
        RejectedError: the value is none.
    """
    letter = _decoded(_dead_letter, record)
    return DeadLetterRow(
        log_partition=record.partition,
        log_offset=record.offset,
        logged_at=within_bounds(record.logged_at),
        id=letter.id,
        place=letter.place,
        code=letter.code,
        message=letter.message,
        path=letter.path,
        payload=letter.payload,
        source=letter.source,
        at=within_bounds(letter.at),
        customer=_customer(record.key),
    )


ROW_OF: Final[Mapping[str, Callable[[Received], LogRow]]] = {
    topics.EVENTS.name: events.row_of,
    topics.MESSAGES.name: message_row,
    topics.SENDS.name: send_row,
    topics.FACTS.name: fact_row,
    topics.SHARED.name: shared.row_of,
    topics.CATALOGUE.name: catalogue.row_of,
    topics.DEAD_LETTERS.name: dead_letter_row,
}
"""By topic; each raises RejectedError for what is no record of its topic."""


def originals(found: Sequence[Received]) -> list[Received]:
    """Leave out what a forward passed on: the original is stored under the same id."""
    return [record for record in found if FORWARDED_HEADER not in record.headers]


def is_dead_letter_of(place: str, record: Received) -> bool:
    """Whether the record is a dead letter that was written there."""
    if record.topic != topics.DEAD_LETTERS.name:
        return False
    try:
        return _decoded(_dead_letter, record).place == place
    except RejectedError:
        return False


def _decoded(decoder: "msgspec.json.Decoder[T]", record: Received) -> T:
    try:
        return decoder.decode(record.value or b"")
    except wire.UNDECODABLE as error:
        raise RejectedError("undecodable", str(error)) from error


def _customer(key: bytes | None) -> str:
    """Whose row the key names; a shop's own topics are keyed as it likes."""
    try:
        return keys.public_id(keys.row_key(key or b""))
    except RejectedError:
        return ""


def _text(data: bytes | None) -> str:
    try:
        return (data or b"").decode()
    except UnicodeDecodeError as error:
        raise RejectedError("undecodable", str(error)) from error

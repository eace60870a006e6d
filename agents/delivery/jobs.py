"""A record of `messages` on its way, and the records that come of it."""

from typing import Final

import msgspec

from agents import deadletters
from agents.delivery.decisions import Ended
from channels.errors import RenderError
from channels.links import Origin
from engine import faults, ids
from engine.baseevent import BaseEvent
from engine.errors import RejectedError
from engine.events import KINDS, RecheckRequested, Responded
from engine.faults import CampaignFailed
from engine.messages import Message
from streams import topics, wire
from streams.records import KIND_HEADER, Received, Record

PLACE: Final = "delivery"

MESSAGE_MAX_BYTES: Final = 900_000
"""A recheck carries the message whole, in one record."""

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(Message).decode


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One message to deliver, and where it stands."""

    message: Message
    key: bytes
    """Row key: responses and ledger entries go to the same customer's log."""
    partition: int
    offset: int
    logged_at: int

    @property
    def origin(self) -> Origin:
        """What the links of the message carry."""
        message = self.message
        return Origin(
            message_id=message.id,
            customer_key=self.key.decode(),
            campaign=message.campaign,
            channel=message.channel,
            template=message.template,
            template_version=message.template_version,
        )


def read(record: Received) -> Job:
    """Read a record of `messages`.

    Raises:
        RejectedError: it is none.
    """
    try:
        message = _decode(record.value or b"")
        key = record.key or b""
        key.decode()
    except wire.UNDECODABLE as error:
        raise RejectedError("invalid_message", str(error)) from error
    if len(record.value or b"") > MESSAGE_MAX_BYTES:
        raise RejectedError("message_too_large", f"more than {MESSAGE_MAX_BYTES} bytes")
    if not key:
        raise RejectedError("invalid_message", "a message without a key is nobody's")
    return Job(
        message=message,
        key=key,
        partition=record.partition,
        offset=record.offset,
        logged_at=record.logged_at,
    )


def response(job: Job, ended: Ended) -> Record:
    """Tell the customer's row; the same outcome has the same id, however often it is told."""
    message = job.message
    return _event(
        job,
        Responded(
            id=ids.derived(message.id, ended.state),
            occurred_at=ended.at,
            source=PLACE,
            message_id=message.id,
            channel=message.channel,
            campaign=message.campaign,
            response=ended.state,
            code=ended.code,
            reason=ended.reason,
        ),
    )


def recheck(job: Job, *, at: int) -> Record:
    """Ask the worker to admit the message anew; once for each time it was appended."""
    event_id = ids.derived("recheck", job.message.id, job.partition, job.offset)
    return _event(
        job, RecheckRequested(id=event_id, occurred_at=at, source=PLACE, message=job.message)
    )


def dead_letter(job: Job, error: RenderError, *, at: int) -> Record:
    """Keep what could not be filled, for whoever repairs the template."""
    return deadletters.refused(
        PLACE,
        RejectedError(error.code, str(error), path=error.part),
        key=job.key,
        payload=_encode(job.message),
        source=f"{topics.MESSAGES.name}/{job.partition}/{job.offset}",
        at=at,
    )


def report(found: CampaignFailed) -> Record:
    """Tell the campaign's row of `shared`."""
    key = faults.counter(found.campaign).encode()
    return Record(topic=topics.SHARED.name, key=key, value=_encode(found))


def _event(job: Job, event: BaseEvent) -> Record:
    kind = KINDS[type(event)]
    return Record(
        topic=topics.EVENTS.name,
        key=job.key,
        value=_encode(event),
        headers=((KIND_HEADER, kind.encode()),),
    )

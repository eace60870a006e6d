"""Events of one customer, put into ClickHouse as the sink would."""

from collections.abc import Sequence

from agents.sink import events
from clickhouse.client import Writer
from clickhouse.tables import EventRow
from engine import keys
from engine.baseevent import BaseEvent
from streams import wire
from streams.records import Received

NOON = 1_795_348_800_000


def row(event: BaseEvent, *, offset: int, customer: str) -> EventRow:
    """The event as a row."""
    record = wire.record_of(keys.from_public_id(customer), event)
    return events.row_of(
        Received(
            topic=record.topic,
            partition=0,
            offset=offset,
            key=record.key,
            value=record.value,
            headers=dict(record.headers),
            logged_at=NOON + offset,
        )
    )


async def stored(writer: Writer, happened: Sequence[BaseEvent], *, customer: str = "c") -> None:
    """All of them, in this order of the log."""
    await writer.insert(
        [row(event, offset=place, customer=customer) for place, event in enumerate(happened)]
    )

"""The baseline: the same engine under Faust as its manual shows it, event by event.

An agent, a table, `topic.send`; every setting as it comes, but for the group's times, which are
our worker's. It does less: no ids of batches, no outbox, no fencing, and it may lose or repeat
records in a crash (docs/decisions/0003). Decoded rows are kept beside the table, as our worker
keeps them, so that the ratio is Faust's and not the codec's.
"""

from typing import Any, Final

import faust
from faust.types import StreamT

import settings
from benchmarks import campaigns
from engine import rows as engine_rows
from engine.rows import Arrival, Row
from settings import Settings
from streams import topics, wire
from streams.records import KIND_HEADER
from tables import rows

DEFINITIONS: Final = campaigns.folded_from(campaigns.changes(["cart"]))


def make_app(config: Settings) -> faust.App:
    """The whole worker."""
    app = faust.App(
        "plain-faust",
        broker=f"kafka://{config.broker}",
        store="memory://",
        topic_partitions=config.partitions,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        key_serializer="raw",
        value_serializer="raw",
        broker_session_timeout=config.session_timeout_s,
        broker_heartbeat_interval=config.session_timeout_s / 3,
        broker_rebalance_timeout=10.0,
    )
    events = app.topic(topics.EVENTS.name, key_type=bytes, value_type=bytes)
    effects = {
        name: app.topic(name, key_type=bytes, value_type=bytes)
        for name in (topics.MESSAGES.name, topics.FACTS.name)
    }
    table = app.Table("customers", key_type=bytes, value_type=bytes)
    decoded: dict[bytes, Row] = {}

    @app.agent(events)
    async def decide(stream: StreamT[Any]) -> None:
        async for event in stream.events():
            if event.headers[KIND_HEADER] == b"switch":
                continue
            key: Any = event.key
            row = decoded.get(key) or _row(key, table.get(key))
            found = wire.decode_event(event.value, None).event
            at = round(event.message.timestamp * 1000)
            arrival = Arrival(event=found, logged_at=at)
            emissions = engine_rows.advance(row, arrival, DEFINITIONS)
            if isinstance(emissions, str):
                continue
            decoded[key] = row
            table[key] = rows.encode(row, epoch=0, version=0, offset=event.message.offset)
            for emission in emissions:
                await effects[emission.topic].send(key=key, value=emission.value)

    return app


def _row(key: bytes, stored: bytes | None) -> Row:
    return engine_rows.blank(key.decode()) if stored is None else rows.decode(stored).row


def main() -> None:
    """Run until told to stop."""
    config = settings.load()
    faust.Worker(make_app(config), loglevel=config.log_level).execute_from_commandline()


if __name__ == "__main__":
    main()

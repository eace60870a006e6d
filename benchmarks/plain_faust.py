"""The baseline: the same engine under Faust as its manual shows it, event by event.

An agent, a table, `topic.send`; every setting as it comes, but for the group's times, which are
our worker's. It does less: no ids of batches, no outbox, no fencing, and it may lose or repeat
records in a crash (docs/decisions/0003). Decoded rows are kept beside the table, as our worker
keeps them, so that the ratio is Faust's and not the codec's.
"""

import time
from typing import Any, Final

import faust
import msgspec
from faust.types import StreamT

import settings
from benchmarks import campaigns, shop
from engine import rows
from engine.rows import Arrival, Row
from settings import Settings
from streams import topics, wire
from streams.records import KIND_HEADER
from tables import rows as stored

DEFINITIONS: Final = campaigns.folded_from(campaigns.changes(["cart"]))


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the customers that events came for, and when the last event was done."""

    ended_at: int
    """Epoch ms."""
    digest: str


class State:
    """What it did, told when it ends."""

    def __init__(self) -> None:
        self.rows: dict[bytes, Row] = {}
        self.ended_at = 0

    def tell(self) -> None:
        """Print it for whoever measures.

        The embedded broker takes minutes to give back as many batches of one record as are
        written here, so nobody reads the changelog.
        """
        customers = {key: row.customer for key, row in self.rows.items()}
        outcome = Outcome(ended_at=self.ended_at, digest=shop.digest(customers))
        print(msgspec.json.encode(outcome).decode(), flush=True)


def make_app(config: Settings, state: State) -> faust.App:
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

    @app.agent(events)
    async def decide(stream: StreamT[Any]) -> None:
        async for event in stream.events():
            if event.headers[KIND_HEADER] == b"switch":
                continue
            key: Any = event.key
            row = state.rows.get(key) or _row(key, table.get(key))
            found = wire.decode_event(event.value, None).event
            at = round(event.message.timestamp * 1000)
            emissions = rows.advance(row, Arrival(event=found, logged_at=at), DEFINITIONS)
            if isinstance(emissions, str):
                continue
            state.rows[key] = row
            table[key] = stored.encode(row, epoch=0, version=0, offset=event.message.offset)
            for emission in emissions:
                await effects[emission.topic].send(key=key, value=emission.value)
            state.ended_at = time.time_ns() // 1_000_000

    return app


def _row(key: bytes, value: bytes | None) -> Row:
    return rows.blank(key.decode()) if value is None else stored.decode(value).row


def main() -> None:
    """Run until told to stop, then tell."""
    config = settings.load()
    state = State()
    app = make_app(config, state)

    @app.on_before_shutdown.connect
    async def tell(*_: object, **__: object) -> None:
        state.tell()

    worker = faust.Worker(app, loglevel=config.log_level, redirect_stdouts=False)
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()

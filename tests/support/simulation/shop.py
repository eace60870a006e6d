"""What happens outside: customers, some through the collector, some through the door."""

import random

import msgspec

from engine import rows
from engine.events import CartItemAdded, Identified, OrderCompleted, SourceEvent
from engine.products import Product
from engine.rows import Cause
from streams import topics, wire
from streams.records import Record
from tests.support.simulation.world import Process, World

CUSTOMERS = ("u:anna", "u:ben", "u:cleo")


class Shop:
    """Keeps its own books, so that the checker does not have to believe ours."""

    def __init__(self, world: World, *, events: int) -> None:
        self.world = world
        self.accepted: dict[str, set[str]] = {key: set() for key in CUSTOMERS}
        self._left = events
        self._restocking = random.Random(-1 - world.seed)  # noqa: S311 a simulation

    @property
    def is_done(self) -> bool:
        """Nothing more will happen."""
        return self._left == 0

    def run(self) -> Process:
        """One event after the other; some are retried at once, as trackers do."""
        rng = self.world.rng
        while self._left:
            self._left -= 1
            key = rng.choice(CUSTOMERS)
            event = self._event(f"{key}/{self._left}")
            self.accepted[key].add(event.id)
            topic = rng.choice((topics.EVENTS.name, topics.TRACKER.name))
            # The ring of ids is tiny here, and what waits at the door meets it late.
            times = rng.choice((1, 1, 1, 2)) if topic == topics.EVENTS.name else 1
            for _ in range(times):
                record = wire.record_of(key, event)
                self.world.append(msgspec.structs.replace(record, topic=topic))
            if rng.random() < 0.03:
                idle = rng.choice(("20s", "40s"))
                self.world.change(_campaign(idle))
            self._restock()
            self.world.now += rng.choice((1, 10, 1_000, 15_000))
            yield

    def _restock(self) -> None:
        """By chance of its own, so that it does not change what else happens in a seed."""
        chance = self._restocking
        if chance.random() < 0.03:
            self.world.list_product(chance.choice("abc"), chance.choice(("lamps", "chairs")))

    def _event(self, event_id: str) -> SourceEvent:
        rng, at = self.world.rng, self.world.now
        kind = rng.random()
        if kind < 0.6:
            product = Product(id=rng.choice("abc"))
            return CartItemAdded(id=event_id, occurred_at=at, product=product)
        if kind < 0.8:
            return Identified(
                id=event_id,
                occurred_at=at,
                traits={"email": "c@example.com"},
                subscriptions={"email": rng.random() < 0.8},
            )
        return OrderCompleted(id=event_id, occurred_at=at, order_id=event_id)


def door(world: World, run: str) -> Process:
    """The door's agent: one record in, one out, with its cause; then the commit."""
    position = world.committed["door"]
    while True:
        log = world.log(topics.TRACKER.name)
        if position < len(log):
            record = log[position]
            assert record.key is not None
            event = wire.decode_event(record.value, None).event
            cause = Cause("tracker/0", record.offset, 0)
            world.append(wire.record_of(record.key.decode(), event, cause=cause))
            position += 1
            yield
        if world.rng.random() < 0.2:
            world.commit("door", run, position)
        yield


def produce(world: World, records: list[Record]) -> Process:
    """Append in order; whoever crashes in between has lost the rest."""
    for record in records:
        world.append(record)
        if record.topic not in world.unread and world.rng.random() < 0.5:
            yield


def _campaign(idle: str) -> dict[str, object]:
    return {
        "id": "cart-reminder",
        "triggers": [{"id": "t", "type": "T01", "params": {"idle": idle}}],
        "start": "s1",
        "steps": {"s1": {"type": "send", "channel": "email", "template": "cart-mail"}},
    }


def shrink_memory() -> dict[str, int]:
    """Bounds of the ring of seen ids so small that a door's replay outlives them."""
    return {"SEEN_MIN": 3, "SEEN_FOR_MS": 1_000, "SEEN_MAX": rows.SEEN_MAX}

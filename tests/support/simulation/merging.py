"""Identities that become one person while workers crash: several partitions, a worker for each."""

from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from agents.worker.recovery import Recovery
from engine.events import (
    Aliased,
    CartItemAdded,
    Identified,
    OrderCompleted,
    PageViewed,
    SourceEvent,
)
from engine.products import Product
from engine.rows import Row
from streams import topics, wire
from tables import rows
from tests.support import replaying
from tests.support.simulation.sharing import KEYED, Share, number_of
from tests.support.simulation.working import Worker
from tests.support.simulation.world import Process, World
from tests.support.simulation.zombies import Zombies

PARTITIONS = 3
CRASH_RATIO = 0.02
CRASHES_MAX = 25
STEPS_MAX = 60_000

DEVICES = ("d1", "d2")
ADDRESS = "ada@shop.io"
IDENTITIES = ("u:ada", "a:d1", "a:d2", f"e:{ADDRESS}")
"""All one person; an order by email alone is the back office's."""


class Books(NamedTuple):
    """The shop's own, so that the checker does not have to believe ours."""

    events: set[str]
    orders: set[str]


class Shop:
    """One person, by several ids; what shows them to be one comes at any time, from any side."""

    def __init__(self, world: Share, *, events: int) -> None:
        self.world = world
        self.books = Books(set(), set())
        self._left = events

    @property
    def is_done(self) -> bool:
        """Nothing more will happen."""
        return self._left == 0

    def run(self) -> Process:
        """Events, some retried at once; the last ones show every identity, if none did before."""
        rng = self.world.rng
        while self._left:
            self._left -= 1
            key, event = self._closing() if self._left < len(DEVICES) else self._event()
            self.books.events.add(event.id)
            for _ in range(rng.choice((1, 1, 1, 2))):
                self.world.append(wire.record_of(key, event))
            self.world.now += rng.choice((1, 10, 100, 1_000, 15_000))
            yield

    def _closing(self) -> tuple[str, SourceEvent]:
        return "u:ada", self._shows(DEVICES[self._left])

    def _event(self) -> tuple[str, SourceEvent]:
        rng = self.world.rng
        kind = rng.random()
        if kind < 0.15:
            return "u:ada", self._shows(rng.choice(DEVICES))
        if kind < 0.25:
            device, other = rng.sample(DEVICES, 2)
            return f"a:{device}", Aliased(
                id=self._id(), occurred_at=self.world.now, anonymous_id=device, previous_id=other
            )
        return rng.choice(IDENTITIES), self._happens()

    def _shows(self, device: str) -> SourceEvent:
        return Identified(
            id=self._id(),
            occurred_at=self.world.now,
            user_id="ada",
            anonymous_id=device,
            traits={"email": ADDRESS},
            subscriptions={"email": True},
        )

    def _happens(self) -> SourceEvent:
        rng, at, event_id = self.world.rng, self.world.now, self._id()
        kind = rng.random()
        if kind < 0.5:
            return CartItemAdded(id=event_id, occurred_at=at, product=Product(id=rng.choice("abc")))
        if kind < 0.7:
            self.books.orders.add(event_id)
            return OrderCompleted(id=event_id, occurred_at=at, order_id=event_id, total=Decimal(10))
        return PageViewed(id=event_id, occurred_at=at)

    def _id(self) -> str:
        return f"e{self._left}"


class MergeSimulation:
    """One seed."""

    def __init__(self, seed: int, *, events: int = 50) -> None:
        self.world = World(seed)
        self.shares = [Share(self.world, n, partitions=PARTITIONS) for n in range(PARTITIONS)]
        self.shop = Shop(self.shares[0], events=events)
        self._shopping: Process | None = self.shop.run()
        self._runs: Counter[int] = Counter()
        self._workers: dict[int, Worker] = {}
        self._processes: dict[int, Process] = {}
        self._zombies = Zombies(self.world.rng)
        for number in range(PARTITIONS):
            self._start(number)

    def run(self) -> None:
        """Until everything has come to rest."""
        rng = self.world.rng
        for _ in range(STEPS_MAX):
            if self._is_over():
                return
            self._zombies.step()
            if self.shop.is_done:
                self.world.now += rng.choice((1, 10, 100, 1_000))
            turn = rng.randrange(PARTITIONS + 1)
            if turn == PARTITIONS:
                self._shop()
            elif self._may_crash() and rng.random() < CRASH_RATIO:
                self._crash(turn)
            else:
                next(self._processes[turn], None)
        raise AssertionError("never came to rest")

    def violations(self) -> list[str]:
        """Everything promised that does not hold."""
        final = self._final_rows()
        return [*self._wrong_person(final), *self._wrong_replays(final)]

    def _shop(self) -> None:
        if self._shopping is not None and next(self._shopping, "ended") == "ended":
            self._shopping = None

    def _may_crash(self) -> bool:
        return not self.shop.is_done or self._runs.total() < CRASHES_MAX

    def _is_over(self) -> bool:
        return (
            self._shopping is None
            and not self._zombies
            and all(self._is_at_rest(number) for number in range(PARTITIONS))
        )

    def _is_at_rest(self, number: int) -> bool:
        worker = self._workers[number]
        return (
            worker.is_idle
            and worker.partition is not None
            and worker.partition.switched_to.definitions == self.world.history.current.offset
            and all(
                not worker.partition.row(key.encode()).timers
                for key in IDENTITIES
                if number_of(key.encode(), PARTITIONS) == number
            )
        )

    def _start(self, number: int) -> None:
        self._runs[number] += 1
        run = f"w{number}-{self._runs[number]}"
        share = self.shares[number]
        share.owners["worker"] = run
        self._workers[number] = Worker(share, run, number=number)
        self._processes[number] = self._workers[number].run()

    def _crash(self, number: int) -> None:
        self._zombies.end(self._processes[number])
        self._start(number)

    def _final_rows(self) -> dict[bytes, Row]:
        found: dict[bytes, Row] = {}
        for share in self.shares:
            restored = Recovery()
            changelog = share.log(topics.CUSTOMERS_CHANGELOG.name)
            restored.read((record.key, record.value) for record in changelog)
            found |= {key: rows.decode(value).row for key, value in restored.rows.items()}
        return found

    def _wrong_person(self, final: dict[bytes, Row]) -> list[str]:
        """Compare with the shop's books: one survivor has everything, once."""
        wrong = []
        for key in IDENTITIES:
            survivor = key
            while (row := final.get(survivor.encode())) is not None and row.forward:
                survivor = row.forward
            if survivor != "u:ada":
                wrong.append(f"{key} leads to {survivor}")
        ada = final[b"u:ada"].customer
        if ada.events_count != len(self.shop.books.events):
            wrong.append(f"{ada.events_count} events, {len(self.shop.books.events)} happened")
        if ada.orders.count != len(self.shop.books.orders):
            wrong.append(f"{ada.orders.count} orders, {len(self.shop.books.orders)} made")
        return wrong

    def _wrong_replays(self, final: dict[bytes, Row]) -> list[str]:
        """Compare with owners that never crashed, over the same logs."""
        wrong = []
        expected: dict[str, set[bytes]] = {}
        for share in self.shares:
            clean, effects = replaying.replay(share.log(topics.EVENTS.name), self.world.history)
            for topic, values in effects.items():
                expected.setdefault(topic, set()).update(values)
            wrong += [
                f"{key!r}: state differs"
                for key, row in final.items()
                if number_of(key, PARTITIONS) == share.number
                and _bare(row) != _bare(clean.row(key))
            ]
        for topic, values in expected.items():
            found = self._found(topic)
            if found != values:
                wrong.append(f"{topic}: {len(values - found)} lost, {len(found - values)} wrong")
        return wrong

    def _found(self, topic: str) -> set[bytes]:
        if topic not in KEYED:
            return {record.value or b"" for record in self.world.log(topic)}
        return {
            record.value or b""
            for share in self.shares
            for record in share.log(topic)
            if record.cause is not None and record.cause.startswith(b"events/")
        }


def _bare(row: Row) -> tuple[object, ...]:
    """What the log alone decides: outboxes are let go of at the writer's own pace."""
    return row.customer, row.forward, row.links, row.seen, row.merges_count, row.freeze

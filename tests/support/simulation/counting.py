"""Customers in two partitions and counters in one, each with a worker that crashes or lingers."""

from collections import Counter
from typing import Any, NamedTuple

import msgspec

from agents.worker.owner import CUSTOMERS, SHARED, Table
from agents.worker.recovery import Recovery
from engine.claims import ClaimAnswer, Claimed, Released, SharedEvent
from engine.events import Event, Tracked
from engine.facts import Fact, FactKind
from engine.rows import Row, hashed
from engine.shared.counters import CounterRow
from streams import topics, wire
from tables import counters, rows
from tests.support import replaying
from tests.support.simulation import claimants
from tests.support.simulation.sharing import Share
from tests.support.simulation.working import Worker
from tests.support.simulation.world import Process, World
from tests.support.simulation.zombies import Zombies

PARTITIONS = 2
CRASH_RATIO = 0.02
CRASHES_MAX = 30
STEPS_MAX = 60_000

CUSTOMER_KEYS = ("u:anna", "u:ben", "u:cleo", "u:dora", "u:eve")
COUNTER_KEYS = (claimants.TOTAL, claimants.CAPPED)

_decode = msgspec.json.Decoder(SharedEvent).decode

Place = tuple[str, int]
"""The claim's id, and the number of its grant."""


class Part(NamedTuple):
    """One table's partition."""

    table: Table[Any]
    number: int

    @property
    def name(self) -> str:
        """For owners and runs."""
        return f"{self.table.name}/{self.number}"


PARTS = tuple(Part(table, n) for table in (CUSTOMERS, SHARED) for n in range(PARTITIONS))


class Crowd:
    """Everybody joins, leaves and forgets, again and again."""

    def __init__(self, world: Share, *, events: int) -> None:
        self.world = world
        self._left = events

    @property
    def is_done(self) -> bool:
        """Nothing more will happen."""
        return self._left == 0

    def run(self) -> Process:
        """One event after the other."""
        rng = self.world.rng
        while self._left:
            self._left -= 1
            action = rng.choice(("join",) * 5 + ("leave",) * 4 + ("spend",))
            event = Tracked(
                id=f"e{self._left}",
                occurred_at=self.world.now,
                name=f"{action} {rng.choice(list(claimants.COUNTERS))}",
            )
            self.world.append(wire.record_of(rng.choice(CUSTOMER_KEYS), event))
            self.world.now += rng.choice((1, 10, 100, 1_000, 5_000))
            yield


class SharedSimulation:
    """One seed: customers, and what is counted across them."""

    def __init__(self, seed: int, *, crowd: type[Crowd], events: int = 60) -> None:
        self.world = World(seed)
        self.shares = [Share(self.world, n, partitions=PARTITIONS) for n in range(PARTITIONS)]
        self.crowd = crowd(self.shares[0], events=events)
        self._crowding: Process | None = self.crowd.run()
        self._runs: Counter[str] = Counter()
        self._workers: dict[Part, Worker] = {}
        self._processes: dict[Part, Process] = {}
        self._zombies = Zombies(self.world.rng)
        for part in PARTS:
            self._start(part)

    def run(self) -> None:
        """Until everything has come to rest."""
        rng = self.world.rng
        for _ in range(STEPS_MAX):
            if self._is_over():
                return
            self._zombies.step()
            if self.crowd.is_done:
                self.world.now += rng.choice((1, 10, 100))
            turn = rng.choice((None, *PARTS))
            if turn is None:
                self._crowd()
            elif self._may_crash() and rng.random() < CRASH_RATIO:
                self._zombies.end(self._processes[turn])
                self._start(turn)
            else:
                next(self._processes[turn], None)
        raise AssertionError("never came to rest")

    def _crowd(self) -> None:
        if self._crowding is not None and next(self._crowding, "ended") == "ended":
            self._crowding = None

    def _may_crash(self) -> bool:
        return not self.crowd.is_done or self._runs.total() < CRASHES_MAX

    def _start(self, part: Part) -> None:
        self._runs[part.name] += 1
        run = f"{part.name}-{self._runs[part.name]}"
        share = self.shares[part.number]
        share.owners[part.table.part] = run
        self._workers[part] = Worker(share, run, number=part.number, table=part.table)
        self._processes[part] = self._workers[part].run()

    def _is_over(self) -> bool:
        return (
            self._crowding is None
            and not self._zombies
            and all(self._is_at_rest(part) for part in PARTS)
        )

    def _is_at_rest(self, part: Part) -> bool:
        worker = self._workers[part]
        if not worker.is_idle or worker.partition is None:
            return False
        if part.table is SHARED:
            return True
        return worker.partition.switched_to == self.world.newest() and all(
            not row.timers for row in self.customers().values()
        )

    def customers(self) -> dict[bytes, Row]:
        """The rows as the changelog has them."""
        return {
            key: rows.decode(value).row for key, value in self._stored(CUSTOMERS.changelog).items()
        }

    def counters(self) -> dict[bytes, CounterRow]:
        """The same of what is counted."""
        stored = self._stored(SHARED.changelog)
        return {key: counters.decode(value)[1] for key, value in stored.items()}

    def _stored(self, changelog: str) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        for share in self.shares:
            restored = Recovery()
            restored.read((record.key, record.value) for record in share.log(changelog))
            found |= restored.rows
        return found

    def wrong_replays(self) -> list[str]:
        """Compare with owners that never crashed, over the same logs."""
        wrong: list[str] = []
        expected: dict[str, set[bytes]] = {topics.SHARED.name: set(), topics.EVENTS.name: set()}
        stored: dict[bytes, Any] = {**self.customers(), **self.counters()}
        for table, number in PARTS:
            log = self.shares[number].log(table.topic)
            clean, effects = replaying.replay(log, self.world.history, table=table)
            for topic, values in expected.items():
                values.update(effects[topic])
            wrong += [
                f"{key!r}: state differs"
                for key in {record.key for record in log if record.key}
                if _bare(stored[key]) != _bare(clean.row(key))
            ]
        for topic, values in expected.items():
            found = self._appended(topic)
            if found != values:
                wrong.append(f"{topic}: {len(values - found)} lost, {len(found - values)} wrong")
        return wrong

    def _appended(self, topic: str) -> set[bytes]:
        return {
            record.value or b""
            for share in self.shares
            for record in share.log(topic)
            if record.cause is not None
        }


class ClaimSimulation(SharedSimulation):
    """Claims, grants and what is given back."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, crowd=Crowd)
        self._known_numbers: dict[Place, int] | None = None

    def violations(self) -> list[str]:
        """Everything promised that does not hold."""
        return [
            *self._exceeded(),
            *self._unanswered(),
            *self._leaked(),
            *self.wrong_replays(),
        ]

    @property
    def granted_again(self) -> int:
        """Grants of the counter without a window beyond its limit: of places given back."""
        return sum(counter == claimants.TOTAL for _, counter in self._taken()) - claimants.LIMIT

    def _records(self) -> list[tuple[str, SharedEvent, int]]:
        """Each record of `shared` once, where it stands first, with its counter's log time."""
        found: dict[str, tuple[str, SharedEvent, int]] = {}
        now: Counter[bytes] = Counter()
        for share in self.shares:
            for record in share.log(topics.SHARED.name):
                key = record.key or b""
                now[key] = max(now[key], record.logged_at)
                event = _decode(record.value or b"")
                found.setdefault(event.id, (key.decode(), event, now[key]))
        return list(found.values())

    def _taken(self) -> dict[tuple[Place, str], int]:
        """Grants that a customer has entered with, by place and counter, and when."""
        entered = self._told("entered")
        return {
            ((event.claim_id, event.number), counter): now
            for counter, event, now in self._records()
            if isinstance(event, Claimed) and (event.claim_id, event.number) in entered
        }

    def _told(self, kind: FactKind) -> set[Place]:
        """Places that customers say they took (`entered`) or gave back (`exited`)."""
        return {
            (fact.name, int(fact.after or 0))
            for record in self.world.log(topics.FACTS.name)
            if (fact := msgspec.json.decode(record.value or b"", type=Fact)).kind == kind
        }

    def _exceeded(self) -> list[str]:
        """Count by the order of the log and who says to be in; the counters' rows are not asked."""
        taken, left, wrong = self._taken(), self._told("exited"), []
        live: dict[str, dict[Place, int]] = {key: {} for key in COUNTER_KEYS}
        for counter, event, now in self._records():
            if isinstance(event, Released) and (event.claim_id, event.grant) in left:
                live[counter].pop((event.claim_id, event.grant), None)
            if isinstance(event, Claimed) and ((event.claim_id, event.number), counter) in taken:
                live[counter] = _living(live[counter], counter, now)
                live[counter][event.claim_id, event.number] = now
                if len(live[counter]) > claimants.LIMIT:
                    wrong.append(f"{counter}: {len(live[counter])} at {now}")
                wrong += self._shared_places(counter, live[counter], at=now)
        return wrong

    def _shared_places(self, counter: str, live: dict[Place, int], *, at: int) -> list[str]:
        """Numbers that two have at once, or that are none of the counter's."""
        numbers = self._numbers()
        found = [numbers[place] for place in live if place in numbers]
        if counter != claimants.TOTAL:
            return []
        is_right = len(set(found)) == len(live) and set(found) <= set(range(claimants.LIMIT))
        return [] if is_right else [f"{counter}: places {sorted(found)} at {at}"]

    def _numbers(self) -> dict[Place, int]:
        """By grant, the place that whoever entered with it was told."""
        if self._known_numbers is None:
            self._known_numbers = {
                (fact.name, int(fact.after or 0)): int(fact.before)
                for record in self.world.log(topics.FACTS.name)
                if (fact := msgspec.json.decode(record.value or b"", type=Fact)).kind == "entered"
                and fact.before is not None
            }
        return self._known_numbers

    def _unanswered(self) -> list[str]:
        answered = {
            (event.claim_id, event.number)
            for share in self.shares
            for record in share.log(topics.EVENTS.name)
            if record.key
            and isinstance(
                event := msgspec.json.decode(record.value or b"", type=Event), ClaimAnswer
            )
        }
        claimed = {
            (event.claim_id, event.number)
            for _, event, _ in self._records()
            if isinstance(event, Claimed)
        }
        return [f"{claim} was never answered" for claim in sorted(claimed - answered)]

    def _leaked(self) -> list[str]:
        """Whatever place a counter holds at the end, somebody took and did not give back."""
        taken, wrong = self._taken(), []
        left = self._told("exited")
        for key, row in self.counters().items():
            counter = key.decode()
            mine = {p: at for (p, name), at in taken.items() if name == counter}
            mine = {p: at for p, at in mine.items() if p not in left}
            expected = {hashed(claim) for claim, _ in _living(mine, counter, row.now_at)}
            held = {name: (name, grant.at) for name, grant in row.held.items()}
            found = _living({pair: pair[1] for pair in held.values()}, counter, row.now_at)
            if {name for name, _ in found} != expected:
                wrong.append(f"{counter}: {len(found)} places held, {len(expected)} taken")
        return wrong


def _living(places: dict[Any, int], counter: str, now: int) -> dict[Any, int]:
    """Those whose window has not passed."""
    window_ms = claimants.window_of(counter)
    return {place: at for place, at in places.items() if not window_ms or at > now - window_ms}


def _bare(row: Any) -> object:  # noqa: ANN401 a customer's row or a counter's
    """What the log alone decides: outboxes are let go of at the writer's own pace."""
    bare = msgspec.structs.replace(row, outbox=[])
    return msgspec.structs.asdict(bare)

"""The scheduler and the checker: processes take turns at random, crash, and linger as zombies."""

from collections import Counter

import msgspec

from agents.worker.recovery import Recovery
from engine.customer import Customer
from engine.sends import Send
from streams import topics
from tables import rows
from tests.support import replaying
from tests.support.simulation.delivering import Delivery
from tests.support.simulation.shop import Shop, door
from tests.support.simulation.working import Worker
from tests.support.simulation.world import Process, World
from tests.support.simulation.zombies import Zombies

CRASH_RATIO = 0.02
"""Of steps that are a process's last: about one in every handful of batches."""

STEPS_MAX = 40_000


class Simulation:
    """One seed."""

    def __init__(self, seed: int, *, events: int = 80) -> None:
        self.world = World(seed)
        self.shop = Shop(self.world, events=events)
        self._incarnations: Counter[str] = Counter()
        self._worker = Worker(self.world, "w")
        self._delivery = Delivery(self.world, "d")
        self._processes: dict[str, Process] = {"shop": self.shop.run()}
        self._zombies = Zombies(self.world.rng)
        for part in ("worker", "delivery", "door"):
            self._start(part)

    def run(self) -> None:
        """Until everything has come to rest."""
        rng = self.world.rng
        for _ in range(STEPS_MAX):
            if self._is_over():
                return
            self._zombies.step()
            part = rng.choice(list(self._processes))
            if self.shop.is_done:
                self.world.now += rng.choice((1, 10, 100, 1_000))
            if part != "shop" and not self._is_calm() and rng.random() < CRASH_RATIO:
                self._crash(part)
            elif next(self._processes[part], "ended") == "ended":
                del self._processes[part]
        raise AssertionError("never came to rest")

    def violations(self) -> list[str]:
        """Everything promised that does not hold."""
        return [
            *self._wrong_counts(),
            *self._wrong_state(),
            *self._wrong_effects(),
            *self._wrong_sends(),
        ]

    def _is_calm(self) -> bool:
        """Crashes end some time after the shop has closed, so that things can come to rest."""
        return self.shop.is_done and sum(self._incarnations.values()) > 25

    def _is_over(self) -> bool:
        tracker = len(self.world.log(topics.TRACKER.name))
        partition = self._worker.partition
        return (
            self.shop.is_done
            and not self._zombies
            and self.world.committed["door"] == tracker
            and self._worker.is_idle
            and self._delivery.is_idle
            and partition is not None
            and partition.switched_to == self.world.newest()
            and all(not partition.row(key).timers for key in self._keys())
        )

    def _keys(self) -> list[bytes]:
        return [key.encode() for key in self.shop.accepted]

    def _start(self, part: str) -> None:
        self._incarnations[part] += 1
        run = f"{part}-{self._incarnations[part]}"
        self.world.owners[part] = run
        if part == "worker":
            self._worker = Worker(self.world, run)
            self._processes[part] = self._worker.run()
        elif part == "delivery":
            self._delivery = Delivery(self.world, run)
            self._processes[part] = self._delivery.run()
        else:
            self._processes[part] = door(self.world, run)

    def _crash(self, part: str) -> None:
        if part == "door":
            self._processes[part].close()
        else:
            self._zombies.end(self._processes[part])
        self._start(part)

    def _wrong_counts(self) -> list[str]:
        final = self._final_rows()
        return [
            f"{key}: {_count(final.get(key.encode()))} events, {len(accepted)} accepted"
            for key, accepted in self.shop.accepted.items()
            if _count(final.get(key.encode())) != len(accepted)
        ]

    def _final_rows(self) -> dict[bytes, bytes]:
        restored = Recovery()
        changelog = self.world.log(topics.CUSTOMERS_CHANGELOG.name)
        restored.read((record.key, record.value) for record in changelog)
        return restored.rows

    def _wrong_state(self) -> list[str]:
        """Compare with one owner that never crashed, over the same log."""
        clean, _ = replaying.replay(
            self.world.log(topics.EVENTS.name), self.world.history, self.world.shelf
        )
        final = self._final_rows()
        return [
            f"{key!r}: state differs"
            for key in self._keys()
            if key in final and _state(final[key]) != clean.row(key).customer
        ]

    def _wrong_effects(self) -> list[str]:
        _, expected = replaying.replay(
            self.world.log(topics.EVENTS.name), self.world.history, self.world.shelf
        )
        found: dict[str, set[bytes]] = {"messages": set(), "facts": set()}
        for topic, values in found.items():
            values.update(record.value or b"" for record in self.world.log(topic))
        return [
            f"{topic}: {len(expected[topic] - values)} lost, {len(values - expected[topic])} wrong"
            for topic, values in found.items()
            if values != expected[topic]
        ]

    def _wrong_sends(self) -> list[str]:
        ended = {
            send.id
            for record in self.world.log(topics.SENDS.name)
            if (send := msgspec.json.decode(record.value or b"", type=Send)).state != "reserved"
        }
        doubles = [f"{key} sent {n} times" for key, n in self.world.provider.items() if n > 1]
        silent = [f"{key} sent, no end" for key in self.world.provider if key not in ended]
        return doubles + silent


def _count(value: bytes | None) -> int:
    return 0 if value is None else _state(value).events_count


def _state(value: bytes) -> Customer:
    return rows.decode(value).row.customer

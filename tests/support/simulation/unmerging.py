"""An operator who takes one person for two, while workers crash: the api's part, over the logs."""

from collections import Counter, defaultdict

from agents.worker.recovery import Recovery
from engine import rows as engine_rows
from engine.definitions.folded import Definitions
from engine.links import UNDER_WAY
from engine.mergers import LogMarked, Unmerged, UnmergeRequested
from engine.replay import Occurrence
from engine.rows import Row
from streams import topics, wire
from tables import rows
from tests.support import unmerging
from tests.support.simulation.merging import IDENTITIES, MergeSimulation
from tests.support.simulation.sharing import Share, number_of
from tests.support.simulation.world import Process

SURVIVOR = "u:ada"
UNMERGES_MAX = 6


class Operator:
    """Asks, reads the logs up to the marks, and answers: late, twice, or never."""

    def __init__(self, simulation: "UnmergeSimulation") -> None:
        self._simulation = simulation
        self._share = simulation.shares[number_of(SURVIVOR.encode(), len(simulation.shares))]
        self.done: set[str] = set()
        """Row keys that were split off."""

    def run(self) -> Process:
        """Several unmerges, one after the other."""
        rng = self._share.rng
        for number in range(UNMERGES_MAX):
            for _ in range(rng.randint(1, 12)):
                yield
            identity = rng.choice(IDENTITIES[1:])
            self._append(
                UnmergeRequested(
                    id=f"unmerge{number}", occurred_at=self._share.now, identity=identity
                )
            )
            yield from self._see_through(f"unmerge{number}")

    def _see_through(self, unmerge_id: str) -> Process:
        rng = self._share.rng
        for _ in range(40):
            yield
            if rng.random() > 0.3:
                continue
            row = true_rows(self._share).get(SURVIVOR.encode())
            known = None if row is None else row.unmerge
            if known is None or row is None or known.id != unmerge_id:
                continue
            if known.state not in UNDER_WAY:
                self.done.update(known.along)
                return
            if known.state == "ready" and rng.random() < 0.8:
                answer = unmerging.unmerged(
                    row, self._before_marks(unmerge_id), self._definitions()
                )
                for _ in range(rng.choice((1, 1, 2))):
                    self._append(answer)

    def _append(self, event: UnmergeRequested | Unmerged) -> None:
        self._share.append(wire.record_of(SURVIVOR, event))

    def _definitions(self) -> Definitions:
        return self._simulation.world.history.current

    def _before_marks(self, unmerge_id: str) -> list[Occurrence]:
        """As ClickHouse would give them: originals only, each id once, by time."""
        found: list[tuple[int, int, int, Occurrence]] = []
        for share in self._simulation.shares:
            found += _before_marks(share, unmerge_id)
        return [occurrence for *_, occurrence in sorted(found, key=lambda one: one[:3])]


class UnmergeSimulation(MergeSimulation):
    """One seed."""

    def __init__(self, seed: int, *, events: int = 50) -> None:
        super().__init__(seed, events=events)
        self.operator = Operator(self)
        self._operating: Process | None = self.operator.run()

    def _shop(self) -> None:
        super()._shop()
        if self._operating is not None and next(self._operating, "ended") == "ended":
            self._operating = None

    def _is_over(self) -> bool:
        return self._operating is None and super()._is_over()

    def _wrong_person(self, final: dict[bytes, Row]) -> list[str]:
        """Compare with the logs: whoever an identity leads to has its events, each once."""
        expected: Counter[str] = Counter()
        for key, ids in self._ids().items():
            expected[_survivor(final, key)] += len(ids)
        counted = {
            key.decode(): row.customer.events_count
            for key, row in final.items()
            if row.customer.events_count
        }
        wrong = [] if counted == dict(expected) else [f"{counted} counted, {dict(expected)} came"]
        return wrong + [
            f"{key} leads to {SURVIVOR} again"
            for key in sorted(self.operator.done)
            if _survivor(final, key) == SURVIVOR
        ]

    def _ids(self) -> dict[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for share in self.shares:
            for record in share.log(topics.EVENTS.name):
                if record.key is None or record.origin or record.kind == b"switch":
                    continue
                event = wire.decode_event(record.value, None).event
                if engine_rows.is_from_client(event):
                    found[record.key.decode()].add(event.id)
        return found


def true_rows(share: Share) -> dict[bytes, Row]:
    """The rows of a partition as its changelog has them."""
    restored = Recovery()
    changelog = share.log(topics.CUSTOMERS_CHANGELOG.name)
    restored.read((record.key, record.value) for record in changelog)
    return {key: rows.decode(value).row for key, value in restored.rows.items()}


def _before_marks(share: Share, unmerge_id: str) -> list[tuple[int, int, int, Occurrence]]:
    waiting: dict[str, list[tuple[int, int, int, Occurrence]]] = defaultdict(list)
    marked: list[tuple[int, int, int, Occurrence]] = []
    seen: set[str] = set()
    for record in share.log(topics.EVENTS.name):
        if record.key is None or record.origin:
            continue
        key, event = record.key.decode(), wire.decode_event(record.value, None).event
        if isinstance(event, LogMarked) and event.unmerge_id == unmerge_id:
            # A crash may append a mark again: the first is the one that counts.
            marked += [] if event.id in seen else waiting.pop(key, [])
            seen.add(event.id)
        elif engine_rows.is_from_client(event) and event.id not in seen:
            seen.add(event.id)
            one = Occurrence(key, event, record.logged_at)
            waiting[key].append((record.logged_at, share.number, record.offset, one))
    return marked


def _survivor(final: dict[bytes, Row], key: str) -> str:
    while (row := final.get(key.encode())) is not None and row.forward:
        key = row.forward
    return key

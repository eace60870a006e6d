"""Two evaluators, one verdict: the engine's and ClickHouse's, of random rules and random customers.

The customers stand in one database for the whole module, and a query asks many rules at once: a
case is one rule of one customer at one instant. `RULES` in the environment asks more rules.
"""

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from random import Random
from types import MappingProxyType
from typing import Final

import pytest

from clickhouse import migrate
from clickhouse.client import Writer
from clickhouse.rules import selecting, values
from clickhouse.rules.selecting import Context
from engine.conditions import numbers
from engine.customer import Customer
from engine.definitions import counters
from engine.definitions.folded import Definitions
from engine.events import Tracked
from engine.intake import decoding
from engine.judging import compiling
from engine.judging.compiling import Compiled
from engine.judging.leaves import Moment
from engine.rules import printing, reading
from engine.rules.nodes import Rule
from engine.step import step
from tests.support import changelog, logged, rules
from tests.support import clickhouse as servers
from tests.support.example_rules import EXAMPLES
from tests.support.judging import settings
from tests.support.rule_streams import DAY, SPAN, START, Said, Streams

CUSTOMERS: Final = 60
RULES: Final = int(os.environ.get("RULES", "100"))
IN_A_QUERY: Final = 10
END: Final = START + 2 * SPAN
"""No event is logged after it."""

ZONE: Final = "Europe/Berlin"
SETTINGS: Final = settings(ZONE)
NO_SEGMENTS: Final[Mapping[str, Rule]] = MappingProxyType({})
MANY: Final = 400
SEED: Final = int(os.environ.get("RULES_SEED", "1"))


class Twins:
    """The same customers twice: their logs for the engine, and a database that has it all."""

    def __init__(self, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        streams = Streams(seed=20_251_124)
        self.logs = {f"c{place}": streams.customer() for place in range(CUSTOMERS)}
        self.logs["c0"] = [*counted(), *self.logs["c0"]]
        # Without a reader's limit of time: many rules are asked at once.
        self.reader = Writer(url=url)
        self.loop.run_until_complete(self._stored(url))

    def close(self) -> None:
        """Let the connection go."""
        self.loop.run_until_complete(self.reader.close())
        self.loop.close()

    def engine(
        self, asked: Sequence[Rule], nows: Sequence[int], segments: Mapping[str, Rule] = NO_SEGMENTS
    ) -> dict[tuple[int, int, str], bool]:
        """What the engine says, by place of the rule, instant and customer."""
        ready = [compiling.compiled(rule, segments=segments, zone=ZONE) for rule in asked]
        definitions = under(ready)
        found = {}
        for name, log in self.logs.items():
            customer = folded(name, log, definitions)
            for now in nows:
                for place, compiled in enumerate(ready):
                    moment = Moment(customer, now, definitions)
                    found[place, now, name] = compiled.holds(moment)
        return found

    def read(self, rule: Rule, name: str) -> int:
        """What the engine reads for the one node of a rule."""
        ready = compiling.compiled(rule, segments={}, zone=ZONE)
        definitions = under([ready])
        customer = folded(name, self.logs[name], definitions)
        [value] = ready.explained(Moment(customer, END, definitions)).operands.values()
        assert isinstance(value, int)
        return value

    def sql(
        self, asked: Sequence[Rule], nows: Sequence[int], segments: Mapping[str, Rule] = NO_SEGMENTS
    ) -> dict[tuple[int, int, str], bool]:
        """What ClickHouse says."""
        found = {}
        for now in nows:
            together = selecting.together(
                asked, Context(now, ZONE, segments=segments, interest_ms=SETTINGS.interest_ms)
            )
            columns = ", ".join(f"{one} AS r{n}" for n, one in enumerate(together.holds))
            rows = self.loop.run_until_complete(
                self.reader.rows(
                    f"{together.names}SELECT c.id AS id, {columns} FROM {together.source}",  # noqa: S608 ours
                    together.parameters,
                    is_eager=True,
                )
            )
            assert len(rows) == CUSTOMERS
            for row in rows:
                for place in range(len(asked)):
                    found[place, now, row["id"]] = bool(row[f"r{place}"])
        return found

    async def _stored(self, url: str) -> None:
        async with Writer(url=url) as writer:
            await writer.command("DROP DATABASE IF EXISTS oncue")
            await migrate.apply(writer, migrate.known())
            said = [(name, one) for name, log in self.logs.items() for one in log]
            await writer.insert(
                [
                    logged.row(one.event, offset=place, customer=name)
                    for place, (name, one) in enumerate(said)
                ]
            )
            nobody = under([])
            await writer.insert(
                [
                    changelog.mirrored(folded(name, log, nobody), now_at=END)
                    for name, log in self.logs.items()
                ]
            )


def counted() -> Iterator[Said]:
    """More events and values than a row tells apart, one a minute."""
    for number in range(MANY):
        at = START + number * 60_000
        properties = decoding.canonical({"number": number, "text": f"{number * 7 % MANY}"})
        yield Said(
            Tracked(id=f"n{number:04}", occurred_at=at, name="Counted", properties=properties), at
        )


def under(ready: Sequence[Compiled]) -> Definitions:
    """Definitions that count what the rules need."""
    needed = {one.id: one for compiled in ready for one in compiled.demands}
    demanded = counters.demanded({}, needed.values(), offset=0, at=0)
    return Definitions(settings=SETTINGS, counters=counters.indexed({}, demanded))


def folded(name: str, log: list[Said], definitions: Definitions) -> Customer:
    """The customer after all of it."""
    streams = Streams(seed=int(name[1:]))
    messages, (entered, runs) = streams.messages(), streams.campaigns()
    customer = Customer(id=name, messages=messages, entered=entered, runs=runs)
    for said in log:
        customer = step(customer, said.event, definitions, said.logged_at).customer
    return customer


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """A server of the module's own: others empty theirs before each test."""
    with servers.running(tmp_path_factory.mktemp("rules")) as server:
        both = Twins(server.url)
        yield both
        both.close()


@pytest.mark.parametrize("batch", range(RULES // IN_A_QUERY))
def test_both_evaluators_say_the_same_of_any_rule(twins: Twins, batch: int) -> None:
    """Issue 4, point 1: every operator, window and zone; missing values, refunds, late events."""
    chance = Random(f"{SEED}/{batch}")  # noqa: S311 no secret
    asked = [rules.rule(chance.randrange(2**32)) for _ in range(IN_A_QUERY)]
    nows = [END, END + chance.randrange(60 * DAY)]

    engine, sql = twins.engine(asked, nows), twins.sql(asked, nows)

    differ = [
        (now, name, engine[place, now, name], printing.text(asked[place]))
        for place, now, name in engine
        if engine[place, now, name] != sql[place, now, name]
    ]
    assert differ == []


@pytest.mark.parametrize("row", EXAMPLES)
def test_both_evaluators_say_the_same_of_the_examples(twins: Twins, row: str) -> None:
    """M027 to M048, M052, M210: and of a segment that is named, what they say of its rule."""
    example, named = reading.from_text(EXAMPLES[row]), reading.from_text('in_segment("example")')
    segments = {"example": example}

    engine = twins.engine([example, named], [END], segments)
    sql = twins.sql([example, named], [END], segments)

    assert sql == engine
    assert all(engine[0, END, name] == engine[1, END, name] for name in twins.logs)


OF_NUMBERS: Final = (
    'starts_with "7"', 'contains "7"', '= "7"', "= 7", "between [7, 7]", 'in_last "1y"',
)  # fmt: skip


def test_a_whole_number_that_is_remembered_is_no_text(twins: Twins) -> None:
    """Nobody looks for a number by how it starts; it equals itself written as text."""
    sku = 'last("Rated", "properties.sku")'
    asked = [reading.from_text(f"{sku} {comparison}") for comparison in OF_NUMBERS]

    engine, sql = twins.engine(asked, [END]), twins.sql(asked, [END])

    assert sql == engine
    assert [any(sql[place, END, name] for name in twins.logs) for place in range(len(asked))] == [
        False, False, True, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["9" * 36, "1e60", "-1e999", "9" * 40, "1e12", "12.5"])
def test_a_number_too_great_for_a_row_is_none_and_fails_no_question(
    twins: Twins, text: str
) -> None:
    """ClickHouse evaluates what a condition would leave out: nothing in it may overflow."""
    exact = values.exact("{text:String}")

    asked = twins.reader.rows(f"SELECT {exact} AS number", {"text": text}, is_eager=True)

    assert twins.loop.run_until_complete(asked) == [{"number": numbers.exact(text)}]


MANY_VALUES: Final = (
    'did("Counted", aggregate="distinct", field="properties.{0}", approximate=true)'
)


@pytest.mark.parametrize("field", ["number", "text"])
def test_both_evaluators_estimate_the_same_number_of_values(twins: Twins, field: str) -> None:
    """d.3 7: exact below a size, a sketch above it; of numbers and of texts."""
    asked = reading.from_text(f"{MANY_VALUES.format(field)} >= 1")
    estimate = twins.read(asked, "c0")
    around = [reading.from_text(f"{MANY_VALUES.format(field)} = {estimate + n}") for n in (0, 1)]

    assert abs(estimate - MANY) < MANY // 5
    assert twins.sql(around, [END]) == twins.engine(around, [END])
    assert twins.sql(around, [END])[0, END, "c0"]


LONG: Final = (
    ("[10, 395]", "385m", True),
    ("[10, 395]", "384m", False),
    ("[395, 10]", "30d", False),
    ("[1, 2, 3, 4, 5]", "1h", True),
    ("[398, 399]", "1m", True),
    ("[399, 399]", "1h", False),
)


@pytest.mark.parametrize(("numbers", "within", "holds"), LONG)
def test_both_evaluators_find_a_sequence_among_many_events(
    twins: Twins, numbers: str, within: str, *, holds: bool
) -> None:
    """Among more than a row keeps one by one."""
    steps = [
        f'step("Counted", where=prop("properties.number") = {n})' for n in numbers[1:-1].split(",")
    ]
    asked = [reading.from_text(f'sequence([{", ".join(steps)}], "{within}")')]

    engine, sql = twins.engine(asked, [END]), twins.sql(asked, [END])

    assert sql == engine
    assert [name for key, told in engine.items() if told for name in [key[2]]] == ["c0"] * holds


TURNS: Final = ("2026-03-28T23:00", "2026-03-29T01:00", "2026-03-29T22:00", "2026-10-25T01:00")
"""Midnight before Berlin's clocks go on, the hour that is skipped, midnight after; and back."""

OF_DAYS: Final = (
    'did("Rated", window=last_calendar(125, "day")) >= 1',
    'did("Rated", window=last_calendar(18, "week")) >= 1',
    'did("Rated", window=last_calendar(5, "month")) >= 1',
    'attr("last_seen_at") in_last "4mo"',
    'attr("last_seen_at", tz="recipient") more_than_ago "4mo"',
    'attr("renewed", tz="recipient") in_last "119d"',
    'attr("renewed") more_than_ago "119d"',
    'attr("birthday", tz="recipient") anniversary_in [-120, 0]',
    'attr("age") >= 26',
)


@pytest.mark.parametrize("turn", TURNS)
def test_both_evaluators_say_the_same_where_clocks_change(twins: Twins, turn: str) -> None:
    """d.3: days of 23 and 25 hours, to the millisecond."""
    at = int(datetime.fromisoformat(f"{turn}:00+00:00").timestamp() * 1000)
    asked = [reading.from_text(text) for text in OF_DAYS]
    nows = [at - 1, at, at + 3_600_000]

    engine, sql = twins.engine(asked, nows), twins.sql(asked, nows)

    assert [key for key in engine if engine[key] != sql[key]] == []
    assert len(set(engine.values())) == 2

"""Who was erased is gone from every table, and stays away (promise 10)."""

import msgspec
import pytest

from agents.sink import erasing, storing
from agents.sink.storing import Pair
from clickhouse.erasing import CUSTOMERS, PERSONAL
from clickhouse.tables import LogRow
from engine.deadletters import DeadLetter
from engine.events import Identified, PageViewed
from engine.facts import Fact
from streams.records import Received, Record
from tests.support import log_rows
from tests.support.log_rows import MONDAY
from tests.support.storage import Storage, record_of
from tests.support.waiting import eventually

NEVER_ANYBODYS = {"migrations", "erasures_log"}
"""Tables without a row about a customer; the second keeps the ids of those who were erased."""

OF_SOMEBODY = (
    "customer",
    "customer_id",
    "user_id",
    "anonymous_id",
    "email",
    "phone",
    "to",
    "key",
)
"""Columns that tell whom a row is about."""


def erased(*identities: str, erasure_id: str = "x1") -> Fact:
    return Fact(
        id=f"erased-{erasure_id}",
        customer=identities[0],
        kind="erased",
        at=MONDAY,
        name=erasure_id,
        identities=identities,
    )


def record(topic: str, value: object, *, key: bytes = b"u:c1") -> Record:
    return Record(topic=topic, key=key, value=msgspec.json.encode(value))


def received(value: object, topic: str = "facts") -> Received:
    return Received(
        topic=topic,
        partition=0,
        offset=0,
        key=b"u:c1",
        value=msgspec.json.encode(value),
        headers={},
        logged_at=MONDAY,
    )


def rows_of(customer: str) -> list[LogRow]:
    """One in every table the sink deletes from; a merge stands in the table of identities, too."""
    merge = log_rows.fact(f"{customer}-merge", kind="merged")
    return [
        type(row)(**(row._asdict() | {"customer": customer}))
        for row in (*log_rows.one_of_each(f"{customer}-1", offset=0), merge)
        if "customer" in row._fields
    ]


async def count(store: Storage, table: str, customer: str) -> int:
    column = {**PERSONAL, **CUSTOMERS}[table]
    found = await store.rows(
        f"SELECT count() AS n FROM oncue.{table} WHERE {column} = '{customer}'"  # noqa: S608
    )
    return int(found[0]["n"])


async def total(store: Storage, customer: str) -> int:
    return sum([await count(store, table, customer) for table in PERSONAL])


async def test_every_table_that_tells_whom_it_is_about_is_covered(store: Storage) -> None:
    """A table added later is either deleted from or said to be nobody's."""
    columns = await store.rows(
        "SELECT table, c.name AS name FROM system.columns AS c INNER JOIN system.tables AS t"
        " ON t.database = c.database AND t.name = c.table"
        " WHERE c.database = 'oncue' AND t.engine LIKE '%MergeTree%'"
    )
    found = {column["table"] for column in columns if column["name"] in OF_SOMEBODY}

    assert found - NEVER_ANYBODYS == {*PERSONAL, *CUSTOMERS}


@pytest.mark.usefixtures("sink")
async def test_an_erased_customer_is_deleted_from_every_table(store: Storage) -> None:
    for row in (*rows_of("c1"), *rows_of("anonymous:c1"), *rows_of("c2")):
        await store.writer.insert([row])
    assert {table: await count(store, table, "c1") > 0 for table in PERSONAL} == dict.fromkeys(
        PERSONAL, True
    )
    others = await total(store, "c2")

    await store.append([record("facts", erased("c1", "anonymous:c1"))])

    await eventually(lambda: receipts(store, len(PERSONAL) * 2))
    assert await total(store, "c1") + await total(store, "anonymous:c1") == 0
    assert await total(store, "c2") == others


async def receipts(store: Storage, expected: int) -> bool:
    found = await store.rows("SELECT count() AS n FROM oncue.erasures_log FINAL WHERE store != ''")
    return bool(found[0]["n"] == expected)


@pytest.mark.usefixtures("sink")
async def test_late_records_of_an_erased_customer_are_kept_out(store: Storage) -> None:
    await store.append([record("facts", erased("c1"))])
    await eventually(lambda: receipts(store, len(PERSONAL)))

    late = PageViewed(id="late", occurred_at=MONDAY)
    await store.append(
        [
            record_of(late),
            record("facts", Fact(id="f", customer="c1", kind="fired", at=MONDAY)),
            record_of(PageViewed(id="other", occurred_at=MONDAY), key=b"u:c2"),
        ]
    )

    await eventually(lambda: is_stored(store, "other"))
    assert await total(store, "c1") == 0


async def is_stored(store: Storage, event_id: str) -> bool:
    found = await store.rows("SELECT id FROM oncue.tracker")
    return event_id in {row["id"] for row in found}


@pytest.mark.usefixtures("sink")
async def test_refused_payloads_that_name_the_customer_go_too(store: Storage) -> None:
    known = Identified(id="i", occurred_at=MONDAY, traits={"email": "ada@example.com"})
    letters = {
        "by key": (b"u:c1", b"{"),
        "by id": (b"", b'{"userId": "c1", "broken'),
        "by device": (b"", b'{"anonymousId":"d1"}'),
        "by address": (b"", b'{"email":"ada@example.com"}'),
        "another": (b"u:c2", b'{"userId": "c12"}'),
    }
    await store.append([record_of(known)])
    await store.append(
        [
            record(
                "dead-letters",
                DeadLetter(
                    id=name, place="collector", code="bad", message="", payload=said, at=MONDAY
                ),
                key=key,
            )
            for name, (key, said) in letters.items()
        ]
    )
    await eventually(lambda: is_stored(store, "i"))
    await eventually(lambda: has_letters(store, len(letters)))

    await store.append([record("facts", erased("c1", "anonymous:d1"))])

    await eventually(lambda: receipts(store, len(PERSONAL) * 2))
    assert [row["id"] for row in await store.rows("SELECT id FROM oncue.rejections")] == ["another"]


async def has_letters(store: Storage, expected: int) -> bool:
    return await store.count("rejections") == expected


async def test_a_crash_before_the_deletion_loses_neither_it_nor_the_guard(store: Storage) -> None:
    """What follows a kill between the two: a new process that meets the same record again."""
    for row in rows_of("c1"):
        await store.writer.insert([row])
    announcement = Pair(received(erased("c1")), log_rows.fact(kind="erased"))
    killed = erasing.of_sink(store.writer)
    await killed.note([announcement])

    heir = erasing.of_sink(store.writer)
    await heir.load()
    late = [Pair(received({}, topic="x"), row) for row in rows_of("c1")]
    await storing.store(store.writer, heir.kept(late))
    assert heir.kept(late) == []

    await heir.carry_out(await heir.note([announcement]))
    assert await total(store, "c1") == 0


async def test_a_visitor_who_was_erased_keeps_no_customer_of_that_name_away(
    store: Storage,
) -> None:
    eraser = erasing.of_sink(store.writer)
    visitor = Pair(received(erased("anonymous:c1")), log_rows.fact(kind="erased"))
    await eraser.note([visitor])

    customers = [Pair(received({}), log_rows.event())]

    assert eraser.kept(customers) == customers


async def test_an_address_is_noted_as_its_hash_and_kept_out_all_the_same(store: Storage) -> None:
    address = "email:ada@example.com"
    eraser = erasing.of_sink(store.writer)
    await eraser.note([Pair(received(erased("c1", address)), log_rows.fact(kind="erased"))])
    late = [Pair(received({}), log_rows.event()._replace(customer=address))]

    heir = erasing.of_sink(store.writer)
    await heir.load()

    assert heir.kept(late) == eraser.kept(late) == []
    noted = {row["erased"] for row in await store.rows("SELECT erased FROM oncue.erasures_log")}
    assert "c1" in noted
    assert not any("ada" in one for one in noted)

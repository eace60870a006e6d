"""Every view shows the surviving customer, and what a device did stays with who had it (M129)."""

from typing import TypeVar

import pytest

from clickhouse.client import Reader, Writer
from clickhouse.queries import activity, identities
from clickhouse.tables import EventRow, FactRow, LogRow, MessageRow
from tests.support import log_rows
from tests.support.log_rows import MONDAY

HOUR_MS = 3_600_000


R = TypeVar("R", EventRow, MessageRow, FactRow)


def named(row: R, customer: str, *, at: int = MONDAY) -> R:
    """The row as one of this customer's."""
    return row._replace(customer=customer, logged_at=at)


def belongs(identity: str, customer: str, *, kind: str = "merged", at: int = MONDAY) -> FactRow:
    row = log_rows.fact(f"{identity}-{customer}-{at}", kind=kind)
    return row._replace(customer=customer, name=identity, at=at)


VISITORS = "anonymous:d1"


@pytest.mark.parametrize("view", ["tracker", "transactions", "responses", "messages", "facts"])
async def test_a_view_shows_the_customer_an_identity_was_merged_into(
    view: str, writer: Writer, reader: Reader
) -> None:
    rows: list[LogRow] = [
        named(log_rows.event("x"), VISITORS),
        named(log_rows.event("x", kind="transaction"), VISITORS),
        named(log_rows.event("x", kind="response"), VISITORS),
        named(log_rows.message("x"), VISITORS),
        named(log_rows.fact("x"), VISITORS),
    ]
    for row in [*rows, belongs(VISITORS, "ada", at=MONDAY + HOUR_MS)]:
        await writer.insert([row])

    found = await reader.rows(
        f"SELECT customer, identity FROM oncue.{view} WHERE id = 'x'"  # noqa: S608 a parameter
    )
    assert found == [{"customer": "ada", "identity": VISITORS}]


async def test_of_a_chain_the_last_one_survives(writer: Writer, reader: Reader) -> None:
    await writer.insert([named(log_rows.event("x"), VISITORS)])
    await writer.insert(
        [
            belongs(VISITORS, "ada", at=MONDAY + 2),
            belongs(VISITORS, "anonymous:c0", at=MONDAY + 1),
            belongs("anonymous:c0", "ada", at=MONDAY + 2),
        ]
    )

    assert await reader.rows("SELECT customer FROM oncue.tracker") == [{"customer": "ada"}]


async def test_what_a_device_did_stays_with_who_had_it(writer: Writer, reader: Reader) -> None:
    for name, at in (("first", MONDAY), ("then", MONDAY + 3 * HOUR_MS)):
        await writer.insert([named(log_rows.event(name), VISITORS, at=at)])
    await writer.insert([belongs(VISITORS, "ada", at=MONDAY + HOUR_MS)])
    await writer.insert([belongs(VISITORS, "bob", kind="linked", at=MONDAY + 2 * HOUR_MS)])

    found = await reader.rows("SELECT id, customer FROM oncue.tracker ORDER BY id")
    assert found == [{"id": "first", "customer": "ada"}, {"id": "then", "customer": "bob"}]


async def test_a_merged_identity_is_no_customer(writer: Writer, reader: Reader) -> None:
    await writer.insert([log_rows.customer("ada")])
    await writer.insert([log_rows.customer(VISITORS)])
    await writer.insert([log_rows.customer(VISITORS, version=2, forward="ada")])

    assert await reader.rows("SELECT id FROM oncue.customers") == [{"id": "ada"}]


@pytest.mark.parametrize("asked", ["ada", VISITORS])
async def test_the_feed_of_any_of_the_ids_is_the_customers(
    asked: str, writer: Writer, reader: Reader
) -> None:
    await writer.insert(
        [named(log_rows.event("as-visitor"), VISITORS), named(log_rows.event("as-ada"), "ada")]
    )
    await writer.insert([belongs(VISITORS, "ada")])

    person = await identities.person(reader, asked)
    found = await activity.page(
        reader, of=person, categories=activity.CATEGORIES, carts=[], after=None, limit=10
    )

    assert person == identities.Person(customer="ada", identities=["ada", VISITORS])
    assert {item.id for item in found} == {"as-visitor", "as-ada"}


async def test_who_was_never_merged_is_alone(reader: Reader) -> None:
    found = await identities.person(reader, "ada")

    assert found == identities.Person(customer="ada", identities=["ada"])

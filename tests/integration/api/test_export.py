"""Everything that is known of a customer, as one document."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from api import app
from api.admin.exporting import LINK_MS
from api.services import Services, now_ms
from channels.links import Download, Links
from clickhouse.client import Writer
from clickhouse.queries import exports
from clickhouse.tables import TABLES, LogRow
from engine.customer import Customer
from engine.erasures import Erasure
from engine.links import Link
from engine.rows import Row
from tables import rows
from tables.profiles import Copy, Profiles
from tests.integration.api.conftest import BASE
from tests.support import log_rows
from tests.support.log_rows import MONDAY

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def name() -> str:
    """A customer that no other test uses."""
    return f"c-{uuid4().hex[:12]}"


async def remember(profiles: Profiles, row: Row, *, version: int = 1) -> None:
    value = rows.encode(row, epoch=1, version=version, offset=version)
    await profiles.write([Copy(row.customer.id, version, value)])


def of(customer: str, row: LogRow, **fields: object) -> LogRow:
    return type(row)(**(row._asdict() | {"customer": customer} | fields))


async def exported(editor: httpx.AsyncClient, name: str) -> dict[str, Any]:
    answer = await editor.get(f"/api/customers/{name}/export")
    assert answer.status_code == 200
    return msgspec.json.decode(answer.content, type=dict)


async def test_the_document_holds_a_row_of_every_table_that_names_the_customer(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    """X50. What is stored is what is exported: a table added later is there by itself."""
    await remember(opened.profiles, Row(customer=Customer(id=name, email="ada@example.com")))
    for row in log_rows.one_of_each(f"{name}-1", offset=0):
        if {"customer", "log_offset"} <= set(row._fields):
            await writer.insert([of(name, row)])
            await writer.insert([of(f"not-{name}", row, id=f"{name}-other")])

    document = await exported(editor, name)

    sections = {table.removesuffix("_log") for table in exports.COLUMNS}
    assert sections == {
        table.removesuffix("_log")
        for row, table in TABLES.items()
        # Whom a job chose stands in no log; what it did to them does.
        if {"customer", "log_offset"} <= set(row._fields)
    }
    assert {row["id"] for section in sections for row in document[section]} == {f"{name}-1"}
    assert all(document[section] for section in sections)
    assert document["customer"]["contacts"]["email"]["value"] == "ada@example.com"


async def test_bodies_of_messages_and_payloads_of_events_are_whole(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    await remember(opened.profiles, Row(customer=Customer(id=name)))
    await writer.insert([of(name, log_rows.event(f"{name}-1"))])
    sent = log_rows.send(f"{name}-1", state="accepted", is_rendered=True)
    await writer.insert([of(name, sent)])

    document = await exported(editor, name)

    [event], [send] = document["events"], document["sends"]
    assert event["payload"] == {"properties": {"colour": "red"}}
    assert event["at"] == "2025-12-01T00:00:00Z"
    assert (send["subject"], send["html"]) == ("Your cart", "<p>waits</p>")


async def test_years_of_events_are_all_there_in_their_order(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    count = exports.BATCH_ROWS * 2 + 1
    await remember(opened.profiles, Row(customer=Customer(id=name)))
    await writer.insert(
        [
            of(name, log_rows.event(f"{name}-{number}", offset=number // 3, partition=number % 3))
            for number in range(count)
        ]
    )

    document = await exported(editor, name)

    places = [(row["log_partition"], row["log_offset"]) for row in document["events"]]
    assert len(places) == len(set(places)) == count
    assert places == sorted(places)


async def test_what_was_said_of_consent_is_a_history(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    await remember(opened.profiles, Row(customer=Customer(id=name)))
    said = [
        ("yes", '{"subscriptions":{"email":true},"origin":"customer"}'),
        ("no", '{"subscriptions":{"email":false},"origin":"operator"}'),
    ]
    await writer.insert(
        [
            log_rows.event(f"{name}-{word}", offset=at, kind="consent")._replace(
                customer=name, payload=payload
            )
            for at, (word, payload) in enumerate(said)
        ]
    )

    history = (await exported(editor, name))["consent"]

    assert [(item["origin"], item["subscriptions"]) for item in history] == [
        ("customer", {"email": True}),
        ("operator", {"email": False}),
    ]


async def test_the_past_under_another_identity_is_exported_too(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    links = {f"a:{name}": Link("merged", "m", MONDAY), "e:x@example.com": Link("refused", "n", 0)}
    await remember(opened.profiles, Row(customer=Customer(id=name), links=links))
    await writer.insert([of(f"anonymous:{name}", log_rows.event(f"{name}-1"))])

    document = await exported(editor, name)

    assert document["identities"] == [name, f"anonymous:{name}"]
    assert [row["customer"] for row in document["events"]] == [f"anonymous:{name}"]


async def test_refused_bytes_that_are_no_text_are_exported_as_far_as_they_are(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    await remember(opened.profiles, Row(customer=Customer(id=name)))
    await writer.insert([of(name, log_rows.dead_letter(f"{name}-1", payload=b'{"a":\xff'))])

    document = await exported(editor, name)

    assert document["dead_letters"][0]["payload"] == '{"a":\ufffd'


async def test_customers_download_what_is_known_of_them_by_a_link(
    editor: httpx.AsyncClient, stranger: httpx.AsyncClient, opened: Services, name: str
) -> None:
    """X50: without a token of ours, and gone once they are erased."""
    await remember(opened.profiles, Row(customer=Customer(id=name, email="ada@example.com")))
    made = (await editor.post(f"/api/customers/{name}/export/link")).json()

    found = await stranger.get(made["url"])
    again = await editor.get(f"/api/customers/{name}/export")

    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store, private"
    assert found.json()["customer"] == again.json()["customer"]
    lasts_ms = datetime.fromisoformat(made["expires_at"]).timestamp() * 1000 - now_ms()
    assert 0 < LINK_MS - lasts_ms < 60_000
    stub = Row(customer=Customer(id=name), erasure=Erasure("x", MONDAY, (name,)))
    await remember(opened.profiles, stub, version=2)
    assert (await stranger.get(made["url"])).status_code == 410


async def test_a_link_that_is_not_ours_or_has_expired_gives_nothing_away(
    stranger: httpx.AsyncClient, opened: Services, name: str
) -> None:
    await remember(opened.profiles, Row(customer=Customer(id=name)))
    late = Download(customer=name, expires_at=now_ms())
    foreign = Links(secrets=["another"], public_url=BASE)

    answers = [
        await stranger.get(url)
        for url in (
            app.signed(opened).download_url(late),
            foreign.download_url(late),
            f"{BASE}/d/rubbish",
        )
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (410, "link_expired"),
        (404, "invalid_token"),
        (404, "invalid_token"),
    ]


async def test_nobody_and_the_erased_have_no_export(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    unknown = await editor.get(f"/api/customers/{name}/export")
    stub = Row(customer=Customer(id=name), erasure=Erasure("x", MONDAY, (name,)))
    await remember(opened.profiles, stub)
    erased = await editor.get(f"/api/customers/{name}/export")

    assert (unknown.status_code, erased.status_code) == (404, 410)

"""Files of the back office, into the log and with a report."""

import gzip
from collections.abc import AsyncIterator
from typing import Final

import httpx
import pytest

from agents.sink import records
from api.admin import takeout
from api.services import Services
from clickhouse.client import Writer
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import Event
from engine.intake import customers
from engine.intake.arrivals import Origin
from engine.step import step
from engine.transactions import ReceiptIssued
from streams import wire
from streams.consumer import Reader
from streams.positions import Beginning
from streams.records import Received
from tests.support import changelog
from tests.support.brokers import fresh_name

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEADER: Final = "id,customerId,occurredAt,updatedAt,total,lines.productId,lines.price\n"


def receipts(*rows: str) -> bytes:
    return (HEADER + "".join(f"{row}\n" for row in rows)).encode()


def row(name: str, customer: str, *, total: str = "9.90", product: str = "k") -> str:
    return f"{name},{customer},2026-01-01T10:00:00Z,2026-01-01T10:00:00Z,{total},{product},{total}"


async def appended(opened: Services, topic: str) -> list[Received]:
    async with Reader(brokers=opened.settings.broker) as reader:
        await reader.assign_topics([topic], start=Beginning())
        return [record async for batch in reader.read_to_end() for record in batch]


async def issued_to(opened: Services, customer: str) -> list[ReceiptIssued]:
    found = [
        wire.decode_event(one.value, None).event
        for one in await appended(opened, "events")
        if one.key == f"u:{customer}".encode()
    ]
    return [event for event in found if isinstance(event, ReceiptIssued)]


async def upload(
    editor: httpx.AsyncClient, content: bytes, headers: dict[str, str] | None = None, **asked: str
) -> httpx.Response:
    query = {"kind": "receipts", "format": "csv", **asked}
    return await editor.post("/api/imports", params=query, content=content, headers=headers)


async def test_a_file_of_receipts_stands_in_the_log(
    editor: httpx.AsyncClient, opened: Services
) -> None:
    """M137, e.6."""
    customer = fresh_name("customer")
    content = receipts(row("r1", customer), row("r1", customer, product="m"), row("r2", customer))

    answer = await upload(editor, content)

    told = answer.json()
    assert (answer.status_code, told["state"]) == (200, "done")
    assert (told["rows"], told["accepted"], told["refused"]) == (2, 2, 0)
    issued = await issued_to(opened, customer)
    assert [(one.receipt_id, len(one.lines)) for one in issued] == [("r1", 2), ("r2", 1)]


async def test_the_same_file_again_gives_the_same_ids(
    editor: httpx.AsyncClient, opened: Services
) -> None:
    customer = fresh_name("customer")
    content = receipts(row("", customer), row("r2", customer))

    for _ in range(2):
        await upload(editor, content, file="may.csv")

    issued = await issued_to(opened, customer)
    assert [one.receipt_id for one in issued[:2]] == ["may.csv:2", "r2"]
    assert [one.id for one in issued[:2]] == [one.id for one in issued[2:]]


async def test_a_bad_row_is_told_with_line_and_reason_and_spoils_nothing(
    editor: httpx.AsyncClient, opened: Services, writer: Writer
) -> None:
    name = fresh_name("import")
    content = receipts(row("r1", ""), row("r2", "17", total="=1+1"), row("r3", "17"), "r4,17")

    answer = await upload(editor, content, id=name)

    told = answer.json()
    assert (told["rows"], told["accepted"], told["refused"]) == (4, 1, 3)
    assert [(one["line"], one["code"], one["path"]) for one in told["errors"]] == [
        (2, "missing_identifier", "customerId"),
        (3, "invalid_amount", "total"),
        (5, "invalid_csv", ""),
    ]
    letters = [records.dead_letter_row(one) for one in await appended(opened, "dead-letters")]
    await writer.insert([letter for letter in letters if letter.source == f"import/{name}"])
    report = await editor.get(told["report"])
    lines = report.text.splitlines()
    assert lines[0] == "line,code,message,path,payload"
    assert [line.split(",")[0] for line in lines[1:]] == ["2", "3", "5"]
    assert report.headers["content-disposition"] == f'attachment; filename="{name}.refused.csv"'


async def test_ndjson_and_packed_files_are_taken_too(editor: httpx.AsyncClient) -> None:
    line = (
        b'{"id":"r1","customerId":"17","total":5,"occurredAt":"2026-01-01T00:00:00Z",'
        b'"updatedAt":"2026-01-01T00:00:00Z"}\n'
    )

    answer = await editor.post(
        "/api/imports",
        params={"kind": "receipts", "file": "r.ndjson.gz"},
        content=gzip.compress(line * 3),
        headers={"content-encoding": "gzip"},
    )

    assert (answer.status_code, answer.json()["accepted"]) == (200, 3)


async def test_a_file_goes_in_as_it_arrives_and_its_progress_can_be_read(
    editor: httpx.AsyncClient,
) -> None:
    name = fresh_name("import")
    seen: list[int] = []

    async def pieces() -> AsyncIterator[bytes]:
        yield HEADER.encode()
        for number in range(4):
            yield "".join(f"{row(f'{number}-{n}', '17')}\n" for n in range(300)).encode()
            seen.append((await editor.get(f"/api/imports/{name}")).json()["rows"])

    answer = await editor.post(
        "/api/imports", params={"kind": "receipts", "format": "csv", "id": name}, content=pieces()
    )

    assert answer.json()["rows"] == 1_200
    assert seen == sorted(seen)
    assert 0 < seen[-1] < 1_200 or seen[0] < 1_200
    assert name in [one["id"] for one in (await editor.get("/api/imports")).json()["items"]]


@pytest.mark.parametrize(
    ("content", "asked", "code"),
    [
        (HEADER.encode("utf-16"), {}, "not_utf8"),
        (b"id,id\n", {}, "invalid_header"),
        (b"", {"kind": "charges"}, "invalid_query"),
        (b"", {"kind": ""}, "invalid_query"),
        (b"", {"format": "xlsx"}, "invalid_query"),
        (b"", {"format": "", "file": "r.xlsx"}, "invalid_query"),
        (b"", {"id": "a/b"}, "invalid_query"),
        (b"", {"file": "f" * 121}, "invalid_query"),
        (b"", {"typo": "1"}, "invalid_query"),
    ],
)
async def test_what_is_no_import_is_refused_with_the_reason(
    editor: httpx.AsyncClient, content: bytes, asked: dict[str, str], code: str
) -> None:
    answer = await editor.post(
        "/api/imports", params={"kind": "receipts", "format": "csv", **asked}, content=content
    )

    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_file_that_is_no_gzip_is_refused(editor: httpx.AsyncClient) -> None:
    answer = await upload(editor, b"id\n", headers={"content-encoding": "gzip"})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_gzip")


async def test_an_import_needs_the_admin_token(stranger: httpx.AsyncClient) -> None:
    assert (await upload(stranger, b"")).status_code == 401


async def test_an_import_nobody_knows_is_a_404(editor: httpx.AsyncClient) -> None:
    assert (await editor.get("/api/imports/none")).status_code == 404
    assert (await editor.get("/api/imports/none/report")).status_code == 404


async def test_customers_come_in_with_contacts_consents_and_fields_of_the_shop(
    editor: httpx.AsyncClient, opened: Services
) -> None:
    """M018, M019: a table as people make them."""
    customer = fresh_name("customer")
    content = (
        "id,email,phone,traits.firstName,traits.points:number,contacts.email.state,"
        "subscriptions.email,subscriptions.sms.promo,updatedAt\n"
        f"{customer},ada@shop.example,+49 151 23456789,Ada,7,invalid,yes,no,2026-01-01\n"
    )

    answer = await upload(editor, content.encode(), kind="customers")

    assert (answer.status_code, answer.json()["accepted"]) == (200, 1), answer.text
    ada = await known(opened, customer)
    assert ada.attributes == {
        "email": "ada@shop.example",
        "phone": "+4915123456789",
        "firstName": "Ada",
        "points": 7.0,
    }
    assert ada.contacts["email"].state == "invalid"
    assert ada.subscriptions == {"email": True, "sms": {"promo": False}}


@pytest.mark.parametrize("format_name", ["csv", "ndjson"])
async def test_an_export_is_taken_back_as_it_is(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, format_name: str
) -> None:
    """M018, M019: contacts with their states, consent with its dates."""
    ada = person(fresh_name("customer"))
    await writer.insert([changelog.mirrored(ada, now_at=5)])
    export = await editor.get("/api/export/customers", params={"format": format_name})
    lines = export.content.splitlines(keepends=True)
    own = [line for line in lines if ada.id.encode() in line or line.startswith(b"id,")]

    answer = await upload(editor, b"".join(own), kind="customers", format=format_name)

    assert (answer.json()["accepted"], answer.json()["refused"]) == (1, 0), answer.text
    again = await known(opened, ada.id)
    assert takeout.shape(again, as_of=0) == takeout.shape(ada, as_of=0)


async def test_the_file_of_customers_again_is_the_same_event_though_it_says_no_time(
    editor: httpx.AsyncClient, opened: Services
) -> None:
    """A no that was said between two runs of the same file stays a no."""
    customer = fresh_name("customer")
    content = f'{{"id":"{customer}","subscriptions":{{"email":true}}}}\n'.encode()

    for _ in range(2):
        answer = await upload(
            editor,
            content,
            kind="customers",
            format="ndjson",
            updatedAt="2026-01-01T00:00:00Z",
        )
        assert answer.status_code == 200, answer.text

    first, again = await events_of(opened, customer)
    assert first == again
    assert first.occurred_at == 1_767_225_600_000


async def test_a_phone_in_a_file_is_one_of_the_shops_country(
    editor: httpx.AsyncClient, opened: Services
) -> None:
    customer = fresh_name("customer")
    settings = await editor.get("/api/settings")
    body = {**settings.json(), "region": "DE"}
    etag = {"if-match": settings.headers["etag"]} if "etag" in settings.headers else {}
    answer = await editor.put("/api/settings", json=body, headers=etag)
    assert answer.is_success, answer.text

    await upload(editor, f"id,phone\n{customer},0151 23456789\n".encode(), kind="customers")

    assert (await known(opened, customer)).phone == "+4915123456789"


async def events_of(opened: Services, customer: str) -> list[Event]:
    return [
        wire.decode_event(one.value, None).event
        for one in await appended(opened, "events")
        if one.key == f"u:{customer}".encode()
    ]


async def known(opened: Services, customer: str) -> Customer:
    """Who comes of the log."""
    found = Customer(id=customer)
    for event in await events_of(opened, customer):
        found = step(found, event, Definitions(), 2**41).customer
    return found


def person(customer: str) -> Customer:
    said = customers.customer(
        {
            "id": customer,
            "traits": {"email": "ada@shop.example", "loves": ["tea"], "points": 7},
            "contacts": {"email": {"state": "invalid"}, "push": [{"type": "fcm", "value": "t"}]},
            "consent": [{"channel": "sms", "state": "no", "at": "2026-01-01T00:00:00Z"}],
            "updatedAt": "2026-01-02T00:00:00Z",
        },
        origin=Origin(source="import", received_at=2**41, seed="s"),
    )
    return step(Customer(id=customer), said.event, Definitions(), 2**41).customer

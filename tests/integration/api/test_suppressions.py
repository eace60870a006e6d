"""X47: the list of suppressed addresses: added, imported, listed, audited and undone."""

from collections.abc import Sequence
from uuid import uuid4

import httpx
import msgspec
import pytest

from agents.sink import shared as sink
from api.services import Services
from clickhouse.client import Reader as ClickHouseReader
from clickhouse.client import Writer
from engine import suppressions
from engine.claims import SharedEvent
from engine.customer import Customer
from engine.rows import Row
from engine.shared import answering
from engine.shared.answering import SharedArrival
from engine.shared.counters import CounterRow
from engine.suppressions import AddressReported, AddressTaken
from settings import Settings
from streams import topics, wire
from streams.consumer import Reader
from streams.positions import Beginning
from streams.records import Received
from tables import counters, rows
from tables.profiles import COUNTER, COUNTERS_COPY, Copies, Copy

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATH = "/api/suppressions"


class Address:
    """One that no other test uses, and the parts of Oncue around its row."""

    def __init__(self, config: Settings, writer: Writer) -> None:
        self.email = f"{uuid4().hex[:12]}@shop.example"
        self.counter = suppressions.counter(suppressions.hashed("email", self.email))
        self.id = self.counter.removeprefix(suppressions.COUNTER)
        self.row = CounterRow()
        self._config = config
        self._writer = writer
        self._seen = 0
        self._offset = 0

    async def settle(self, *others: SharedEvent) -> None:
        """Do what worker, sink and mirror do with what the API appended, then with the others."""
        async with Reader(brokers=self._config.broker) as reader:
            await reader.assign_topics([topics.SHARED.name], start=Beginning())
            found = [record async for some in reader.read_to_end() for record in some]
        mine = [one for one in found if (one.key or b"").decode() == self.counter]
        events = [wire.decode_shared(one.value, None).event for one in mine[self._seen :]]
        self._seen = len(mine)
        for event in (*events, *others):
            await self._apply(event)
        value = counters.encode(self.row, epoch=1, version=self._offset, offset=self._offset)
        copies = Copies(url=self._config.redis, rows_at=COUNTER, place=COUNTERS_COPY)
        await copies.write([Copy(self.counter, self._offset, value)])
        await copies.close()

    async def _apply(self, event: SharedEvent) -> None:
        self._offset += 1
        arrival = SharedArrival(
            counter=self.counter, event=event, logged_at=event.occurred_at + self._offset
        )
        emitted = answering.advance(self.row, arrival)
        assert not isinstance(emitted, str)
        values = [one.value for one in emitted if one.topic == "shared"]
        await self._writer.insert([sink.row_of(self._received(value)) for value in values])

    def _received(self, value: bytes) -> Received:
        return Received(
            topic=topics.SHARED.name,
            partition=0,
            offset=self._offset,
            key=self.counter.encode(),
            value=value,
            headers={},
            logged_at=1,
        )


@pytest.fixture
def address(config: Settings, writer: Writer) -> Address:
    return Address(config, writer)


async def add(
    editor: httpx.AsyncClient, *wanted: dict[str, object], reason: str = "operator"
) -> dict[str, object]:
    answer = await editor.post(PATH, json={"batch": list(wanted), "reason": reason})
    assert answer.is_success, answer.text
    return dict(answer.json())


async def listed(editor: httpx.AsyncClient, **query: str) -> Sequence[dict[str, object]]:
    answer = await editor.get(PATH, params=query)
    assert answer.is_success, answer.text
    return list(answer.json()["items"])


async def test_what_an_operator_adds_is_listed_with_whose_it_is(
    editor: httpx.AsyncClient, opened: Services, address: Address
) -> None:
    customer = f"c-{uuid4().hex[:8]}"
    row = Row(customer=Customer(id=customer, email=address.email))
    copy = Copy(customer, 1, rows.encode(row, epoch=1, version=1, offset=1))
    await opened.profiles.write([copy])
    taken = AddressTaken(id="t", occurred_at=1, kind="email", customer=f"u:{customer}")

    await add(editor, {"email": f" {address.email.upper()}", "note": "wrote to us"})
    await address.settle(taken)
    [found] = await listed(editor, address=f"email:{address.email}")

    assert (found["id"], found["kind"], found["address"]) == (address.id, "email", address.email)
    assert (found["scope"], found["reason"], found["note"]) == ("all", "operator", "wrote to us")
    assert found["customers"] == [customer]


async def test_of_an_address_that_nobody_has_only_the_hash_is_known(
    editor: httpx.AsyncClient, address: Address
) -> None:
    await add(editor, {"email": address.email, "scope": "marketing"}, reason="import")
    await address.settle()

    found = (await editor.get(f"{PATH}/{address.id}")).json()

    assert (found["address"], found["customers"]) == (None, [])
    assert (found["scope"], found["reason"], found["origin"]) == ("marketing", "import", "import")


async def test_each_entry_of_a_list_is_taken_or_refused_for_itself(
    editor: httpx.AsyncClient, address: Address
) -> None:
    found = await add(
        editor,
        {"email": address.email},
        {"email": "no address"},
        {"phone": "+4915112345678"},
        {},
        {"email": address.email, "phone": "+4915112345678"},
        reason="import",
    )

    assert found["accepted"] == 2
    refused = found["refused"]
    assert isinstance(refused, list)
    assert [one["index"] for one in refused] == [1, 3, 4]


async def test_undone_it_leaves_the_list_and_its_changes_stay(
    editor: httpx.AsyncClient, address: Address
) -> None:
    bounced = AddressReported(
        id="r",
        occurred_at=5,
        kind="email",
        customer="c",
        verdict="hard",
        message_id="m7",
        code="5.1.1",
    )
    await address.settle(bounced)
    [found] = await listed(editor, address=address.id, reason="hard_bounce")
    assert (found["message_id"], found["code"]) == ("m7", "5.1.1")

    gone = await editor.delete(f"{PATH}/email:{address.email}", params={"note": "asked them"})
    assert gone.status_code == 202
    await address.settle()
    assert await listed(editor, address=address.id) == []
    assert (await editor.get(f"{PATH}/{address.id}")).status_code == 404

    await add(editor, {"email": address.email})
    await address.settle()
    changes = (await editor.get(f"{PATH}/{address.id}")).json()["changes"]

    assert [(one["scope"], one["reason"], one["origin"], one["note"]) for one in changes] == [
        ("all", "operator", "operator", None),
        (None, None, "operator", "asked them"),
        ("all", "hard_bounce", "response", None),
    ]


async def test_the_list_goes_on_where_a_page_ended(
    editor: httpx.AsyncClient, config: Settings, writer: Writer
) -> None:
    several = [Address(config, writer) for _ in range(3)]
    wanted: list[dict[str, object]] = [{"email": one.email} for one in several]
    await add(editor, *wanted, reason="import")
    for one in several:
        await one.settle()

    found: list[object] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "2", "reason": "import"} | ({"cursor": cursor} if cursor else {})
        page = (await editor.get(PATH, params=query)).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["cursor"]

    assert {one.id for one in several} <= set(found)
    assert len(found) == len(set(found))


async def test_suppressions_can_be_counted_in_clickhouse(
    editor: httpx.AsyncClient, opened: Services, address: Address
) -> None:
    await add(editor, {"email": address.email})
    await address.settle()
    reader: ClickHouseReader = opened.reader

    class Counted(msgspec.Struct):
        n: int

    [one] = await reader.records(
        Counted,
        "SELECT count() AS n FROM oncue.suppressions WHERE address = {id:String}",
        {"id": address.id},
    )
    assert one.n == 1


@pytest.mark.parametrize("wrong", ["nobody", "email:nobody", "phone:12", "0" * 31])
async def test_what_is_no_address_is_said_so(editor: httpx.AsyncClient, wrong: str) -> None:
    answer = await editor.delete(f"{PATH}/{wrong}")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")
    assert "email:ADDRESS" in answer.json()["message"]

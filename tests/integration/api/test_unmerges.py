"""What an operator is told of an unmerge that cannot be, and the replay out of ClickHouse."""

from uuid import uuid4

import httpx
import msgspec
import pytest

from agents.sink import events as sink
from api.services import Services
from api.unmerging import replaying
from api.unmerging.replaying import History
from clickhouse.client import Writer
from clickhouse.queries import histories
from engine import keys
from engine.catalogue import shelf
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.erasures import Erasure
from engine.events import PageViewed, Switched
from engine.links import Freeze, Link, LinkState, Unmerge
from engine.mergers import LogMarked, MergeRefused
from engine.rows import Row
from streams import wire
from streams.records import CAUSE_HEADER, Received, Record
from tables import rows
from tables.profiles import Copy
from tests.support.log_rows import MONDAY

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def name() -> str:
    """A customer that no other test uses."""
    return f"c-{uuid4().hex[:12]}"


async def remember(opened: Services, row: Row) -> None:
    """Do what worker and mirror do."""
    value = rows.encode(row, epoch=1, version=1, offset=1)
    await opened.profiles.write([Copy(row.customer.id, 1, value)])


def known(name: str, **fields: object) -> Row:
    states: dict[str, LinkState] = {"a:merged": "merged", "a:linked": "linked", "a:asked": "asked"}
    links = {key: Link(state, "m", 0) for key, state in states.items()}
    links["a:split"] = Link("refused", "split", 0)
    row = Row(customer=Customer(id=name), now_at=MONDAY, links=links)
    return msgspec.structs.replace(row, **fields)


async def asked(editor: httpx.AsyncClient, name: str, identity: object) -> tuple[int, str]:
    answer = await editor.post(f"/api/customers/{name}/unmerge", json={"identity": identity})
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("anonymous:nobody", (409, "not_merged")),
        ("anonymous:split", (409, "already_unmerged")),
        ("anonymous:linked", (409, "only_linked")),
        ("anonymous:asked", (409, "merge_under_way")),
        ("bob", (400, "invalid_body")),
        ("", (400, "invalid_body")),
        (7, (400, "invalid_body")),
    ],
)
async def test_what_cannot_be_split_off_is_told_at_once(
    editor: httpx.AsyncClient, opened: Services, identity: object, expected: tuple[int, str]
) -> None:
    name = f"c-{uuid4().hex[:12]}"
    await remember(opened, known(name))

    assert await asked(editor, name, identity) == expected


async def test_who_nobody_knows_cannot_be_unmerged(editor: httpx.AsyncClient, name: str) -> None:
    assert await asked(editor, name, "anonymous:merged") == (404, "not_found")


async def test_who_was_erased_cannot_be_unmerged(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    await remember(opened, Row(customer=Customer(id=name), erasure=Erasure("e", MONDAY, (name,))))

    assert await asked(editor, name, "anonymous:merged") == (410, "erased")


async def test_one_unmerge_at_a_time(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    under_way = Unmerge(id="u", identity="a:other", state="waiting", at=MONDAY)
    await remember(opened, known(name, unmerge=under_way))

    assert await asked(editor, name, "anonymous:merged") == (409, "under_way")


class Logs:
    """Two partitions as the sink stores them."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._ends = {0: 0, 1: 0}

    async def store(self, partition: int, record: Record, *, at: int, cause: str = "") -> None:
        """The next record of a partition."""
        offset = self._ends[partition]
        self._ends[partition] += 1
        headers = dict(record.headers) | ({CAUSE_HEADER: cause.encode()} if cause else {})
        received = Received(
            topic="events",
            partition=partition,
            offset=offset,
            key=record.key,
            value=record.value,
            headers=headers,
            logged_at=MONDAY + at,
        )
        await self._writer.insert([sink.row_of(received)])

    async def page(self, key: str, partition: int, *, at: int) -> None:
        """Somebody looks at something."""
        event = PageViewed(id=uuid4().hex, occurred_at=MONDAY + at)
        await self.store(partition, wire.record_of(key, event), at=at)


async def test_what_stands_before_the_marks_is_replayed_and_nothing_else(
    opened: Services, writer: Writer, name: str
) -> None:
    """Of a device that was another user's before, only what came after it changed hands.

    A crash appends marks again: the first is the one that counts.
    """
    own, device, shared = f"u:{name}", f"a:{name}-d", f"a:{name}-s"
    logs = Logs(writer)
    await logs.page(shared, 1, at=1)
    linked = MergeRefused(
        id=uuid4().hex, occurred_at=0, merge_id="m", origin=shared, reason="other_users"
    )
    await logs.store(0, wire.record_of(own, linked), at=2, cause="events/1/1/0")
    await logs.store(1, wire.switch_of(switch(name, 7), partition=1, logged_at=0), at=2)
    for at, key, partition in ((3, shared, 1), (4, device, 1), (5, own, 0), (6, device, 1)):
        await logs.page(key, partition, at=at)
    for key, partition in ((own, 0), (device, 1), (shared, 1)):
        mark = LogMarked(id=f"{key}-mark", occurred_at=0, unmerge_id=name, identity=key)
        await logs.store(partition, wire.record_of(key, mark), at=7)
        await logs.page(key, partition, at=8)
        await logs.store(partition, wire.record_of(key, mark), at=9)
    row = ready(name, device, shared)
    asked_of: list[int] = []

    marks = await histories.marks(opened.reader, [f"{key}-mark" for key in (own, device, shared)])
    split, _ = await replaying.split(
        opened.reader, row, marks, History(lambda at: remembered(asked_of, at), shelf.empty())
    )

    assert split.survivor.customer.events_count == 2
    assert split.identity.customer.events_count == 2
    assert split.identity.customer.last_seen_at == MONDAY + 6
    assert set(asked_of) == {-1, 7}


def switch(name: str, definitions: int) -> Switched:
    return Switched(id=f"{name}-switch", occurred_at=0, definitions_offset=definitions)


def remembered(asked_of: list[int], at: int) -> Definitions:
    asked_of.append(at)
    return Definitions()


def ready(name: str, device: str, shared: str) -> Row:
    unmerge = Unmerge(id=name, identity=device, state="ready", at=MONDAY + 7, along=(device,))
    links = {device: Link("merged", "m", 0), shared: Link("linked", "m", 0)}
    customer = Customer(id=keys.public_id(f"u:{name}"))
    return Row(
        customer=customer,
        links=links,
        merges_count=1,
        unmerge=unmerge,
        freeze=Freeze(base=customer, waiting_for=(name,)),
    )

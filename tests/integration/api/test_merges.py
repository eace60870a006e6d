"""What became of identities, for one customer and for the operator's list (M129, e.5)."""

from uuid import uuid4

import httpx
import pytest

from api.services import Services
from clickhouse.client import Writer
from engine.customer import Customer
from engine.erasures import Erasure
from engine.rows import Row
from tables import rows
from tables.profiles import Copy
from tests.support import log_rows
from tests.support.log_rows import MONDAY

pytestmark = pytest.mark.asyncio(loop_scope="session")

MINUTE = 60_000
TOLD = (
    ("merged", "anonymous:d1", "ada"),
    ("not_merged", "email:a@x.io", "other_users"),
    ("linked", "anonymous:d2", "ada"),
    ("not_merged", "bob", "two_users"),
    ("trimmed", "anonymous:d1", "the cart"),
    ("unmerged", "anonymous:d1", "anonymous:d1"),
)


@pytest.fixture
def name() -> str:
    """A customer that no other test uses."""
    return f"c-{uuid4().hex[:12]}"


async def remember(opened: Services, row: Row) -> None:
    """Do what worker and mirror do."""
    value = rows.encode(row, epoch=1, version=1, offset=1)
    await opened.profiles.write([Copy(row.customer.id, 1, value)])


async def told(writer: Writer, name: str, *, first: int) -> None:
    """Do what worker and sink do, a minute between two of them; ids and times are this test's."""
    facts = [
        log_rows.fact(f"{name}-{number}", offset=first + number, kind=kind)._replace(
            customer=name, name=identity, after=after, cause=f"m{number}", at=at(first + number)
        )
        for number, (kind, identity, after) in enumerate(TOLD)
    ]
    await writer.insert(facts)


def at(number: int) -> int:
    return MONDAY + number * MINUTE


async def items(editor: httpx.AsyncClient, path: str, **query: str) -> list[dict[str, object]]:
    """A list to its end, two at a time."""
    found: list[dict[str, object]] = []
    cursor: str | None = ""
    while cursor is not None:
        more = {"cursor": cursor} if cursor else {}
        answer = await editor.get(path, params={**query, **more, "limit": "2"})
        assert answer.is_success, answer.text
        found += answer.json()["items"]
        cursor = answer.json()["cursor"]
    return found


async def test_a_customers_merges_and_refusals_come_newest_first(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    await remember(opened, Row(customer=Customer(id=name), now_at=MONDAY))
    await told(writer, name, first=100)

    found = await items(editor, f"/api/customers/{name}/merges")

    assert [(item["status"], item["identity"], item["reason"]) for item in found] == [
        ("unmerged", "anonymous:d1", None),
        ("trimmed", "anonymous:d1", None),
        ("refused", "bob", "two_users"),
        ("linked", "anonymous:d2", None),
        ("refused", "email:a@x.io", "other_users"),
        ("merged", "anonymous:d1", None),
    ]
    assert (found[0]["belongs_to"], found[1]["left_out"]) == ("anonymous:d1", "the cart")
    assert found[2]["words"] == "both are user ids: two users never merge"
    assert (found[2]["merge_id"], found[2]["customer"]) == ("m3", name)
    assert found[2]["at"] == "2025-12-01T01:43:00.000Z"


async def test_a_list_is_narrowed_by_status(
    editor: httpx.AsyncClient, opened: Services, writer: Writer, name: str
) -> None:
    await remember(opened, Row(customer=Customer(id=name), now_at=MONDAY))
    await told(writer, name, first=200)

    found = await items(editor, f"/api/customers/{name}/merges", status="linked,unmerged")

    assert [item["status"] for item in found] == ["unmerged", "linked"]


async def test_refusals_of_all_customers_are_one_list(
    editor: httpx.AsyncClient, writer: Writer, name: str
) -> None:
    """The newest first, every one once, and nothing but refusals."""
    other = f"{name}-other"
    await told(writer, name, first=300)
    await told(writer, other, first=310)

    found = await items(editor, "/api/merges", status="refused")

    ours = [item for item in found if item["customer"] in {name, other}]
    assert {item["status"] for item in found} == {"refused"}
    assert [(item["customer"], item["reason"]) for item in ours] == [
        (other, "two_users"),
        (other, "other_users"),
        (name, "two_users"),
        (name, "other_users"),
    ]


@pytest.mark.parametrize("path", ["/api/merges", "/api/customers/{name}/merges"])
async def test_a_status_there_is_not_is_refused(
    editor: httpx.AsyncClient, opened: Services, name: str, path: str
) -> None:
    await remember(opened, Row(customer=Customer(id=name), now_at=MONDAY))

    answer = await editor.get(path.format(name=name), params={"status": "denied"})

    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "status")


async def test_who_is_not_known_or_erased_has_no_merges(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    gone = f"{name}-gone"
    await remember(opened, Row(customer=Customer(id=gone), erasure=Erasure("e", MONDAY, (gone,))))

    unknown = await editor.get(f"/api/customers/{name}/merges")
    erased = await editor.get(f"/api/customers/{gone}/merges")

    assert (unknown.status_code, erased.status_code) == (404, 410)


async def test_a_customer_that_nothing_happened_to_has_an_empty_list(
    editor: httpx.AsyncClient, opened: Services, name: str
) -> None:
    await remember(opened, Row(customer=Customer(id=name), now_at=MONDAY))

    answer = await editor.get(f"/api/customers/{name}/merges")

    assert answer.json() == {"items": [], "cursor": None}

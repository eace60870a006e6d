"""Sets of customers: preview with its waterfall, search, and the filters of the list."""

import itertools
from collections import Counter
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio

from clickhouse.client import Writer
from engine import admission, chance
from engine.admission import Refused
from engine.customer import Contact, Customer, Purchases
from engine.declarations import Subscriptions
from engine.definitions.policies import Policy
from engine.events import Responded, Tracked
from engine.holdings import Loyalty, Tag
from engine.messages import MessageClass
from engine.points import PointsEntry
from tests.support import changelog, log_rows
from tests.support.logged import NOON, stored

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAID: Final[tuple[Subscriptions, ...]] = (
    {},
    {"email": True, "sms": True},
    {"email": False, "sms": False},
    {"email": {"": True, "promo": False}, "sms": {"": False, "promo": True}},
    {"email": {"promo": True}, "sms": {"promo": True}},
    {"email": {"news": True}},
)
ADDRESSES: Final[tuple[dict[str, object], ...]] = (
    {},
    {"email": "a@example.com", "phone": "+4915112345678"},
    {
        "email": "a@example.com",
        "phone": "+4930123456",
        "contacts": {
            "email": Contact(state="invalid"),
            "phone": Contact(state="valid", kind="landline"),
        },
    },
)


class Crowd(NamedTuple):
    """Customers in ClickHouse who share a tag."""

    tag: str
    customers: dict[str, Customer]

    def rule(self, *others: dict[str, object]) -> dict[str, object]:
        """Those of them for whom the others hold."""
        return {"op": "all", "of": [{"op": "in_audience", "tag": self.tag}, *others]}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crowd(writer: Writer) -> Crowd:
    """Every consent with every address, three times over; each bought for another amount."""
    tag = f"crowd-{uuid4().hex[:8]}"
    found = {}
    for number, (said, reached, _) in enumerate(itertools.product(SAID, ADDRESSES, range(3))):
        name = f"{tag}-{number:02}"
        found[name] = Customer(
            id=name,
            tags={tag: Tag(NOON, is_assigned=True)},
            subscriptions=said,
            receipts=Purchases(
                count=number % 3,
                total=Decimal(number % 3 * 10),
                first_at=NOON if number % 3 else None,
                currency="EUR" if number % 3 else None,
            ),
            last_seen_at=NOON + number,
            **reached,  # type: ignore[arg-type]  # fields of the record
        )
    await writer.insert([changelog.mirrored(one, now_at=NOON) for one in found.values()])
    return Crowd(tag, found)


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("category", [None, "promo", "news"])
@pytest.mark.parametrize("message_class", ["marketing", "transactional"])
async def test_the_waterfall_says_what_admission_would_say(  # noqa: PLR0917 fixtures and cases
    editor: httpx.AsyncClient,
    crowd: Crowd,
    channel: str,
    category: str | None,
    message_class: MessageClass,
) -> None:
    """g18: who is unreachable and why, in the engine's own order."""
    asked = {"channel": channel, "category": category, "class": message_class}

    answer = await editor.post("/api/segments/preview", json={"rule": crowd.rule(), **asked})

    told = {step["step"]: step["count"] for step in answer.json()["waterfall"]}
    engine = Counter(
        verdict.reason if isinstance(verdict, Refused) else "reachable"
        for verdict in (
            admission.admit(
                one,
                channel=channel,
                category=category,
                message_class=message_class,
                policy=Policy(id="default"),
            )
            for one in crowd.customers.values()
        )
    )
    assert {step: count for step, count in told.items() if count} == {
        "matched": len(crowd.customers),
        **engine,
    }


async def test_a_preview_counts_samples_and_sums_up(
    editor: httpx.AsyncClient, crowd: Crowd
) -> None:
    rule = crowd.rule({"op": "metric", "name": "receipts_count", "is": ">=", "value": 1})
    asked = {"rule": rule, "sample": 5}

    one, again = [await editor.post("/api/segments/preview", json=asked) for _ in range(2)]

    found = one.json()
    bought = [known for known in crowd.customers.values() if known.receipts.count]
    assert (found["count"], len(found["sample"])) == (len(bought), 5)
    assert [who["id"] for who in found["sample"]] == [who["id"] for who in again.json()["sample"]]
    assert {who["id"] for who in found["sample"]} <= {known.id for known in bought}
    revenue = sum(known.receipts.total for known in bought)
    receipts = sum(known.receipts.count for known in bought)
    assert found["metrics"] | {"other_currencies": []} == {
        "profiles": len(bought),
        "receipts": receipts,
        "revenue": f"{revenue:.2f}",
        "average_receipt": "10.00",
        "orders": 0,
        "orders_total": "0.00",
        "ltv": f"{revenue / len(bought):.2f}",
        "currency": "EUR",
        "other_currencies": [],
    }


async def test_the_holdout_of_a_campaign_is_the_last_to_stop_a_message(
    editor: httpx.AsyncClient, crowd: Crowd
) -> None:
    name = f"held-{crowd.tag}"
    campaign = {
        "class": "transactional",
        "holdout": {"basis_points": 4_000},
        "triggers": [{"id": "idle", "type": "T01"}],
        "start": "s1",
        "steps": {"s1": {"type": "exit"}},
    }
    saved = await editor.put(f"/api/campaigns/{name}", json=campaign)
    assert saved.status_code == 200, saved.text

    answer = await editor.post(
        "/api/segments/preview", json={"rule": crowd.rule(), "campaign": name}
    )

    steps = {step["step"]: step["count"] for step in answer.json()["waterfall"]}
    good = [one for one in crowd.customers.values() if one.email and not one.contacts]
    held = [one for one in good if chance.is_within(f"{name}/holdout", one.id, first=0, end=4_000)]
    assert (steps["holdout"], steps["reachable"]) == (len(held), len(good) - len(held))
    assert "no_consent" not in steps


@pytest.mark.parametrize("sort", ["id", "receipts_total", "last_seen_at", "receipts_first_at"])
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_pages_of_any_order_are_the_selected_each_once(
    editor: httpx.AsyncClient, crowd: Crowd, sort: str, order: str
) -> None:
    """M120: a rule, an order and a cursor that is stable."""
    asked = {"rule": crowd.rule(), "sort": sort, "order": order, "limit": 7}
    found: list[dict[str, object]] = []
    cursor = None
    while True:
        page = (await editor.post("/api/customers/search", json={**asked, "cursor": cursor})).json()
        found += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            break

    ids = [str(one["id"]) for one in found]
    assert sorted(ids) == sorted(crowd.customers)
    assert len(set(ids)) == len(ids)
    values = [_value(crowd.customers[name], sort) for name in ids]
    told = [value for value in values if value is not None]
    assert values == told + [None] * (len(values) - len(told))
    assert told == sorted(told, reverse=order == "desc")


async def test_a_search_tells_what_all_of_the_selected_bring(
    editor: httpx.AsyncClient, crowd: Crowd
) -> None:
    """M127."""
    asked = {"rule": crowd.rule(), "limit": 1, "metrics": True}

    found = (await editor.post("/api/customers/search", json=asked)).json()

    assert found["metrics"]["profiles"] == len(crowd.customers)
    assert found["metrics"]["average_receipt"] == "10.00"


async def test_ids_and_text_choose_as_a_tree_does(editor: httpx.AsyncClient, crowd: Crowd) -> None:
    names = sorted(crowd.customers)[:2]

    by_id = await editor.post("/api/customers/search", json={"ids": names})
    by_text = await editor.post(
        "/api/segments/preview", json={"text": f'in_audience("{crowd.tag}")'}
    )

    assert [one["id"] for one in by_id.json()["items"]] == names
    assert by_text.json()["count"] == len(crowd.customers)


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({}, 400, "rule"),
        ({"rule": {"op": "in_audience", "tag": "x"}, "ids": ["x"]}, 400, "rule"),
        ({"rule": {"op": "attr", "path": "agee"}}, 400, "rule.path"),
        ({"ids": []}, 400, "ids"),
        ({"segment": "no-such"}, 404, None),
        ({"ids": ["x"], "campaign": "no-such"}, 404, None),
        ({"ids": ["x"], "sample": 101}, 400, "sample"),
    ],
)
async def test_a_question_that_is_none_is_refused_with_its_place(
    editor: httpx.AsyncClient, body: dict[str, object], status: int, path: str | None
) -> None:
    answer = await editor.post("/api/segments/preview", json=body)

    assert answer.status_code == status, answer.text
    if path is not None:
        assert [flaw["path"] for flaw in answer.json()["errors"]] == [path]


async def test_a_cursor_of_another_order_is_refused(
    editor: httpx.AsyncClient, crowd: Crowd
) -> None:
    asked = {"rule": crowd.rule(), "limit": 1}
    page = (await editor.post("/api/customers/search", json=asked)).json()

    answer = await editor.post(
        "/api/customers/search", json={**asked, "cursor": page["cursor"], "sort": "ltv"}
    )

    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (400, "cursor")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(writer: Writer) -> str:
    """One customer for each field that a list is filtered by, and one of whom nothing is known."""
    prefix = f"f-{uuid4().hex[:8]}"
    known: dict[str, dict[str, object]] = {
        "cheap": {"receipts": Purchases(count=2, total=Decimal(20), first_at=NOON)},
        "dear": {
            "receipts": Purchases(count=1, total=Decimal("90.50"), first_at=NOON + 86_400_000)
        },
        "bonus": {"loyalty": Loyalty(active=Decimal(30), updated_at=NOON)},
        "points": {"points": (PointsEntry(id="e", at=0, amount=30, left=30, origin="operator"),)},
        "mobile": {
            "phone": "+4915112345678",
            "contacts": {"phone": Contact(state="valid", kind="mobile", operator="Oper")},
        },
        "poll": {},
        "read": {},
        "none": {},
    }  # fmt: skip
    for name, fields in known.items():
        customer = Customer(id=f"{prefix}-{name}", **fields)  # type: ignore[arg-type]  # of the record
        await writer.insert([changelog.mirrored(customer, now_at=NOON)])
    row = changelog.mirrored(Customer(id=f"{prefix}-fan"), now_at=NOON)
    await writer.insert([row._replace(favourite_products=[f"{prefix}-kettle"])])
    await writer.insert([log_rows.listed(f"{prefix}-kettle", name=f"{prefix} Red kettle")])
    survey = Tracked(
        id=f"{prefix}-s", occurred_at=NOON, name="Survey Completed",
        properties=msgspec.Raw(msgspec.json.encode({"survey_id": f"{prefix}-q"})),
    )  # fmt: skip
    await stored(writer, [survey], customer=f"{prefix}-poll")
    message = log_rows.message(f"{prefix}-m")._replace(
        customer=f"{prefix}-read", campaign=f"{prefix}-news"
    )
    await writer.insert([message])
    opened = Responded(
        id=f"{prefix}-o", occurred_at=NOON, message_id=f"{prefix}-m", channel="email",
        campaign=f"{prefix}-news", response="opened",
    )  # fmt: skip
    await stored(writer, [opened], customer=f"{prefix}-read")
    return prefix


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"phone_kind": "mobile"}, "mobile"),
        ({"operator": "oper"}, "mobile"),
        ({"phone_state": "missing"}, "bonus cheap dear fan none points poll read"),
        ({"receipts_first_at_from": "2026-11-23T12:00:00Z"}, "dear"),
        ({"receipts_first_at_to": "2026-11-23T12:00:00Z"}, "cheap"),
        ({"receipts_average_from": "10", "receipts_average_to": "90"}, "cheap"),
        ({"receipts_average_from": "90.50"}, "dear"),
        ({"bonuses_active_from": "30"}, "bonus"),
        ({"bonuses_active_from": "30.01"}, ""),
        ({"points_balance_from": "30"}, "points"),
        ({"points_balance_from": "31"}, ""),
        ({"favourite_product": "{}-KETTLE"}, "fan"),
        ({"favourite_product": "{} red kettle"}, "fan"),
        ({"survey": "{}-q"}, "poll"),
        ({"newsletter": "{}-news"}, "read"),
        ({"newsletter": "{}-news", "response": "opened"}, "read"),
        ({"newsletter": "{}-news", "response": "clicked"}, ""),
    ],
    ids=str,
)
async def test_the_list_is_narrowed_by_each_field(
    editor: httpx.AsyncClient, shop: str, asked: dict[str, str], found: str
) -> None:
    """M121 contacts, M122 purchases, M123 favourites, M124 bonuses, M125 polls and newsletters."""
    params = {name: text.replace("{}", shop) for name, text in asked.items()}

    answer = await editor.get("/api/customers", params={"q": shop, **params})

    assert answer.status_code == 200, answer.text
    ids = [item["id"].removeprefix(f"{shop}-") for item in answer.json()["items"]]
    assert sorted(ids) == found.split()


async def test_the_list_tells_what_all_who_fit_bring(editor: httpx.AsyncClient, shop: str) -> None:
    """M127."""
    asked = {"q": shop, "receipts_count_from": "1", "limit": "1", "metrics": "1"}

    found = (await editor.get("/api/customers", params=asked)).json()["metrics"]

    assert (found["profiles"], found["receipts"], found["revenue"]) == (2, 3, "110.50")
    assert found["average_receipt"] == "36.83"


@pytest.mark.parametrize(
    "params", [{"ltv_from": "x"}, {"registered_at_to": "today"}, {"response": "liked"}], ids=str
)
async def test_a_bound_that_is_none_is_refused(
    editor: httpx.AsyncClient, params: dict[str, str]
) -> None:
    answer = await editor.get("/api/customers", params=params)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")


def _value(customer: Customer, sort: str) -> Any:  # noqa: ANN401 compared with its like
    match sort:
        case "id":
            return customer.id
        case "receipts_total":
            return customer.receipts.total
        case "last_seen_at":
            return customer.last_seen_at
        case _:
            return customer.receipts.first_at

"""M150: cut points from ClickHouse, against an independent computation, and who reads them."""

import math
import random
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import httpx
import pytest
import pytest_asyncio

from api.quintiles import CUSTOMERS_MIN
from api.services import Services, now_ms
from clickhouse.client import Writer
from engine.customer import Customer, Purchases
from engine.definitions.rfm import Cuts
from engine.metrics import ages, rfm
from tests.support import log_rows

DAY = 24 * 60 * 60 * 1000


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def no_customers(writer: Writer) -> AsyncIterator[None]:
    """Fifths are of everybody: nobody else's customers may be there, nor ours afterwards."""
    await writer.command("TRUNCATE TABLE oncue.customers_log")
    yield
    await writer.command("TRUNCATE TABLE oncue.customers_log")


def buyers(count: int, *, seed: int) -> list[Customer]:
    chance = random.Random(seed)  # noqa: S311  the same customers in every run
    now = now_ms()
    return [
        Customer(
            id=f"rfm-{seed}-{number}",
            receipts=Purchases(
                count=chance.choice([1, 1, 1, 2, 3, 8]),
                total=Decimal(chance.randint(-500, 90_000)) / 100,
                # Half an hour from the next day: the test does not take as long.
                last_at=now - chance.randint(0, 200) * DAY - DAY // 2,
            ),
        )
        for number in range(count)
    ]


async def stored(writer: Writer, customers: Sequence[Customer]) -> None:
    await writer.insert(
        [
            log_rows.customer(one.id)._replace(
                receipts_count=one.receipts.count,
                receipts_total=one.receipts.total,
                receipts_last_at=one.receipts.last_at,
            )
            for one in customers
        ]
    )


def fifths(values: Sequence[Decimal] | Sequence[int]) -> list[Decimal]:
    """Nearest rank, written down anew: the value at place ceil(k n / 5)."""
    ordered = sorted(map(Decimal, values))
    return [ordered[math.ceil(k * len(ordered) / 5) - 1] for k in range(1, 5)]


@pytest.mark.parametrize("count", [CUSTOMERS_MIN, 7, 203])
async def test_the_cuts_are_the_quintiles_of_who_bought(
    editor: httpx.AsyncClient, writer: Writer, count: int
) -> None:
    customers = buyers(count, seed=count)
    await stored(writer, [*customers, Customer(id="rfm-never-bought")])
    now = now_ms()

    told = (await editor.post("/api/metrics/rfm/recompute")).json()

    days = [ages.days_since(one.receipts.last_at, now) or 0 for one in customers]
    assert told["cuts"]["recency_days"] == fifths(days)
    assert told["cuts"]["frequency"] == fifths([one.receipts.count for one in customers])
    money = fifths([one.receipts.total for one in customers])
    assert [Decimal(cut) for cut in told["cuts"]["monetary"]] == money
    assert (told["outcome"], told["customers"]) == ("computed", count)


@pytest.mark.parametrize("count", [0, CUSTOMERS_MIN - 1])
async def test_too_few_customers_leave_the_cuts_as_they_are(
    editor: httpx.AsyncClient, writer: Writer, count: int
) -> None:
    before = (await editor.get("/api/metrics/rfm")).json()
    await stored(writer, buyers(count, seed=99))

    told = (await editor.post("/api/metrics/rfm/recompute")).json()

    assert (told["outcome"], told["customers"]) == ("too_few_customers", count)
    assert {name: told[name] for name in before} == before


async def test_the_same_customers_again_make_no_new_version(
    editor: httpx.AsyncClient, writer: Writer
) -> None:
    await stored(writer, buyers(20, seed=3))
    first = (await editor.post("/api/metrics/rfm/recompute")).json()

    again = (await editor.post("/api/metrics/rfm/recompute")).json()

    assert (again["outcome"], again["version"]) == ("unchanged", first["version"])


async def test_api_and_view_say_the_same_of_everybody(
    editor: httpx.AsyncClient, writer: Writer, opened: Services
) -> None:
    customers = buyers(50, seed=4)
    await stored(writer, [*customers, Customer(id="rfm-never-bought")])
    told = (await editor.post("/api/metrics/rfm/recompute")).json()["cuts"]
    cuts = Cuts(
        recency_days=tuple(told["recency_days"]),
        frequency=tuple(told["frequency"]),
        monetary=tuple(Decimal(cut) for cut in told["monetary"]),
        customers=told["customers"],
    )

    seen = await opened.reader.rows(
        "SELECT id, rfm, rfm_recency, rfm_frequency, rfm_monetary FROM oncue.customers"
    )

    scores = {one.id: rfm.scores(one, cuts, now=now_ms()) for one in customers}
    names = ("rfm_recency", "rfm_frequency", "rfm_monetary")
    parts = {row["id"]: tuple(row[name] for name in names) for row in seen}
    assert parts == {**scores, "rfm-never-bought": (None, None, None)}
    assert {row["id"]: row["rfm"] for row in seen} == {
        **{name: str(found) for name, found in scores.items()},
        "rfm-never-bought": None,
    }
    assert len(set(parts.values())) > 10

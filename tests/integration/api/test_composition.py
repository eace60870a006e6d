"""Customers found by what their receipts hold (M214)."""

from decimal import Decimal
from typing import Final
from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio

from clickhouse.client import Writer
from engine.products import Line
from engine.transactions import ReceiptIssued
from tests.support import log_rows
from tests.support.logged import NOON, stored

pytestmark = pytest.mark.asyncio(loop_scope="session")

BOUGHT: Final = {
    "one": (
        Line(id="Red-kettle", name="Red kettle", quantity=1, price=Decimal("44.50")),
        Line(id="coupon", quantity=0, total=Decimal("0.02")),
    ),
    "six": (Line(id="cup", name="Cup", category="Cups", quantity=6, total=Decimal("18.00")),),
    "both": (
        Line(id="Red-kettle", quantity=6, price=Decimal(40)),
        Line(id="cup", quantity=1, price=Decimal(3)),
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(writer: Writer) -> str:
    """Three who bought, one whose receipt was cancelled, one who gave back, one who never did."""
    prefix = f"b-{uuid4().hex[:8]}"
    others = {"cancelled": {"status": "Cancelled"}, "gave": {"return_of": "x"}}
    for name in (*BOUGHT, *others, "none"):
        await writer.insert([log_rows.customer(f"{prefix}-{name}")])
        if name == "none":
            continue
        receipt = ReceiptIssued(
            id=f"{prefix}-{name}-r",
            occurred_at=NOON,
            receipt_id=f"{prefix}-{name}",
            updated_at=NOON,
            total=Decimal(10),
            lines=BOUGHT.get(name, BOUGHT["one"]),
        )
        receipt = msgspec.structs.replace(receipt, **others.get(name, {}))
        await stored(writer, [receipt], customer=f"{prefix}-{name}")
    listed = log_rows.listed("Red-kettle", category_id="cat-7")
    await writer.insert([listed, log_rows.listed("cat-7", kind="category", name="Kettles")])
    return prefix


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"product": "red-kettle"}, "both one"),
        ({"product": "red*"}, "both one"),
        ({"product": "cup"}, "both six"),
        ({"category": "kettles"}, "both one"),
        ({"category": "CAT-7"}, "both one"),
        ({"category": "cups"}, "six"),
        ({"quantity_from": "6"}, "both six"),
        ({"quantity_to": "1", "product": "cup"}, "both"),
        ({"product": "cup", "quantity_from": "2"}, "six"),
        ({"price_from": "44.5"}, "one"),
        ({"price_to": "3"}, "both six"),
        ({"price_from": "3.01", "price_to": "40"}, "both"),
        ({"product": "spoon"}, ""),
        ({"product": "coupon"}, ""),
    ],
)
async def test_a_customer_is_found_by_one_line_that_is_all_of_it(
    editor: httpx.AsyncClient, shop: str, asked: dict[str, str], found: str
) -> None:
    params = {f"bought_{name}": text for name, text in asked.items()}

    answer = await editor.get("/api/customers", params={"q": shop, **params})

    assert answer.status_code == 200, answer.text
    ids = [item["id"].removeprefix(f"{shop}-") for item in answer.json()["items"]]
    assert ids == found.split()


@pytest.mark.parametrize("text", ["many", "-1", "1e5", "1" * 13, "0.12345"])
async def test_an_amount_that_is_none_is_refused(editor: httpx.AsyncClient, text: str) -> None:
    answer = await editor.get("/api/customers", params={"bought_price_from": text})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")

"""One customer, heard of from every side: what each of them said is in the profile."""

from tests.integration.customers.live import Live

NOON = "2026-03-02T12:00:00Z"


def bought(name: str, receipt_id: str, total: str, *, minute: int) -> dict[str, object]:
    at = f"2026-03-02T12:{minute:02}:00Z"
    line = {"productId": "kettle", "quantity": 1, "price": total}
    return {
        "id": f"{name}-{receipt_id}",
        "customerId": name,
        "occurredAt": at,
        "updatedAt": at,
        "total": total,
        "currency": "EUR",
        "source": "till-3",
        "lines": [line],
    }


async def test_every_value_a_metric_had_can_be_read(live: Live, name: str) -> None:
    """M004, M010, M142, M143, M144: from what to what, when, and by which receipt."""
    await live.post("receipts", bought(name, "r1", "40.00", minute=0))
    await live.post("receipts", bought(name, "r2", "20.50", minute=1))

    path = f"customers/{name}/metrics/history"
    totals = await live.items(path, count=2, name="receipts_total")
    averages = await live.items(path, count=2, name="receipts_average")
    metrics = (await live.get(f"customers/{name}"))["metrics"]
    [row] = await live.rows(
        "SELECT receipts_count, toString(receipts_total) AS total FROM oncue.customers"
        " WHERE id = {id:String} AND receipts_count = 2",
        id=name,
    )

    assert [(item["before"], item["after"]) for item in totals] == [
        ("40.00", "60.50"),
        ("0", "40.00"),
    ]
    assert [item["at"] for item in totals] == [
        "2026-03-02T12:01:00.000Z",
        "2026-03-02T12:00:00.000Z",
    ]
    assert [item["after"] for item in averages] == ["30.25", "40.00"]
    assert (metrics["receipts_count"], metrics["receipts_total"]) == (2, "60.50")
    assert row == {"receipts_count": 2, "total": "60.5"}


async def test_every_balance_of_bonuses_can_be_read(live: Live, name: str) -> None:
    """M011, M168: the ledger of accruals is the feed's category of bonuses."""
    for active, minute in (("10", 0), ("25", 1)):
        at = f"2026-03-02T12:{minute:02}:00Z"
        await live.post(
            "bonus-balances",
            {"customerId": name, "active": active, "pending": "0", "updatedAt": at},
        )

    feed = await live.items(f"customers/{name}/activity", count=2, category="bonuses")

    assert [(item.get("before"), item["after"]) for item in feed] == [("10", "25"), (None, "10")]


async def test_a_profile_holds_what_every_source_said(live: Live, name: str) -> None:
    """M001, M002, M003, M005, M006, M007, M008, M012, M128, M129, M219."""
    page = {"url": "https://shop.example/kettles"}
    await live.post("customers", {"id": name, "traits": {"city": "Leeds", "gender": "female"}})
    await live.track(
        {"type": "page", "userId": name, "properties": page},
        {"type": "track", "userId": name, "event": "Called us", "properties": {"about": "tea"}},
        {
            "type": "track",
            "userId": name,
            "event": "Product Viewed",
            "properties": {"product_id": "kettle", "category": "kettles"},
        },
    )
    await live.post("receipts", bought(name, "r1", "40.00", minute=0))
    await live.post("tags", {"customerId": name, "add": ["vip"], "updatedAt": NOON})

    shown = await live.until(f"customers/{name}", lambda known: known["tags"] == ["vip"])
    feed = await live.items(f"customers/{name}/activity", count=5)
    [receipt] = await live.items(f"customers/{name}/receipts", count=1)
    [view] = await live.items(f"customers/{name}/views", count=1)
    [row] = await live.rows(
        "SELECT source FROM oncue.customers WHERE id = {id:String} AND has(tags, 'vip')", id=name
    )
    [listed] = await live.items("customers", count=1, source="back-office", q=name)

    assert shown["profile"] | {"registered_at": None} == {
        "gender": "f",
        "birthday": None,
        "country": None,
        "city": "Leeds",
        "registered_at": None,
    }
    assert shown["metrics"]["receipts_count"] == 1
    assert sorted((item["category"], item["type"]) for item in feed) == [
        ("events", "tracked"),
        ("receipts", "receipt_issued"),
        ("tags", "tag_changed"),
        ("website", "page_viewed"),
        ("website", "product_viewed"),
    ]
    assert (receipt["total"], receipt["source"]) == ("40.00", "till-3")
    assert (view["id"], view["category"]) == ("kettle", "kettles")
    assert shown["source"] == row["source"] == listed["source"] == "back-office"


async def test_a_merged_id_answers_with_the_survivors_history(live: Live, name: str) -> None:
    """M129, X26: what a visitor did belongs to the customer, asked by either id.

    The order changed the device's metric, the merge the customer's.
    """
    device = f"d-{name}"
    await live.track(
        {
            "type": "track",
            "anonymousId": device,
            "event": "Order Completed",
            "properties": {"order_id": name, "total": 5},
        },
        {
            "type": "identify",
            "anonymousId": device,
            "userId": name,
            "traits": {"email": f"{name}@shop.example"},
        },
    )

    merged = await live.until(f"customers/{name}", lambda known: known["metrics"]["orders_count"])
    by_device = await live.items(f"customers/anonymous:{device}/contacts/history", count=2)
    by_customer = await live.items(f"customers/{name}/contacts/history", count=2)
    orders = await live.items(f"customers/{name}/metrics/history", count=2, name="orders_count")

    assert merged["merged"] == [f"anonymous:{device}"]
    assert by_device == by_customer
    assert [(one["before"], one["after"]) for one in orders] == [("0", "1")] * 2
    assert len({one["cause"] for one in orders}) == 2

"""An erasure through the whole: asked for, listed, carried out, and told store by store."""

from tests.integration.customers.live import Live, Shown


async def test_an_erasure_is_listed_and_empties_every_store(live: Live, name: str) -> None:
    """X50."""
    traits = {"email": f"{name}@shop.example"}
    await live.post("customers", {"id": name, "traits": traits})
    await live.rows("SELECT id FROM oncue.customers WHERE id = {id:String}", id=name)
    await live.items(f"customers/{name}/contacts/history", count=2)

    await live.delete(f"customers/{name}")

    def is_carried_out(page: Shown) -> bool:
        mine = [item for item in page["items"] if item["customer"] == name]
        return bool(mine) and all(
            store["status"] == "done"
            for store in mine[0]["stores"]
            if store["store"].startswith("clickhouse.")
        )

    await live.until("erasures", is_carried_out)
    assert await live.status(f"customers/{name}") == 410
    assert await live.status(f"customers/{name}/contacts/history") == 410
    await live.track({"type": "page", "userId": name})
    other = f"{name}-other"
    await live.post("customers", {"id": other, "traits": {"city": "Leeds"}})
    await live.rows("SELECT id FROM oncue.customers WHERE id = {id:String}", id=other)
    assert await live.status(f"customers/{name}") == 410

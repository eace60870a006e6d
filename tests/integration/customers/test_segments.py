"""Live segments through the whole stack: entered by an event, told everywhere; quiet ones too."""

from typing import Any

from tests.integration.customers.live import Live


def rule(name: str, score: int) -> dict[str, Any]:
    """Who has a trait under a name that no other test uses."""
    path = f"score_{name.replace('-', '_')}"
    return {"op": "attr", "path": path, "is": ">=", "value": score}


async def declares(live: Live, name: str) -> str:
    path = f"score_{name.replace('-', '_')}"
    known = await live.get("settings")
    fields = [*known["custom_fields"]["customer"], {"name": path, "type": "number"}]
    said = {**known, "custom_fields": {**known["custom_fields"], "customer": fields}}
    await live.put("settings", said, **{"if-match": f'"{known["revision"]}"'})
    return path


async def test_x31_an_event_makes_a_member_and_a_changed_rule_reaches_the_quiet(
    live: Live, name: str
) -> None:
    path = await declares(live, name)
    await live.put(f"segments/{name}", {"rule": rule(name, 10)})
    await live.settled()
    keen, quiet = f"{name}-keen", f"{name}-quiet"
    for who, score in ((keen, 12), (quiet, 5)):
        await live.track({"type": "identify", "userId": who, "traits": {path: score}})

    shown = await live.until(f"customers/{keen}", lambda one: name in one["segments"])
    assert shown["segments"] == [name]
    await live.until(f"customers/{quiet}", lambda one: one["events_count"] == 1)
    [entered] = await live.rows(
        "SELECT customer, kind, version, origin FROM oncue.facts WHERE name = {name:String}",
        name=name,
    )
    assert entered == {"customer": keen, "kind": "segment_entered", "version": 1, "origin": "event"}

    await live.put(f"segments/{name}", {"rule": rule(name, 5)}, **{"if-match": '"1"'})
    await live.settled()
    assert await live.reassessed() >= 1

    await live.until(f"customers/{quiet}", lambda one: name in one["segments"])
    facts = await live.rows(
        "SELECT origin FROM oncue.facts WHERE name = {name:String} AND customer = {who:String}",
        name=name,
        who=quiet,
    )
    assert facts == [{"origin": "definition"}]
    stored = await live.rows(
        "SELECT count() AS n FROM oncue.customers WHERE has(segments, {name:String}) HAVING n = 2",
        name=name,
    )
    assert stored == [{"n": 2}]

"""Consent through the whole: an operator says it, a tracker says something older."""

from uuid import uuid4

import msgspec

from tests.integration.customers.live import Live

SAID = {"email": True, "sms": {"promo": False}, "preferred": {"promo": "email"}}


async def test_consent_and_its_history_are_the_same_everywhere(live: Live, name: str) -> None:
    """M195-M198, X49: by channel and category, with the date and whose word it is."""
    template = f"t-{uuid4().hex[:8]}"
    text = {"subject": "Now", "text": "Now", "category": "promo"}
    await live.put(f"templates/{template}", {"id": template, **text})
    await live.put(f"customers/{name}/subscriptions", SAID)
    older = {"subscriptions": {"email": False, "sms": True}}
    at = "2020-01-01T00:00:00Z"
    await live.track({"type": "identify", "userId": name, "traits": older, "timestamp": at})

    known = await live.until(
        f"customers/{name}/subscriptions", lambda shown: "" in (shown.get("sms") or {})
    )
    tab = await live.until(
        f"customers/{name}/subscriptions/categories",
        lambda shown: any(item["category"] == "promo" for item in shown["items"]),
    )
    history = await live.items(f"customers/{name}/subscriptions/history", count=4)
    [row] = await live.rows(
        "SELECT subscriptions FROM oncue.customers"
        " WHERE id = {id:String} AND JSONHas(subscriptions, 'sms', '')",
        id=name,
    )

    stands = {"email": True, "sms": {"": True, "promo": False}}
    assert known == {**stands, "preferred": {"promo": "email"}}
    assert msgspec.json.decode(row["subscriptions"]) == stands
    [promo] = [item for item in tab["items"] if item["category"] == "promo"]
    assert (promo["preferred"], tab["channels"]["push"]["state"]) == ("email", "unknown")
    said = {name: (told["state"], told["origin"]) for name, told in promo["channels"].items()}
    assert (said["sms"], said["email"]) == (("no", "operator"), ("yes", "operator"))
    changed = {(item["name"], item["before"], item["after"], item["origin"]) for item in history}
    assert changed == {
        ("email", "unknown", "yes", "operator"),
        ("sms/promo", "unknown", "no", "operator"),
        ("preferred/promo", None, "email", None),
        ("sms", "unknown", "yes", "customer"),
    }


async def test_one_channel_of_the_history_can_be_asked_for(live: Live, name: str) -> None:
    """X49: every answer ever given on it, the newest first."""
    for word in (True, False, True):
        await live.put(f"customers/{name}/subscriptions", {"email": word, "push": word})

    history = await live.items(f"customers/{name}/subscriptions/history", count=3, name="email")

    assert [item["after"] for item in history] == ["yes", "no", "yes"]


async def test_the_channel_preferred_for_a_category_can_be_taken_back(
    live: Live, name: str
) -> None:
    """M197."""
    await live.put(f"customers/{name}/subscriptions", {"preferred": {"promo": "sms"}})
    await live.put(f"customers/{name}/subscriptions", {"preferred": {"promo": None}})

    history = await live.items(f"customers/{name}/subscriptions/history", count=2)
    known = await live.get(f"customers/{name}/subscriptions")

    assert [(item["name"], item["after"]) for item in history] == [
        ("preferred/promo", None),
        ("preferred/promo", "sms"),
    ]
    assert known == {}


async def test_what_the_loyalty_programme_knows_of_consent_stands_at_once(
    live: Live, name: str
) -> None:
    """X25: its word on each channel, by the back office's door; an older one is passed over."""
    said: dict[str, object] = {"id": name, "traits": {"email": f"{name}@shop.example"}}
    now = {"subscriptions": {"email": True, "sms": {"promo": False}}}
    before = {"subscriptions": {"email": False}}

    await live.post("customers", said | now | {"updatedAt": "2026-02-01T00:00:00Z"})
    await live.post("customers", said | before | {"updatedAt": "2026-01-01T00:00:00Z"})

    await live.post("customers", {"id": name, "traits": {"city": "Bonn"}})

    await live.until(f"customers/{name}", lambda shown: "city" in shown["attributes"])
    known = await live.get(f"customers/{name}/subscriptions")
    history = await live.items(f"customers/{name}/subscriptions/history", count=2)
    assert known == {"email": True, "sms": {"promo": False}}
    assert {(item["name"], item["after"]) for item in history} == {
        ("email", "yes"),
        ("sms/promo", "no"),
    }

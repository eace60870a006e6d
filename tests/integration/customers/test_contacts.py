"""Addresses through the whole: the back office says them, everybody else is told."""

from tests.integration.customers.live import Live

MOBILE, LANDLINE = "+447400123456", "+442079460000"


async def test_an_address_and_its_history_are_the_same_everywhere(live: Live, name: str) -> None:
    """M018-M022, M131, M132: standardised, detected, and each change kept with its cause."""
    traits = {"email": " Ada@GMAIL.com", "phone": "+44 7400 123456"}
    await live.post("customers", {"id": name, "traits": traits, "updatedAt": "2026-03-02T09:00Z"})
    moved = {"customerId": name, "type": "phone", "value": LANDLINE}
    await live.post("contacts", {**moved, "updatedAt": "2026-03-03T09:00Z"})

    known = await live.until(
        f"customers/{name}/contacts", lambda shown: shown["phone"]["value"] == LANDLINE
    )
    history = await live.items(f"customers/{name}/contacts/history", count=8)
    [row] = await live.rows(
        "SELECT email, email_state, provider, phone, phone_state, phone_kind, region, timezone"
        " FROM oncue.customers WHERE id = {id:String} AND phone = {phone:String}",
        id=name,
        phone=LANDLINE,
    )

    assert (known["email"]["value"], known["email"]["state"]) == ("Ada@gmail.com", "valid")
    assert (known["email"]["provider"], known["phone"]["kind"]) == ("gmail", "landline")
    assert known["phone"]["changed_at"] == "2026-03-03T09:00:00.000Z"
    assert (known["phone"]["region"], known["phone"]["origin"]) == ("GB", "back_office")
    assert row == {
        "email": "Ada@gmail.com",
        "email_state": "valid",
        "provider": "gmail",
        "phone": LANDLINE,
        "phone_state": "valid",
        "phone_kind": "landline",
        "region": "GB",
        "timezone": "Europe/London",
    }
    changed = [(item["at"][:10], item["name"], item["before"], item["after"]) for item in history]
    assert sorted(changed) == [
        ("2026-03-02", "email", None, "Ada@gmail.com"),
        ("2026-03-02", "email_state", "missing", "valid"),
        ("2026-03-02", "phone", None, MOBILE),
        ("2026-03-02", "phone_kind", None, "mobile"),
        ("2026-03-02", "phone_state", "missing", "valid"),
        ("2026-03-02", "timezone", None, "Europe/London"),
        ("2026-03-03", "phone", MOBILE, LANDLINE),
        ("2026-03-03", "phone_kind", "mobile", "landline"),
    ]
    assert [item["at"][:10] for item in history] == ["2026-03-03"] * 2 + ["2026-03-02"] * 6
    assert len({item["cause"] for item in history}) == 2


async def test_an_address_that_is_none_and_one_that_is_missing_are_marked(
    live: Live, name: str
) -> None:
    """M131, M134: in the profile, in the list of customers and in ClickHouse."""
    await live.post("contacts", {"customerId": name, "type": "email", "value": "ada@shop@example"})

    known = await live.until(f"customers/{name}", lambda shown: shown["contacts"])
    [row] = await live.rows(
        "SELECT email_state, phone_state FROM oncue.customers WHERE id = {id:String}", id=name
    )

    states = {kind: contact["state"] for kind, contact in known["contacts"].items()}
    assert states == {"email": "invalid", "phone": "missing"}
    assert row == {"email_state": "invalid", "phone_state": "missing"}

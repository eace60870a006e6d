"""Quiet hours in a campaign: held, looked at again, or not sent at all."""

from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import chance
from engine.addresses import ZoneSource
from engine.customer import HELD_MAX
from engine.definitions.folded import Definitions
from engine.definitions.policies import Policy
from engine.events import Identified
from engine.schedules import quiet
from engine.schedules.local import Zones
from tests.support.clocks import CHANGES
from tests.support.journeys import book, journey, mail
from tests.support.story import MINUTE, Story

HOUR = 60
DAY = 24 * HOUR
NIGHT = {"quiet_hours": {"windows": [{"start": "21:00", "end": "09:00"}]}}
MORNING = 9 * HOUR


def campaign(**fields: object) -> dict[str, object]:
    return {**journey({"one": mail("first")}), **fields}


def definitions(policy: Mapping[str, object], body: dict[str, object] | None = None) -> Definitions:
    found = book(body or campaign()).change(
        "policies", "default", "put", {"id": "default", **policy}
    )
    return found.definitions


def told(policy: Mapping[str, object], body: dict[str, object] | None = None) -> Story:
    """A cart that nobody touched at half past midnight, on 1 January 1970."""
    return Story(definitions(policy, body)).consents().adds("shoes", at=0).wait(until=30)


def test_what_is_decided_at_night_leaves_in_the_morning() -> None:
    """c.2 rule 4."""
    story = told(NIGHT)

    assert story.reasons[-1] == "deferred: quiet_hours"
    assert story.wait(until=MORNING - 1).sent == []
    assert story.wait(until=MORNING + 30).sent == ["first"]
    assert story.reasons[-2:] == ["sent: admitted", "exited: completed"]


def test_by_day_nothing_waits() -> None:
    story = Story(definitions(NIGHT)).consents().adds("shoes", at=12 * HOUR).wait(until=13 * HOUR)

    assert story.messages[0].decided_at == (12 * HOUR + 30) * MINUTE


def test_what_was_bought_in_the_night_is_not_reminded_of_in_the_morning() -> None:
    """c.2 rule 5: held messages are checked again at their release."""
    story = told(NIGHT).buys("shoes", at=4 * HOUR).wait(until=DAY)

    assert story.sent == []
    assert story.reasons[-2:] == ["not_sent: completed", "exited: completed"]


def test_consent_withdrawn_in_the_night_counts_in_the_morning() -> None:
    """c.2 rule 5."""
    story = told(NIGHT).consents(at=4 * HOUR, email=False).wait(until=DAY)

    assert story.sent == []
    assert "not_sent: no_consent" in story.reasons


def test_what_is_transactional_is_exempt() -> None:
    """c.2 rule 4."""
    story = told(NIGHT, campaign(**{"class": "transactional"}))

    assert story.messages[0].decided_at == 30 * MINUTE


def test_who_is_held_out_would_have_got_it_in_the_morning() -> None:
    """c.1, holdout: the shadow takes the path of the treated, and at their time."""
    salt = next(f"s{one}" for one in range(100) if chance.share(f"s{one}", "c") < 5_000)
    story = told(NIGHT, campaign(holdout={"basis_points": 5_000, "salt": salt}))
    held = story.reasons[-1]

    story.wait(until=DAY)

    assert (held, story.sent) == ("deferred: quiet_hours", [])
    [refused] = [fact for fact in story.facts if fact.reason == "holdout"]
    assert MORNING <= refused.at / MINUTE < MORNING + 30


def test_a_policy_may_skip_instead() -> None:
    story = told({"quiet_hours": {"on_hit": "skip"}}).wait(until=DAY)

    assert story.sent == []
    assert story.reasons[-2:] == ["not_sent: quiet_hours", "exited: completed"]


def test_what_would_expire_in_the_night_is_not_sent() -> None:
    body = journey({"one": mail("first", ttl="2h")})

    assert "not_sent: quiet_hours" in told(NIGHT, body).wait(until=DAY).reasons


def test_night_is_where_the_recipient_is() -> None:
    """g04: half past midnight here is half past nine there."""
    story = Story(definitions(NIGHT)).consents()
    story.event(Identified(id="zone", occurred_at=0, traits={}, zones={"profile": "Asia/Tokyo"}))

    sent = story.adds("shoes", at=0).wait(until=30).messages

    assert sent[0].decided_at == 30 * MINUTE


@pytest.mark.parametrize(
    ("zones", "told_by"),
    [
        ({}, ("UTC", "company")),
        ({"phone": "Europe/Madrid"}, ("Europe/Madrid", "phone")),
        ({"phone": "Europe/Madrid", "profile": "Europe/Lisbon"}, ("Europe/Lisbon", "profile")),
        ({"browser": "Nowhere/Land"}, ("UTC", "company")),
    ],
)
def test_the_fact_says_whose_clock_it_goes_by(
    zones: dict[ZoneSource, str | None], told_by: tuple[str, str]
) -> None:
    """c.2 rule 4: the profile, else the phone's region, else the company."""
    story = Story(definitions(NIGHT)).consents()
    story.event(Identified(id="zone", occurred_at=0, traits={}, zones=zones))

    story.adds("shoes", at=0).wait(until=30)

    assert (story.facts[-1].name, story.facts[-1].origin) == told_by


def test_delivery_does_not_send_at_night_what_it_held_since_the_evening() -> None:
    story = Story(definitions(NIGHT)).consents().adds("shoes", at=20 * HOUR).wait(until=DAY - HOUR)
    [message] = story.messages

    story.rechecks(message, at=DAY - 30)
    assert story.reasons[-1] == "deferred: quiet_hours"
    assert len(story.messages) == 1

    story.wait(until=DAY + MORNING + 30)
    [_, released] = story.messages
    assert released.id == message.id
    assert DAY + MORNING <= released.decided_at / MINUTE < DAY + MORNING + 30


def handed_back(policy: Mapping[str, object], body: dict[str, object] | None = None) -> Story:
    """Sent in the evening, and given back by delivery in the night."""
    story = Story(definitions(policy, body)).consents().adds("shoes", at=20 * HOUR)
    story.wait(until=DAY - HOUR)
    return story.rechecks(story.messages[0], at=DAY - 30)


def test_what_delivery_gave_back_is_asked_everything_again_in_the_morning() -> None:
    """c.2 rule 5."""
    bought = handed_back(NIGHT).buys("shoes", at=DAY + HOUR).wait(until=2 * DAY)
    refused = handed_back(NIGHT).says({"email": False}, at=DAY + HOUR).wait(until=2 * DAY)

    assert (bought.reasons[-1], len(bought.messages)) == ("not_sent: completed", 1)
    assert (refused.reasons[-1], len(refused.messages)) == ("not_sent: no_consent", 1)
    assert bought.row.customer.held == ()


def test_what_delivery_gave_back_is_rendered_with_what_is_known_in_the_morning() -> None:
    """c.2 rule 5."""
    story = handed_back(NIGHT).adds("hat", at=DAY + HOUR).wait(until=2 * DAY)

    cart = story.messages[-1].context["cart"]
    assert isinstance(cart, dict)
    assert cart["count"] == 2


def test_an_exit_rule_that_holds_by_the_morning_stops_what_delivery_gave_back() -> None:
    """c.2 rule 2: before every send."""
    rule = {"op": "attr", "path": "left", "is": "=", "value": True}
    story = handed_back(NIGHT, campaign(exit=[{"id": "x", "if": rule}]))

    story.event(Identified(id="left", occurred_at=(DAY + HOUR) * MINUTE, traits={"left": True}))

    assert story.wait(until=2 * DAY).reasons[-1] == "not_sent: exit_rule"


def test_a_row_holds_only_so_many_messages_for_the_morning() -> None:
    story = handed_back(NIGHT)
    [message] = story.messages

    for number in range(HELD_MAX + 2):
        other = msgspec.structs.replace(
            message, id=f"m{number}", expires_at=message.expires_at + 1 + number
        )
        story.rechecks(other, at=DAY - 20)

    assert len(story.row.customer.held) == HELD_MAX
    assert message.id not in {one.id for one in story.row.customer.held}
    assert [fact.message_id for fact in story.facts if fact.kind == "not_sent"] == [
        message.id,
        "m0",
        "m1",
    ]


def test_a_campaign_names_its_own_policy_or_has_the_default() -> None:
    found = (
        book(campaign(policy="always"))
        .change("policies", "default", "put", {"id": "default", **NIGHT})
        .change("policies", "always", "put", {"id": "always"})
    )
    story = Story(found.definitions).consents().adds("shoes", at=0).wait(until=30)

    assert story.sent == ["first"]


def test_silence_is_consent_only_where_the_policy_says_so() -> None:
    policy = {"unknown_consent": "allow"}
    silent = Story(definitions(policy)).event(
        Identified(id="mail", occurred_at=0, traits={"email": "c@example.com"})
    )
    refused = Story(definitions(policy)).consents(email=False)

    assert silent.adds("shoes", at=0).wait(until=30).sent == ["first"]
    assert refused.adds("shoes", at=0).wait(until=30).reasons[-2] == "not_sent: no_consent"


@given(
    st.lists(st.integers(0, 5 * DAY), min_size=1, max_size=6),
    st.sampled_from(sorted(CHANGES)),
    st.sampled_from([NIGHT, {"quiet_hours": {"smear": "6h"}}]),
)
def test_nothing_is_ever_decided_to_leave_in_quiet_hours(
    carts: list[int], zone: str, policy: Mapping[str, object]
) -> None:
    story = Story(definitions(policy)).consents()
    story.event(Identified(id="zone", occurred_at=0, traits={}, zones={"profile": zone}))
    for at in sorted(carts):
        story.adds(f"p{at}", at=at)
    story.wait(until=8 * DAY)

    hours = msgspec.convert({"id": "default", **policy}, Policy).quiet_hours
    assert hours is not None
    zones = Zones(recipient=zone, company="UTC")
    assert story.messages
    for message in story.messages:
        now = message.decided_at
        assert quiet.next_allowed(hours, now=now, zones=zones) == now

"""Frequency caps and priorities in campaigns (journeys.md c.2 rules 6, 7 and 13)."""

from collections.abc import Mapping

import msgspec
import pytest

from engine.definitions.folded import Definitions
from engine.events import Responded, Tracked
from engine.messages import Message
from tests.support.journeys import book, delay, journey, mail
from tests.support.story import MINUTE, Book
from tests.support.town import Outcome, Town

HOUR = 60
DAY = 24 * HOUR

ONE_A_DAY = {"caps": [{"limit": 1, "window": "1d"}]}


def on(event: str, name: str, **fields: object) -> dict[str, object]:
    """A campaign that sends one mail at an event of the shop's own."""
    return {
        **journey({"one": mail("first")}, trigger={"type": "T31", "params": {"event": event}}),
        "id": name,
        **fields,
    }


def published(*bodies: dict[str, object], **policies: Mapping[str, object]) -> Definitions:
    """Campaigns, and policies by id."""
    found: Book = book(bodies[0])
    for body in bodies[1:]:
        found.publish(body)
    for name, policy in policies.items():
        found.change("policies", name, "put", {"id": name, **policy})
    return found.definitions


def town(*bodies: dict[str, object], policy: Mapping[str, object] = ONE_A_DAY) -> Town:
    return Town(published(*bodies, default=policy)).joins("ann")


def does(found: Town, event: str, *, at: int, who: str = "ann") -> Town:
    found.wait(at)
    return found.says(who, Tracked(id=found.id(), occurred_at=at * MINUTE, name=event))


NEWS = on("news", "news")
OFFER = on("offer", "offer")
PATIENT = on("news", "news", steps={"one": mail("first", ttl="7d")})


def test_what_is_capped_leaves_at_the_earliest_legal_instant() -> None:
    """c.2 rule 6: deferred, and not skipped."""
    found = does(does(town(NEWS, OFFER), "news", at=0), "offer", at=HOUR).wait(3 * DAY)

    assert found.sent == [(0, "ann", "news"), (DAY, "ann", "offer")]
    assert found.messages[1].decided_at == found.accepted[0][1] + DAY * MINUTE
    assert found.reasons("ann", "offer") == [
        "fired",
        "entered",
        "deferred: capped",
        "sent: admitted",
        "exited: completed",
    ]


def test_what_would_expire_before_it_is_legal_is_not_sent() -> None:
    short = on("offer", "offer", steps={"one": mail("first", ttl="2h")})

    found = does(does(town(NEWS, short), "news", at=0), "offer", at=HOUR).wait(3 * DAY)

    assert found.reasons("ann", "offer")[-2:] == ["not_sent: capped", "exited: completed"]


@pytest.mark.parametrize(
    ("on_cap", "then"),
    [
        ("skip", ["not_sent: capped", "sent: admitted"]),
        ("exit", ["not_sent: capped", "exited: capped"]),
    ],
)
def test_a_policy_may_skip_or_end_the_run_instead(on_cap: str, then: list[str]) -> None:
    """c.2 rule 6."""
    steps = {"one": mail("first", "days"), "days": delay("2d", "two"), "two": mail("second")}
    series = on("offer", "offer", start="one", steps=steps)
    found = town(NEWS, series, policy={**ONE_A_DAY, "on_cap": on_cap})

    does(does(found, "news", at=0), "offer", at=HOUR).wait(5 * DAY)

    assert found.reasons("ann", "offer")[2:4] == then


def test_two_campaigns_at_one_instant_cannot_both_pass() -> None:
    """c.2 rule 6: reserve, then commit."""
    found = does(town(NEWS, on("news", "offer")), "news", at=0).wait(1)

    assert [name for _, _, name in found.sent] == ["news"]


def test_what_is_transactional_is_exempt_and_does_not_count() -> None:
    """c.2 rule 6, PR#6896: caps that hit transactional mail."""
    receipt = on("receipt", "receipt", **{"class": "transactional"})
    found = town(NEWS, receipt)

    does(does(does(found, "receipt", at=0), "news", at=1), "receipt", at=2)

    assert [name for _, _, name in found.sent] == ["receipt", "news", "receipt"]


def test_only_what_a_cap_names_is_held_back() -> None:
    policy = {"caps": [{"limit": 1, "window": "1d", "categories": ["promo"]}]}
    promo = on("offer", "offer", category="promo")
    found = town(NEWS, promo, policy=policy)

    does(does(does(does(found, "offer", at=0), "news", at=1), "news", at=2), "offer", at=3)

    assert [name for _, _, name in found.sent] == ["offer", "news", "news"]


def test_the_category_counted_is_the_one_it_was_sent_with() -> None:
    """c.2 rule 6, braze-docs#75: the step's own goes before the campaign's."""
    policy = {"caps": [{"limit": 1, "window": "1d", "categories": ["promo"]}]}
    mixed = on("news", "news", category="cart", steps={"one": mail("first", category="promo")})
    found = town(mixed, on("offer", "offer", category="promo"), policy=policy)

    does(does(found, "news", at=0), "offer", at=1)

    assert found.reasons("ann", "offer")[-1] == "deferred: capped"


@pytest.mark.parametrize("response", ["failed", "expired"])
def test_what_was_not_sent_after_all_does_not_count(response: str) -> None:
    """c.2 rule 6: Smart Sending elsewhere counts bounced sends."""
    outcome = msgspec.convert((response, 1_000), Outcome)
    found = Town(published(NEWS, OFFER, default=ONE_A_DAY), lambda _: outcome).joins("ann")

    does(does(found, "news", at=0), "offer", at=1)

    assert len(found.messages) == 2


def test_what_delivery_gives_back_and_is_dropped_does_not_count() -> None:
    found = Town(published(NEWS, OFFER, default=ONE_A_DAY), lambda _: None).joins("ann")
    does(found, "news", at=0).wait(2 * DAY)

    found.rechecks(found.messages[0])
    does(found, "offer", at=2 * DAY)

    assert found.reasons("ann", "news")[-1] == "not_sent: expired"
    assert [name for _, _, name in found.sent] == ["news", "offer"]


def test_while_a_place_is_only_reserved_it_is_looked_at_again_soon() -> None:
    """The provider refuses it two minutes later: the other needs not wait for a day."""
    late = Outcome("failed", 2 * MINUTE)
    found = Town(published(NEWS, OFFER, default=ONE_A_DAY), lambda _: late).joins("ann")

    does(does(found, "news", at=0), "offer", at=1).wait(DAY)

    assert found.sent == [(0, "ann", "news"), (11, "ann", "offer")]


def test_two_profiles_with_one_inbox_are_one_address() -> None:
    """c.2 rule 13: duplicates leak otherwise."""
    found = town(NEWS).joins("anna", email="ann@example.com")

    does(does(found, "news", at=0), "news", at=1, who="anna")

    assert found.reasons("anna", "news")[-1] == "deferred: capped"
    assert found.wait(3 * DAY).sent == [(0, "ann", "news"), (DAY, "anna", "news")]


def test_an_address_that_does_not_answer_is_asked_again() -> None:
    found = town(NEWS)
    found.is_answering = False
    does(found, "news", at=0).wait(25)
    assert found.reasons("ann", "news")[2:] == ["deferred: cap_unanswered"]

    found.is_answering = True
    found.wait(HOUR)

    assert found.sent == [(30, "ann", "news")]


def test_who_leaves_while_the_address_is_asked_is_sent_nothing() -> None:
    """c.2 rule 2, and the place is free again."""
    bought = [{"id": "x", "on": {"event": "bought"}}]
    found = town({**NEWS, "exit": bought}, OFFER)
    found.is_answering = False
    does(found, "news", at=0)
    does(found, "bought", at=1)
    found.is_answering = True

    does(found, "offer", at=2)

    assert found.reasons("ann", "news")[-1] == "exited: exit_rule"
    assert [name for _, _, name in found.sent] == ["offer"]


def test_without_caps_nothing_is_counted_and_nobody_asked() -> None:
    found = does(town(NEWS, policy={}), "news", at=0)

    assert found.rows["u:ann"].customer.counts == ()
    assert (found.counters, len(found.messages)) == ({}, 1)


def test_what_no_cap_holds_back_counts_and_is_not_held_up() -> None:
    """The address is told when it was accepted, and not asked before."""
    free = on("news", "news", policy="free")
    definitions = published(free, OFFER, default=ONE_A_DAY, free={})
    found = Town(definitions).joins("ann").joins("anna", email="ann@example.com")
    found.is_answering = False
    does(found, "news", at=0)
    assert len(found.messages) == 1

    found.is_answering = True
    does(does(found, "offer", at=1), "offer", at=1, who="anna")

    assert found.reasons("ann", "offer")[-1] == "deferred: capped"
    assert found.reasons("anna", "offer")[-1] == "deferred: capped"


def test_a_held_message_keeps_no_place_of_the_night() -> None:
    """c.2 rule 5: at its release the caps are asked, not before."""
    night = {**ONE_A_DAY, "quiet_hours": {"windows": [{"start": "00:00", "end": "09:00"}]}}
    urgent = on("offer", "offer", policy="urgent")
    found = Town(published(PATIENT, urgent, default=night, urgent=ONE_A_DAY)).joins("ann")

    does(does(found, "news", at=0), "offer", at=HOUR)

    assert [name for _, _, name in found.sent] == ["offer"]
    assert found.wait(12 * HOUR).reasons("ann", "news")[-2:] == [
        "deferred: quiet_hours",
        "deferred: capped",
    ]


HIGH = on("offer", "offer", priority=5)


def test_the_higher_priority_has_the_last_place() -> None:
    """c.2 rule 7: the lower comes first, and within the window the higher."""
    found = does(does(town(PATIENT, HIGH), "news", at=0), "offer", at=3).wait(2 * DAY)

    assert found.sent == [(3, "ann", "offer"), (DAY + 3, "ann", "news")]
    assert found.reasons("ann", "news")[2:4] == ["deferred: priority", "deferred: capped"]


def test_nobody_came_within_the_window_and_it_leaves() -> None:
    found = does(town(NEWS, HIGH), "news", at=0).wait(HOUR)

    assert found.sent == [(5, "ann", "news")]


def test_the_highest_priority_waits_for_nobody() -> None:
    assert does(town(NEWS, HIGH), "offer", at=0).sent == [(0, "ann", "offer")]


def test_while_places_are_left_nobody_waits() -> None:
    policy = {"caps": [{"limit": 2, "window": "1d"}]}

    found = does(does(town(NEWS, HIGH, policy=policy), "news", at=0), "offer", at=1)

    assert found.sent == [(0, "ann", "news"), (1, "ann", "offer")]


def test_a_policy_without_a_window_lets_the_first_go() -> None:
    found = town(NEWS, HIGH, policy={**ONE_A_DAY, "priority_window": None})

    assert does(found, "news", at=0).sent == [(0, "ann", "news")]


def test_when_a_place_becomes_free_the_higher_priority_goes_first() -> None:
    """Both are deferred to the same instant, the lower since earlier."""
    other = on("other", "other", priority=9)
    found = does(town(PATIENT, HIGH, other), "other", at=0)
    does(does(found, "news", at=1 * HOUR), "offer", at=2 * HOUR)

    found.wait(DAY + HOUR)

    assert [name for _, _, name in found.sent] == ["other", "offer"]


def test_a_response_says_what_counts_only_once() -> None:
    found = does(town(NEWS), "news", at=0).wait(1)
    before = found.rows["u:ann"].customer.counts
    [message] = found.messages

    found.says("ann", _accepted(found, message))

    assert found.rows["u:ann"].customer.counts == before
    assert len(before) == 1


def _accepted(found: Town, message: Message) -> Responded:
    return Responded(
        id=found.id(),
        occurred_at=found.now,
        message_id=message.id,
        channel=message.channel,
        campaign=message.campaign,
        response="accepted",
    )

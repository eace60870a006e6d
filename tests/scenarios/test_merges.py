"""Several identities of one person become one customer (M129, X26, X29, e.5)."""

from decimal import Decimal

import pytest

from engine import keys, links
from engine.addresses import Address
from engine.declarations import ProfileUpdated
from engine.events import ErasureRequested, Identified, PageViewed
from engine.merges import linking
from engine.rows import Row
from engine.transactions import ReceiptIssued
from tests.support.crowd import Crowd

DAY = 24 * 60


def visitor() -> Crowd:
    """A visitor with a page view and a filled cart."""
    return Crowd().views("a:d1", at=0).adds("a:d1", "shoes", at=1)


def test_a_visitors_history_is_the_customers_from_the_first_identify_on() -> None:
    crowd = visitor().identifies("u:ada", at=2, device="d1").settle()

    ada = crowd.row("u:ada").customer
    assert (ada.events_count, ada.first_seen_at) == (3, 0)
    assert [item.product.id for item in ada.containers["cart"].items] == ["shoes"]
    assert crowd.survivor("a:d1") == "u:ada"
    assert crowd.row("a:d1").customer.events_count == 0


def test_any_event_with_both_ids_joins_them() -> None:
    crowd = visitor().views("u:ada", at=2, user_id="ada", anonymous_id="d1").settle()

    assert crowd.row("u:ada").customer.events_count == 3


def test_a_merge_happens_once_however_often_both_ids_are_seen() -> None:
    crowd = visitor()
    for minute in range(2, 6):
        crowd.views("u:ada", at=minute, user_id="ada", anonymous_id="d1")
    crowd.settle().views("u:ada", at=7, user_id="ada", anonymous_id="d1").settle()

    assert crowd.row("u:ada").customer.events_count == 7
    assert crowd.row("u:ada").merges_count == 1


def test_what_comes_later_for_the_old_id_is_passed_on() -> None:
    crowd = visitor().identifies("u:ada", at=2, device="d1").settle()

    crowd.views("a:d1", at=3).settle()

    assert crowd.row("u:ada").customer.events_count == 4
    assert crowd.row("a:d1").customer.events_count == 0


def test_a_retry_is_known_after_the_merge() -> None:
    crowd = visitor().identifies("u:ada", at=2, device="d1").settle()
    crowd._ids = 0

    crowd.views("a:d1", at=0).settle()

    assert crowd.row("u:ada").customer.events_count == 3


def test_the_visitors_timer_fires_for_the_customer() -> None:
    crowd = visitor().consents("u:ada", at=2).identifies("u:ada", at=3, device="d1").settle()

    crowd.wait(until=40)

    assert [message.customer for message in crowd.messages] == ["ada"]


def test_two_users_never_merge() -> None:
    crowd = Crowd().views("u:ada", at=0).views("u:bob", at=0)

    crowd.aliases("u:ada", "bob", at=1).settle()

    assert crowd.row("u:bob").forward == ""
    assert crowd.row("u:bob").customer.events_count == 1
    assert ("not_merged", "ada", "bob", "two_users") in crowd.facts_of("not_merged")


def test_an_alias_of_an_anonymous_id_brings_its_history() -> None:
    crowd = visitor().aliases("u:ada", "d1", at=2).settle()

    assert crowd.row("u:ada").customer.events_count == 3
    assert crowd.facts_of("not_merged") == []
    assert "u:d1" not in crowd.row("u:ada").links


def test_a_shared_device_is_the_new_users_from_then_on_and_its_past_is_not() -> None:
    """mautic#4211: the second user neither inherits nor deletes the first one."""
    crowd = visitor().identifies("u:ada", at=2, device="d1").settle()

    crowd.identifies("u:bob", at=3, device="d1").settle().views("a:d1", at=4).settle()

    assert crowd.row("u:ada").customer.events_count == 3
    assert crowd.row("u:bob").customer.events_count == 2
    assert crowd.survivor("a:d1") == "u:bob"
    assert ("linked", "bob", "anonymous:d1", "bob") in crowd.facts_of("linked")


def test_a_shared_device_goes_back_to_the_first_user() -> None:
    crowd = visitor().identifies("u:ada", at=2, device="d1").settle()
    crowd.identifies("u:bob", at=3, device="d1").settle()

    crowd.identifies("u:ada", at=4, device="d1").settle().views("a:d1", at=5).settle()

    assert crowd.survivor("a:d1") == "u:ada"
    assert crowd.row("u:ada").customer.events_count == 5
    assert crowd.row("u:bob").customer.events_count == 1


def test_an_address_stays_with_the_user_who_showed_it_first() -> None:
    crowd = Crowd().buys("e:ada@shop.io", "shoes", at=0)
    crowd.identifies("u:ada", at=1, email="Ada@shop.io").settle()

    crowd.identifies("u:bob", at=2, email="ada@shop.io").settle()

    assert crowd.row("u:ada").customer.orders.count == 1
    assert crowd.row("u:bob").customer.orders.count == 0
    assert crowd.survivor("e:ada@shop.io") == "u:ada"
    assert crowd.facts_of("not_merged") == [
        ("not_merged", "bob", "email:ada@shop.io", "other_users")
    ]


def test_purchases_by_email_phone_and_card_join_who_shows_them() -> None:
    crowd = Crowd()
    for key in ("e:ada@shop.io", "p:+4930123456", "c:77-1"):
        crowd.buys(key, "shoes", at=0)

    crowd.identifies("u:ada", at=1, email="ada@shop.io", phone="+49 30 123456", card="77-1")
    crowd.settle()

    assert crowd.row("u:ada").customer.orders.count == 3


@pytest.mark.parametrize(("is_valid", "count"), [(True, 1), (False, 0)])
def test_an_address_identifies_as_intake_normalised_it(
    is_valid: bool,  # noqa: FBT001 a case
    count: int,
) -> None:
    crowd = Crowd().buys("p:+4930123456", "shoes", at=0)
    address = Address(value="+4930123456", is_valid=is_valid)
    event = Identified(
        id="e",
        occurred_at=0,
        user_id="ada",
        traits={"phone": "030 123456"},
        addresses={"phone": address},
    )

    crowd.says("u:ada", event).settle()

    assert crowd.row("u:ada").customer.orders.count == count


def test_what_the_back_office_says_of_a_customer_identifies_them() -> None:
    crowd = Crowd().buys("c:77-1", "shoes", at=0)

    crowd.says("u:ada", ProfileUpdated(id="e", occurred_at=0, traits={"card": "77-1"})).settle()

    assert crowd.row("u:ada").customer.orders.count == 1


def test_a_visitor_who_types_an_address_proves_nothing() -> None:
    crowd = Crowd().buys("e:ada@shop.io", "shoes", at=0)

    crowd.consents("a:d1", at=1).settle()

    assert crowd.row("a:d1").links == {}


def test_a_chain_of_three_ends_at_the_user() -> None:
    crowd = Crowd().views("a:d2", at=0).views("a:d1", at=0).aliases("a:d1", "d2", at=1).settle()
    assert crowd.survivor("a:d2") == "a:d1"

    crowd.identifies("u:ada", at=2, device="d1").settle().views("a:d2", at=3).settle()

    assert crowd.survivor("a:d2") == "u:ada"
    assert crowd.row("u:ada").customer.events_count == 5
    assert {key for key, link in crowd.row("u:ada").links.items() if link.state == "merged"} == {
        "a:d1",
        "a:d2",
    }


def test_a_request_for_a_forward_is_answered_by_who_it_leads_to() -> None:
    crowd = Crowd().views("a:d2", at=0).aliases("a:d1", "d2", at=1).settle()

    crowd.identifies("u:ada", at=2, device="d2").settle()

    assert crowd.survivor("a:d1") == crowd.survivor("a:d2") == "u:ada"
    assert crowd.row("u:ada").customer.events_count == 3


def test_two_identities_that_ask_for_each_other_merge_once() -> None:
    crowd = Crowd().views("a:d1", at=0).views("a:d2", at=0)

    crowd.aliases("a:d1", "d2", at=1).aliases("a:d2", "d1", at=1).settle()

    assert crowd.survivor("a:d1") == crowd.survivor("a:d2") == "a:d1"
    assert crowd.row("a:d1").customer.events_count == 4


def test_a_stronger_identity_behind_a_forward_turns_the_request_round() -> None:
    crowd = Crowd().buys("e:ada@shop.io", "shoes", at=0)
    crowd.identifies("u:ada", at=1, email="ada@shop.io").settle()
    card = crowd.buys("c:77-1", "socks", at=2).row("c:77-1")

    ask(crowd, "c:77-1", "e:ada@shop.io")
    crowd.settle()

    assert card.forward == "u:ada"
    assert crowd.row("u:ada").customer.orders.count == 2


def ask(crowd: Crowd, key: str, identity: str) -> None:
    """As a receipt does that names both."""
    asked, _ = linking.ask(crowd.row(key), identity, because="receipt", now=crowd.now)
    crowd._emit(key, 99, asked)


def test_the_sixth_device_stays_apart() -> None:
    crowd = Crowd()
    for number in range(linking.IDENTIFIERS_MAX + 1):
        crowd.views(f"a:d{number}", at=0).identifies("u:ada", at=1, device=f"d{number}").settle()

    assert crowd.row("u:ada").merges_count == linking.IDENTIFIERS_MAX
    assert crowd.survivor("a:d5") == "a:d5"
    assert crowd.facts_of("not_merged") == [("not_merged", "ada", "anonymous:d5", "too_many")]


def test_a_refused_identity_is_not_asked_for_again() -> None:
    crowd = Crowd()
    for number in range(linking.IDENTIFIERS_MAX + 1):
        crowd.identifies("u:ada", at=1, device=f"d{number}").settle()

    crowd.identifies("u:ada", at=2, device="d5").settle()

    assert len(crowd.facts_of("not_merged")) == 1


def test_a_hundred_merges_are_the_most_a_customer_goes_through() -> None:
    crowd = visitor()
    crowd.row("u:ada").merges_count = linking.MERGES_MAX - 1
    crowd.row("a:d1").merges_count = 1

    crowd.identifies("u:ada", at=2, device="d1").settle()

    assert crowd.facts_of("not_merged") == [("not_merged", "ada", "anonymous:d1", "too_many")]


@pytest.mark.parametrize("address", ["noreply@shop.io", "test@test.com", "no@email.com"])
def test_an_address_of_everybody_joins_nobody(address: str) -> None:
    crowd = Crowd().buys(keys.email(address), "shoes", at=0)

    crowd.identifies("u:ada", at=1, email=address).settle()

    assert crowd.row("u:ada").links == {}


def test_a_forward_is_written_once_more_and_then_holds_nothing() -> None:
    crowd = visitor().identifies("u:ada", at=2, device="d1").settle()
    device = crowd.row("a:d1")
    assert device.next_due_at is not None

    crowd.wait(until=10)

    assert device == Row(
        customer=device.customer,
        forward="u:ada",
        now_at=device.now_at,
        generation=device.generation,
        causes=device.causes,
    )


def erase(crowd: Crowd, key: str) -> Crowd:
    request = ErasureRequested(id="erasure", occurred_at=crowd.now)
    return crowd.says(key, request)


def test_an_erased_visitor_is_no_customers_past() -> None:
    crowd = erase(visitor(), "a:d1").identifies("u:ada", at=2, device="d1").settle()

    assert crowd.row("u:ada").freeze is None
    assert crowd.row("u:ada").customer.events_count == 1
    assert crowd.facts_of("not_merged") == [("not_merged", "ada", "anonymous:d1", "erased")]


def test_what_is_on_its_way_to_an_erased_customer_is_erased_too() -> None:
    crowd = visitor().identifies("u:ada", at=2, device="d1").deliver("u:ada")

    erase(crowd, "u:ada").settle()

    assert crowd.row("u:ada").customer.events_count == 0
    assert [fact.identities for fact in crowd.facts if fact.kind == "erased"] == [
        ("ada",),
        ("ada", "anonymous:d1"),
    ]


def test_erasing_a_merged_id_erases_the_person() -> None:
    crowd = visitor().identifies("u:ada", at=2, device="d1").settle()

    erase(crowd, "a:d1").settle().views("a:d1", at=3).settle()

    assert crowd.row("u:ada").erasure is not None
    assert crowd.row("u:ada").customer.events_count == 0
    assert crowd.facts[-1].identities == ("ada", "anonymous:d1")


def test_an_address_that_nobody_knew_leads_to_its_user_and_is_no_merged_one() -> None:
    crowd = Crowd().identifies("u:ada", at=1, email="ada@shop.io").settle()
    ada = crowd.row("u:ada")
    assert (links.merged(ada.links), links.owned(ada.links)) == ([], ["email:ada@shop.io"])

    crowd.buys("e:ada@shop.io", "shoes", at=2).settle()

    assert ada.customer.orders.count == 1


def test_every_merge_is_a_fact() -> None:
    crowd = visitor().identifies("u:ada", at=2, device="d1").settle()

    assert crowd.facts_of("merged") == [("merged", "ada", "anonymous:d1", "ada")]


def sold(at: int, *shows: str) -> ReceiptIssued:
    return ReceiptIssued(
        id=f"r{at}",
        occurred_at=at * 60_000,
        updated_at=at * 60_000,
        receipt_id=f"r{at}",
        total=Decimal(10),
        shows=shows,
    )


def test_a_receipt_with_a_customers_id_joins_the_card_and_the_device_it_names() -> None:
    """M129: what was bought by the card alone, and what the device looked at, is the customer's."""
    crowd = visitor().says("c:77", sold(2))

    crowd.says("u:ada", sold(3, "c:77", "a:d1", "e:ada@shop.example")).settle()

    ada = crowd.row("u:ada").customer
    assert (ada.receipts.count, ada.receipts.total, ada.events_count) == (2, Decimal(20), 2)
    named = ("c:77", "a:d1", "e:ada@shop.example")
    assert {crowd.survivor(key) for key in named} == {"u:ada"}


def test_a_card_that_is_another_customers_stays_theirs() -> None:
    crowd = Crowd().says("c:77", sold(1)).says("u:ada", sold(2, "c:77")).settle()

    crowd.says("u:bob", sold(3, "c:77")).settle()

    assert crowd.survivor("c:77") == "u:ada"
    assert crowd.row("u:ada").customer.receipts.count == 2
    assert crowd.row("u:bob").customer.receipts.count == 1
    assert ("not_merged", "bob", "card:77", "other_users") in crowd.facts_of("not_merged")


def test_a_card_of_a_whole_till_joins_no_more_than_five() -> None:
    crowd = Crowd()
    for number in range(7):
        crowd.says("u:ada", sold(number + 1, f"c:{number}")).settle()

    merged = [number for number in range(7) if crowd.survivor(f"c:{number}") == "u:ada"]
    assert merged == [0, 1, 2, 3, 4]


def test_an_external_id_beside_a_user_id_joins_what_it_names() -> None:
    """e.5: typed external ids."""
    crowd = Crowd().says("c:77", sold(1))
    page = PageViewed(id="p1", occurred_at=120_000, user_id="ada", shows=("c:77",))

    crowd.says("u:ada", page).settle()

    assert crowd.survivor("c:77") == "u:ada"
    assert crowd.row("u:ada").customer.receipts.count == 1

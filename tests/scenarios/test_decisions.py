"""Promise 8: every message sent, and every message not sent, has a stored reason."""

from decimal import Decimal

from engine.events import Identified
from engine.transactions import ReceiptIssued
from tests.support.story import MINUTE, Book, Story, campaign, one_campaign


def test_consent_unknown_means_no_marketing() -> None:
    story = Story().adds("shoes", at=1).wait(until=31)

    assert story.reasons == ["fired", "entered", "not_sent: no_consent", "exited: completed"]
    assert story.sent == []


def test_consent_withdrawn_while_waiting_means_no_message() -> None:
    story = Story().consents().adds("shoes", at=1).says({"email": False}, at=2).wait(until=31)

    assert "not_sent: no_consent" in story.reasons


def test_a_no_to_the_category_goes_before_a_yes_to_the_channel() -> None:
    definitions = one_campaign({**campaign(), "category": "promo"})
    story = Story(definitions).consents().says({"email": {"promo": False}}, at=1)

    assert "not_sent: no_consent" in story.adds("shoes", at=2).wait(until=40).reasons


def test_transactional_needs_no_consent_but_an_address() -> None:
    definitions = one_campaign({**campaign(), "class": "transactional"})

    refused = Story(definitions).adds("shoes", at=1).wait(until=31)
    sent = Story(definitions).consents(email=False).adds("shoes", at=1).wait(until=31)

    assert "not_sent: no_address" in refused.reasons
    assert sent.sent == ["cart-mail"]


def test_a_sent_message_has_its_reason_and_its_id_in_a_fact() -> None:
    story = Story().consents().adds("shoes", at=1).wait(until=31)

    [sent] = [fact for fact in story.facts if fact.kind == "sent"]
    assert (sent.reason, sent.message_id) == ("admitted", story.messages[0].id)


def test_who_may_enter_once_does_not_enter_twice() -> None:
    body = campaign()
    body["triggers"] = [{"id": "t", "type": "T01", "re_entry": {"policy": "never"}}]
    story = Story(one_campaign(body)).consents().adds("shoes", at=1).wait(until=40)

    story.adds("shoes", at=50).wait(until=90)

    assert story.sent == ["cart-mail"]
    assert story.reasons[-1] == "not_sent: already_in_campaign"


def test_a_deleted_template_is_a_reason() -> None:
    book = (
        Book()
        .change(
            "templates",
            "cart-mail",
            "put",
            {
                "id": "cart-mail",
                "subject": "s",
                "text": "t",
            },
        )
        .publish(campaign())
    )
    definitions = book.change("templates", "cart-mail", "delete").definitions

    story = Story(definitions).consents().adds("shoes", at=1).wait(until=31)

    assert "not_sent: no_template" in story.reasons


def test_a_stopped_campaign_fires_no_more() -> None:
    book = (
        Book()
        .change(
            "templates",
            "cart-mail",
            "put",
            {
                "id": "cart-mail",
                "subject": "s",
                "text": "t",
            },
        )
        .publish(campaign())
    )
    story = Story(book.definitions).consents().adds("shoes", at=1)

    story.definitions = book.change("campaigns", "cart-reminder", "stop").definitions

    assert story.wait(until=100).facts == []


def test_a_recheck_sends_again_under_the_same_id() -> None:
    story = Story().consents().adds("shoes", at=1).wait(until=31)

    story.rechecks(story.messages[0], at=40)

    assert [message.id for message in story.messages] == [story.messages[0].id] * 2


def test_a_recheck_after_the_purchase_sends_nothing() -> None:
    story = Story().consents().adds("shoes", at=1).wait(until=31).buys("shoes", at=35)

    story.rechecks(story.messages[0], at=40)

    assert story.sent == ["cart-mail"]
    assert story.reasons[-1] == "not_sent: completed"


def test_a_recheck_after_a_receipt_for_something_else_sends_nothing() -> None:
    story = Story().consents().adds("shoes", at=1).wait(until=31)
    story.event(
        ReceiptIssued(
            id="r", occurred_at=35 * MINUTE, receipt_id="r", updated_at=1, total=Decimal(10)
        )
    )

    assert story.rechecks(story.messages[0], at=40).reasons[-1] == "not_sent: completed"


def test_a_recheck_passes_over_a_purchase_before_the_cart() -> None:
    story = Story().consents().adds("hat", at=0).buys("hat", at=1)
    story.adds("shoes", at=2).wait(until=32)

    story.rechecks(story.messages[0], at=40)

    assert story.sent == ["cart-mail", "cart-mail"]


def test_a_recheck_after_consent_was_withdrawn_sends_nothing() -> None:
    story = Story().consents().adds("shoes", at=1).wait(until=31).says({"email": False}, at=35)

    assert story.rechecks(story.messages[0], at=40).reasons[-1] == "not_sent: no_consent"


def test_a_recheck_after_a_day_sends_nothing() -> None:
    story = Story().consents().adds("shoes", at=1).wait(until=31)

    assert story.rechecks(story.messages[0], at=31 + 24 * 60).reasons[-1] == "not_sent: expired"


def test_a_declared_field_of_the_customer_is_read_as_its_type() -> None:
    """M042: what cannot be read is left out, what is not declared stays as it came."""
    fields = [{"name": "height", "type": "number"}, {"name": "member", "type": "boolean"}]
    book = Book().change("settings", "settings", "put", {"custom_fields": {"customer": fields}})
    traits: dict[str, object] = {"height": "1.80", "member": "perhaps", "nick": "7"}

    found = Story(book.definitions).event(
        Identified(id="e", occurred_at=0, user_id="c", traits=traits)
    )

    assert found.row.customer.attributes == {"height": 1.8, "nick": "7"}

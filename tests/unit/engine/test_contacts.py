"""Contacts: states, causes, bounces, and who is left out (M131-M134, M018-M022)."""

from typing import Final

import msgspec
import pytest

from engine import admission, clocks, contacts
from engine.addresses import Address, Token
from engine.admission import Admitted, Refused
from engine.customer import ATTRIBUTES_MAX, Customer, SentMessage
from engine.declarations import ProfileUpdated
from engine.definitions.folded import Definitions
from engine.effects import RecordFact
from engine.events import Event, Identified, PageViewed, Responded
from engine.facts import Fact
from engine.step import step

EMAIL: Final = Address(value="ada@gmail.com", provider="gmail")
OTHER: Final = Address(value="ada@shop.example")
BROKEN: Final = Address(value="ada@", is_valid=False)
MOBILE: Final = Address(value="+4915123456789", kind="mobile", region="DE")
LANDLINE: Final = Address(value="+493012345678", kind="landline", region="DE")


class Told:
    """A customer, event by event, with the facts so far."""

    def __init__(self) -> None:
        self.customer = Customer(id="ada")
        self.facts = list[Fact]()
        self.now = 0

    def hears(self, event: Event) -> "Told":
        """Let the next event happen."""
        self.now += 1
        self.customer, effects = step(self.customer, event, Definitions(), self.now)
        self.facts += [effect.fact for effect in effects if isinstance(effect, RecordFact)]
        return self

    def is_sent(self, message_id: str, channel: str = "email") -> "Told":
        """Let a message be decided, to whatever the address is then."""
        self.now += 1
        sent = SentMessage(
            message_id=message_id, campaign="c", channel=channel, decided_at=self.now
        )
        self.customer = msgspec.structs.replace(
            self.customer, messages=(*self.customer.messages, sent)
        )
        return self

    def changes(self, name: str) -> list[tuple[str | None, str | None, str, int]]:
        """Facts of a name: before, after, cause and time."""
        return [(f.before, f.after, f.cause, f.at) for f in self.facts if f.name == name]


def email(address: Address | None, at: int, *, name: str = "") -> Identified:
    return Identified(
        id=name or f"e{at}",
        occurred_at=at,
        traits={"email": None if address is None else address.value},
        addresses={} if address is None else {"email": address},
    )


def phone(address: Address, at: int) -> Identified:
    return Identified(
        id=f"e{at}",
        occurred_at=at,
        traits={"phone": address.value},
        addresses={"phone": address},
    )


def bounced(message: str, at: int, **fields: object) -> Responded:
    event = Responded(
        id=f"b{at}",
        occurred_at=at,
        message_id=message,
        channel="email",
        campaign="c",
        response="bounced",
    )
    return msgspec.structs.replace(event, **fields)


def test_each_state_has_its_date_and_its_cause() -> None:
    told = Told().hears(email(BROKEN, 1)).hears(email(EMAIL, 2)).hears(email(None, 3))

    assert told.changes("email_state") == [
        ("missing", "invalid", "e1", 1),
        ("invalid", "valid", "e2", 2),
        ("valid", "missing", "e3", 3),
    ]
    assert told.changes("email")[1] == ("ada@", "ada@gmail.com", "e2", 2)
    assert told.customer.contacts["email"].state == "missing"


def test_an_invalid_address_is_kept_and_gets_nothing() -> None:
    """M134."""
    known = Told().hears(email(BROKEN, 1)).customer

    assert (known.email, known.attributes["email"]) == ("ada@", "ada@")
    assert admitted(known, "email") == Refused("invalid_address")


@pytest.mark.parametrize("channel", ["email", "sms", "push"])
def test_who_has_no_address_gets_nothing(channel: str) -> None:
    assert admitted(Customer(id="ada"), channel) == Refused("no_address")


def test_a_landline_gets_calls_but_no_sms() -> None:
    """M133."""
    known = Told().hears(phone(LANDLINE, 1)).customer

    assert admitted(known, "sms") == Refused("not_mobile")
    assert admitted(known, "call") == Admitted(LANDLINE.value)


def test_a_mobile_gets_sms() -> None:
    assert admitted(Told().hears(phone(MOBILE, 1)).customer, "sms") == Admitted(MOBILE.value)


def test_the_kind_of_number_is_a_fact() -> None:
    """M132."""
    told = Told().hears(phone(LANDLINE, 1)).hears(phone(MOBILE, 2))

    assert told.changes("phone_kind") == [
        (None, "landline", "e1", 1),
        ("landline", "mobile", "e2", 2),
    ]


def test_an_older_word_that_comes_later_changes_nothing() -> None:
    told = Told().hears(email(EMAIL, 5)).hears(email(OTHER, 3))

    assert told.customer.email == EMAIL.value
    assert len(told.changes("email")) == 1


def test_a_bounce_makes_the_address_invalid_until_another_is_given() -> None:
    told = Told().hears(email(EMAIL, 1)).is_sent("m").hears(bounced("m", 2, code="5.1.1"))

    assert told.customer.contacts["email"].origin == "bounce"
    assert admitted(told.customer, "email") == Refused("invalid_address")
    assert contacts.state(told.hears(email(EMAIL, 3)).customer, "email") == "invalid"
    assert contacts.state(told.hears(email(OTHER, 4)).customer, "email") == "valid"


def test_a_back_office_that_says_so_makes_a_bounced_address_valid_again() -> None:
    told = Told().hears(email(EMAIL, 1)).is_sent("m").hears(bounced("m", 2, code="5.1.1"))
    stated = msgspec.structs.replace(EMAIL, is_stated=True)

    told.hears(
        ProfileUpdated(
            id="p", occurred_at=3, traits={"email": EMAIL.value}, addresses={"email": stated}
        )
    )

    assert contacts.state(told.customer, "email") == "valid"


def test_a_bounce_of_the_former_address_says_nothing_of_the_new_one() -> None:
    told = Told().hears(email(EMAIL, 1)).is_sent("m").hears(email(OTHER, 2))

    assert contacts.state(told.hears(bounced("m", 3, code="5.1.1")).customer, "email") == "valid"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "valid"),
        ({"is_permanent": True}, "invalid"),
        ({"code": "550"}, "invalid"),
        ({"code": "550", "is_permanent": False}, "valid"),
        ({"code": "550", "channel": ""}, "invalid"),
        ({"code": "550", "message_id": "another", "recipient": "Ada@gmail.com"}, "invalid"),
        ({"code": "550", "message_id": "another", "recipient": "ben@gmail.com"}, "valid"),
        (
            {"code": "550", "message_id": "another", "channel": "", "recipient": EMAIL.value},
            "invalid",
        ),
        ({"code": "4.2.2"}, "valid"),
        ({"code": "452"}, "valid"),
        ({"response": "failed", "code": "550", "reason": "5.1.1 no such user"}, "invalid"),
        ({"response": "failed", "code": "554", "reason": "5.7.1 blocked as spam"}, "valid"),
        ({"response": "opened"}, "valid"),
        ({"code": "550", "message_id": "another"}, "valid"),
        ({"code": "550", "channel": "push"}, "valid"),
    ],
)
def test_only_what_blames_the_address_makes_it_invalid(
    fields: dict[str, object], state: str
) -> None:
    told = Told().hears(email(EMAIL, 1)).is_sent("m").hears(bounced("m", 2, **fields))

    assert contacts.state(told.customer, "email") == state


def test_a_complaint_withdraws_consent_for_its_channel() -> None:
    told = Told().hears(
        Identified(id="e1", occurred_at=1, subscriptions={"email": True, "sms": True})
    )

    told.hears(bounced("m", 2, response="complained"))

    assert told.customer.subscriptions == {"email": False, "sms": True}
    assert told.changes("email") == [
        ("unknown", "yes", "e1", 1),
        ("yes", "no", "b2", 2),
    ]
    assert told.facts[-1].origin == "complaint"


def test_a_complaint_without_a_channel_is_about_that_of_its_message() -> None:
    told = Told().hears(Identified(id="e1", occurred_at=1, subscriptions={"email": True}))
    told.hears(email(EMAIL, 1)).is_sent("m").hears(
        bounced("m", 2, response="complained", channel="")
    )

    assert told.customer.subscriptions == {"email": False}


def test_a_complaint_about_nobody_knows_what_says_nothing() -> None:
    told = Told().hears(bounced("m", 2, response="complained", channel=""))

    assert told.customer.subscriptions == {}


def test_who_comes_back_at_the_provider_agrees_again() -> None:
    told = Told().hears(bounced("m", 1, response="unsubscribed"))
    told.hears(bounced("m", 2, response="resubscribed"))

    assert told.changes("email") == [("unknown", "no", "b1", 1), ("no", "yes", "b2", 2)]
    assert told.facts[-1].origin == "customer"


def test_a_time_zone_is_that_of_the_strongest_source() -> None:
    """Nobody has to send it a second time by the back office."""
    told = Told()
    for at, source in enumerate(reversed(clocks.PRIORITY)):
        told.hears(PageViewed(id=f"e{at}", occurred_at=at, zones={source: "Europe/Berlin"}))
        assert clocks.timezone(told.customer) == ("Europe/Berlin", source)

    told.hears(Identified(id="x", occurred_at=9, zones={"profile": None, "phone": "Asia/Tokyo"}))

    assert clocks.timezone(told.customer) == ("Asia/Tokyo", "phone")
    assert told.changes("timezone")[-1] == ("Europe/Berlin", "Asia/Tokyo", "x", 9)


def test_push_tokens_are_kept_up_to_the_cap_and_the_oldest_leaves() -> None:
    told = Told()
    for at in range(contacts.TOKENS_MAX + 1):
        told.hears(tokens(Token(type="fcm", value=f"t{at}", given_at=at), at=at))

    assert len(told.customer.tokens) == contacts.TOKENS_MAX
    assert admitted(told.customer, "push") == Admitted(f"t{contacts.TOKENS_MAX}")
    assert told.customer.tokens[0].value == "t1"


def test_an_invalid_token_gets_no_push() -> None:
    told = Told().hears(tokens(Token(type="apns", value="t", given_at=1), at=1))

    told.hears(tokens(Token(type="apns", value="t", given_at=2, is_valid=False), at=2))

    assert admitted(told.customer, "push") == Refused("no_address")
    assert told.changes("apns_token") == [(None, "valid", "p1", 1), ("valid", "invalid", "p2", 2)]


def test_a_removal_is_remembered_as_long_as_there_is_room() -> None:
    told = Told().hears(Identified(id="e", occurred_at=5, traits={"age": None}))
    told.hears(Identified(id="f", occurred_at=3, traits={"age": 30}))
    assert told.customer.attributes == {}

    many: dict[str, object] = {f"a{n}": n for n in range(ATTRIBUTES_MAX)}
    told.hears(Identified(id="g", occurred_at=6, traits=many))

    assert len(told.customer.attribute_times) == ATTRIBUTES_MAX
    assert "age" not in told.customer.attribute_times


def test_a_row_older_than_the_states_is_not_held_against_anybody() -> None:
    known = Customer(id="ada", email="ada@example.com")

    assert contacts.state(known, "email") == "unknown"
    assert admitted(known, "email") == Admitted("ada@example.com")


def tokens(token: Token, *, at: int) -> ProfileUpdated:
    return ProfileUpdated(id=f"p{at}", occurred_at=at, tokens=(token,))


def admitted(customer: Customer, channel: str) -> admission.Admission:
    return admission.admit(customer, channel=channel, category=None, message_class="transactional")


def opened(at: int, value: str = "t1") -> PageViewed:
    return PageViewed(
        id=f"p{at}{value}", occurred_at=at, token=Token(type="fcm", value=value, given_at=at)
    )


def test_the_token_an_app_tells_is_a_push_address_of_the_customer() -> None:
    """Nobody has to send it a second time by the back office."""
    told = Told().hears(opened(5))

    assert told.customer.tokens == (Token(type="fcm", value="t1", given_at=5),)
    assert told.changes("fcm_token") == [(None, "valid", "p5t1", 5)]
    assert [fact.origin for fact in told.facts] == ["tracker"]


def test_told_again_it_is_the_same_as_of_the_latest_time() -> None:
    told = Told().hears(opened(5)).hears(opened(9)).hears(opened(7))

    assert told.customer.tokens == (Token(type="fcm", value="t1", given_at=9),)
    assert len(told.changes("fcm_token")) == 1


def test_apps_beyond_the_cap_take_the_place_of_the_one_heard_of_longest_ago() -> None:
    told = Told()
    for number in range(contacts.TOKENS_MAX + 1):
        told.hears(opened(number, f"t{number}"))

    assert len(told.customer.tokens) == contacts.TOKENS_MAX
    assert "t0" not in {token.value for token in told.customer.tokens}

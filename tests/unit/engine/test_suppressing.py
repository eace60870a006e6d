"""X47: suppression by address in a customer's row: what it refuses, reports and registers."""

import msgspec
import pytest

from engine import (
    admission,
    bounces,
    contacts,
    erasing,
    registering,
    responses,
    rows,
    suppressions,
)
from engine.admission import Admitted, Refused
from engine.claims import SharedEvent
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.emissions import Emission, OutboxEntry
from engine.events import ErasureRequested, Event, Identified, Responded
from engine.facts import Fact
from engine.messages import MessageClass
from engine.rows import Arrival, Row
from engine.sends import Response
from engine.suppressions import (
    AddressLeft,
    AddressReported,
    AddressTaken,
    Scope,
    SuppressionChanged,
    hashed,
)
from tests.support import decided

ADA, BEN = "ada@shop.io", "ben@shop.io"


def bounce(**said: object) -> Responded:
    """One of the message `m`."""
    event = Responded(
        id="r", occurred_at=1, message_id="m", channel="email", campaign="c", response="bounced"
    )
    return msgspec.structs.replace(event, **said)


class Told:
    """A row, and what it told others."""

    def __init__(self) -> None:
        self.row = rows.blank("u:1")
        self.shared: list[SharedEvent] = []
        self.counters: list[str] = []
        self.facts: list[Fact] = []
        self._offset = 0

    @property
    def customer(self) -> Customer:
        """As they are."""
        return self.row.customer

    def hears(self, event: Event) -> "Told":
        """Apply what happens."""
        self._offset += 1
        arrival = Arrival(event=event, logged_at=self._offset)
        found = erasing.advance(self.row, arrival, Definitions())
        assert not isinstance(found, str)
        for one in found:
            if one.topic == "shared":
                self.shared.append(msgspec.json.decode(one.value, type=SharedEvent))
                self.counters.append(one.key)
            elif one.topic == "facts":
                self.facts.append(msgspec.json.decode(one.value, type=Fact))
        return self

    def has(self, email: str | None) -> "Told":
        """Give an address, or take it away."""
        at = self._offset
        return self.hears(
            Identified(
                id=f"e{at}",
                occurred_at=at,
                traits={"email": email},
                subscriptions={"email": True},
            )
        )

    def is_told(
        self, scope: Scope | None, *, of: str = ADA, revision: int = 1, is_soft: bool = False
    ) -> "Told":
        """Hear from an address."""
        return self.hears(
            SuppressionChanged(
                id=f"s{revision}",
                occurred_at=self._offset,
                address=hashed("email", of).hex(),
                revision=revision,
                scope=scope or "",
                reason="" if scope is None else "hard_bounce",
                is_soft=is_soft,
            )
        )

    def is_sent(self, message_id: str) -> "Told":
        """Remember a message."""
        message = msgspec.structs.replace(
            decided.message(message_id, at=self._offset), to=self.customer.email
        )
        self.row.customer = responses.remember(self.customer, message)
        return self

    def responds(self, response: Response, code: str = "", message_id: str = "m") -> "Told":
        """Hear what became of it."""
        return self.hears(
            Responded(
                id=f"r{self._offset}",
                occurred_at=self._offset,
                message_id=message_id,
                channel="email",
                campaign="c",
                response=response,
                code=code or None,
            )
        )

    @property
    def reports(self) -> list[AddressReported]:
        """What addresses were told."""
        return [one for one in self.shared if isinstance(one, AddressReported)]


def admitted(customer: Customer, message_class: MessageClass) -> admission.Admission:
    return admission.admit(customer, channel="email", category=None, message_class=message_class)


@pytest.mark.parametrize(
    ("scope", "message_class", "is_refused"),
    [
        ("all", "marketing", True),
        ("all", "transactional", True),
        ("marketing", "marketing", True),
        ("marketing", "transactional", False),
        (None, "marketing", False),
    ],
)
def test_x47_a_suppressed_address_is_refused_whatever_the_customer_agreed_to(
    scope: Scope | None, message_class: MessageClass, *, is_refused: bool
) -> None:
    told = Told().has(ADA).is_told(scope)

    expected = Refused("suppressed") if is_refused else Admitted(ADA)
    assert admitted(told.customer, message_class) == expected


def test_another_address_is_not_the_suppressed_one() -> None:
    told = Told().has(ADA).is_told("all").has(BEN)

    assert admitted(told.customer, "marketing") == Admitted(BEN)


def test_what_is_said_of_an_address_the_customer_had_changes_nothing() -> None:
    told = Told().has(ADA).has(BEN).is_told("all", of=ADA)

    assert told.customer.suppressions == {}


def test_an_older_word_that_comes_later_changes_nothing() -> None:
    told = Told().has(ADA).is_told(None, revision=2).is_told("all", revision=1)

    assert admitted(told.customer, "marketing") == Admitted(ADA)


def test_each_change_is_a_fact() -> None:
    told = Told().has(ADA).is_told("all").is_told(None, revision=2)

    changes = [one for one in told.facts if one.kind == "suppression_changed"]
    assert [(one.name, one.before, one.after, one.origin) for one in changes] == [
        ("email", None, "hard_bounce", "all"),
        ("email", "hard_bounce", None, ""),
    ]


def test_undoing_a_suppression_makes_a_bounced_address_valid_again() -> None:
    told = Told().has(ADA).is_sent("m").responds("bounced", "5.1.1").is_told("all")
    assert contacts.state(told.customer, "email") == "invalid"

    told.is_told(None, revision=2)

    assert contacts.state(told.customer, "email") == "valid"


@pytest.mark.parametrize(
    ("response", "code", "verdict"),
    [
        ("bounced", "5.1.1", "hard"),
        ("bounced", "4.2.2", "soft"),
        ("complained", "", "complaint"),
    ],
)
def test_a_response_is_reported_to_the_address_it_went_to(
    response: Response, code: str, verdict: str
) -> None:
    told = Told().has(ADA).is_sent("m").has(BEN).responds(response, code)

    [report] = told.reports
    assert (report.verdict, report.customer, report.message_id) == (verdict, "1", "m")


def test_a_message_nobody_remembers_says_nothing_of_an_address() -> None:
    assert Told().has(ADA).responds("bounced", "5.1.1").reports == []


def test_a_delivered_message_is_reported_only_where_soft_bounces_are_counted() -> None:
    told = Told().has(ADA).is_sent("m").responds("delivered")
    assert told.reports == []

    told.is_told(None, is_soft=True).is_sent("n").responds("delivered", message_id="n")

    assert [one.verdict for one in told.reports] == ["delivered"]


def test_an_address_is_registered_once_and_given_up_when_it_is_another() -> None:
    told = Told().has(ADA).has(ADA).has("ADA@shop.io").has(BEN).has(None)

    assert [type(one) for one in told.shared] == [
        AddressTaken,
        AddressLeft,
        AddressTaken,
        AddressLeft,
    ]


def test_an_erased_customer_gives_the_address_up_and_keeps_nothing_of_it() -> None:
    told = Told().has(ADA).hears(ErasureRequested(id="x", occurred_at=3))

    assert isinstance(told.shared[-1], AddressLeft)
    assert ADA.encode() not in msgspec.msgpack.encode(told.row)


def test_an_erasure_keeps_the_report_that_is_not_delivered_yet() -> None:
    told = Told().has(ADA)
    kept = Emission("shared", b"{}", key="address:1")
    told.row.outbox.append(OutboxEntry(7, (kept, Emission("facts", b"{}"))))

    told.hears(ErasureRequested(id="x", occurred_at=3))

    assert [one.emissions for one in told.row.outbox] == [(kept,)]


def test_a_row_from_before_registers_with_its_next_event() -> None:
    row = Row(customer=Customer(id="1", email=ADA))

    assert len(registering.told(row, "e")) == 1
    assert registering.told(row, "f") == []


def test_a_bounce_without_a_channel_is_reported_of_the_address_of_its_message() -> None:
    told = Told().has(ADA).is_sent("m")

    told.hears(bounce(channel="", code="5.1.1"))

    assert [(one.kind, one.verdict) for one in told.reports] == [("email", "hard")]


@pytest.mark.parametrize("channel", ["email", ""])
def test_of_a_forgotten_message_the_recipient_tells_the_address(channel: str) -> None:
    told = Told().has(ADA)

    told.hears(bounce(channel=channel, code="5.1.1", recipient=BEN))

    assert [(one.kind, one.verdict) for one in told.reports] == [("email", "hard")]
    assert told.counters[-1] == suppressions.counter(hashed("email", BEN))


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ({"is_permanent": True}, "hard"),
        ({"is_permanent": False}, "soft"),
        ({"code": "5.1.1", "is_permanent": False}, "soft"),
        ({"code": "550", "is_permanent": False}, "soft"),
        ({"code": "4.2.2", "is_permanent": True}, "hard"),
        ({"code": "5.7.1", "is_permanent": True}, None),
        ({"reason": "blocked for spam", "is_permanent": True}, None),
        ({"subtype": "MailboxFull"}, "soft"),
        ({"subtype": "blocked"}, None),
        ({"response": "failed", "code": "550", "is_permanent": True}, "hard"),
        ({"response": "failed", "code": "5.1.1", "is_permanent": False}, "soft"),
    ],
)
def test_what_the_provider_calls_permanent_is_and_a_block_never_punishes(
    said: dict[str, object], verdict: str | None
) -> None:
    """responses.md f.1, f.3."""
    assert bounces.verdict(bounce(**said)) == verdict


@pytest.mark.parametrize(
    ("response", "code", "reason", "verdict"),
    [
        ("bounced", None, None, "soft"),
        ("deferred", "5.1.1", "no such user", "soft"),
        ("dropped", None, "Bounced Address: mailbox does not exist", "hard"),
        ("dropped", None, "Spam Content", None),
        ("read", None, None, "delivered"),
        ("replied", None, None, "delivered"),
        ("resubscribed", None, None, None),
        ("bounced", "550", None, "hard"),
        ("bounced", "550", "550 5.1.1 no such user", "hard"),
        ("bounced", "550", "550 5.7.1 blocked", None),
        ("bounced", "550", "rejected by policy: mailbox unavailable", None),
        ("bounced", "5.2.2", "mailbox full", "soft"),
        ("bounced", "5.7.26", "DMARC", None),
        ("bounced", "552", "quota exceeded", "soft"),
        ("bounced", "554", "something else", "soft"),
        ("bounced", "554", "User unknown", "hard"),
        ("bounced", "4.4.1", "timed out", "soft"),
        ("bounced", None, "mailbox does not exist", "hard"),
        ("bounced", "30003", None, "soft"),
        ("failed", "550", "5.1.1 no such user", "hard"),
        ("failed", "550", None, None),
        ("failed", "render_failed", "user not found", None),
        ("failed", "suppressed", "nothing of the kind is sent to the address any more", None),
        ("failed", "erased", "the customer was erased while it was on its way", None),
        ("failed", "451", "try again later", "soft"),
        ("failed", "552", None, "soft"),
        ("delivered", None, None, "delivered"),
        ("unsubscribed", None, None, None),
        ("accepted", None, None, None),
        ("in_doubt", "no_answer", None, None),
    ],
)
def test_a_response_says_of_the_address_what_its_codes_and_words_say(
    response: Response, code: str | None, reason: str | None, verdict: str | None
) -> None:
    """responses.md f.3: a block never punishes the address, what nobody knows is soft."""
    event = Responded(
        id="r",
        occurred_at=1,
        message_id="m",
        channel="email",
        campaign="c",
        response=response,
        code=code,
        reason=reason,
    )

    assert bounces.verdict(event) == verdict

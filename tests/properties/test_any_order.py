"""The whole profile is the same in whatever order, and however often, its words are delivered.

Within these rules. Each event has an id and a time of its own, a source says one thing at one time,
and a receipt does not become a return. By the order of the log go: what lies in containers, since
adding and removing are deltas; who the first source was; what campaigns did; the checkout, which a
purchase that is taken back later has ended all the same. Of a company the id goes by time, traits
that come late are left out. Of an interest the place is compared, not the strength
(`engine.interests`).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.worker.batches import LogRecord
from agents.worker.partition import Partition
from agents.worker.recovery import Recovery
from engine import clocks, contacts, counting, merging
from engine.addresses import Address, AddressType, Token
from engine.customer import Contact, Customer
from engine.declarations import ProfileUpdated, SubscriptionsChanged
from engine.definitions.folded import Definitions
from engine.events import (
    KINDS,
    BonusBalanceChanged,
    CategoryViewed,
    Event,
    Grouped,
    Identified,
    OrderCancelled,
    OrderCompleted,
    OrderRefunded,
    OrderUpdated,
    PageViewed,
    ProductViewed,
    PromoCodeIssued,
    Responded,
    TagsChanged,
    Tracked,
)
from engine.metrics import builtin
from engine.points import PointsChanged
from engine.products import Line, Product
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued
from tests.support.examples import examples
from tests.support.story import Book

MINUTE_MS: Final = 60_000
START: Final = 1_800_000_000_000
DELIVERED: Final = START + 24 * 60 * MINUTE_MS
"""By then everything has happened."""

CLOCK: Final = 2**62
KEY: Final = b"u:ada"
EMAIL: Final = "ada@shop.example"
INTERESTED: Final = {"features": {"category_interest": True}, "interest_days": 30}
METRICS: Final = {
    "seen": {"event": "Product Viewed", "aggregate": "count"},
    "spent": {"of": "receipt", "aggregate": "sum", "field": "total", "window": "30d"},
}

Words: TypeAlias = st.SearchStrategy[Mapping[str, object]]

few = st.sampled_from
flags = st.booleans()
numbers = st.integers(0, 2).map(str)
amounts = st.integers(0, 50).map(Decimal)
consents = st.dictionaries(
    few(["email", "sms"]), flags | st.dictionaries(few(["promo", "news"]), flags)
)
products = st.builds(Product, id=few("ab"), price=amounts, category=few("xy"))
lines = st.lists(
    st.builds(Line, id=few("ab"), price=amounts, quantity=st.integers(-2, 3).filter(bool)),
    max_size=2,
).map(tuple)
statuses = few([None, None, "new", "cancelled"])
preferred = st.dictionaries(few(["promo", "news"]), few(["email", "sms", None]), max_size=2)
phones = few(
    [
        Address(value="+4915123456789", kind="mobile", region="DE", operator="T-Mobile"),
        Address(value="+493012345678", kind="landline", region="DE"),
        Address(value="call me", is_valid=False),
        None,
    ]
)


def called(said: Mapping[str, object]) -> Mapping[str, object]:
    """The words of a profile with what intake makes of their phone."""
    words = dict(said)
    phone, traits = words.pop("phone"), words["traits"]
    assert isinstance(traits, dict)
    if isinstance(phone, Address):
        return {
            **words,
            "traits": {**traits, "phone": phone.value},
            "addresses": {"phone": phone},
            "zones": {"phone": "Europe/Berlin" if phone.is_valid else None},
        }
    return {**words, "traits": {**traits, "phone": None}}


def fields(**words: st.SearchStrategy[object]) -> Words:
    return st.fixed_dictionaries(words)


purchase = {"lines": lines, "currency": few([None, "EUR"]), "status": statuses}
KINDS_OF_WORDS: Final[Mapping[type[Event], Words]] = {
    Identified: fields(
        traits=st.dictionaries(few(["age", "city"]), few([1, "x", None])).map(
            lambda traits: {**traits, "email": EMAIL}
        ),
        addresses=st.just({"email": Address(value=EMAIL, provider="shop")}),
        subscriptions=consents,
        preferred=preferred,
        zones=st.dictionaries(few(clocks.PRIORITY), few(["Europe/Berlin", "Asia/Tokyo"])),
    ),
    ProfileUpdated: fields(
        traits=st.dictionaries(few(["age", "city"]), few([2, "y", None])),
        tokens=numbers.map(lambda number: (Token(type="fcm", value=f"t{number}", given_at=1),)),
        phone=phones,
    ).map(called),
    SubscriptionsChanged: fields(
        subscriptions=consents, preferred=preferred, origin=few(["operator", "customer"])
    ),
    Responded: fields(
        message_id=numbers,
        channel=st.just("email"),
        campaign=st.just("c"),
        response=few(["bounced", "complained", "opened", "unsubscribed"]),
    ),
    Grouped: fields(group_id=few(["acme", "initech"])),
    PageViewed: fields(),
    ProductViewed: fields(product=products),
    CategoryViewed: fields(category=few("xy")),
    Tracked: fields(
        name=st.just("Survey Completed"),
        properties=numbers.map(lambda number: msgspec.Raw(b'{"survey_id":"%s"}' % number.encode())),
    ),
    BonusBalanceChanged: fields(active=amounts, pending=amounts),
    PointsChanged: fields(amount=st.integers(1, 3)),
    PromoCodeIssued: fields(code=numbers, group=few([None, "spring"])),
    TagsChanged: fields(
        added=st.lists(few(["vip", "new"]), unique=True),
        removed=st.lists(few(["vip", "old"]), unique=True),
        origin=few(["operator", "import"]),
    ),
    ReceiptIssued: st.one_of(
        fields(receipt_id=numbers, total=amounts, store_id=numbers, **purchase),
        fields(receipt_id=few(["r0", "r1"]), total=amounts, return_of=numbers, **purchase),
    ),
    OrderPlaced: fields(order_id=numbers, total=amounts, **purchase),
    OrderCompleted: fields(order_id=numbers, total=amounts),
    OrderStatusChanged: fields(order_id=numbers, status=few(["new", "cancelled"])),
    OrderCancelled: fields(order_id=numbers),
    OrderUpdated: fields(order_id=numbers, total=amounts),
    OrderRefunded: fields(order_id=numbers, total=few([None, Decimal(5)])),
}
VERSIONED: Final = frozenset({BonusBalanceChanged, PromoCodeIssued, ReceiptIssued, OrderPlaced})
"""They say themselves which version they are."""

words = st.one_of(*(st.tuples(st.just(kind), said) for kind, said in KINDS_OF_WORDS.items()))


def happened(drawn: Sequence[tuple[type[Event], Mapping[str, object]]]) -> list[Event]:
    """One after the other, a minute apart."""
    events: list[Event] = []
    for place, (kind, said) in enumerate(drawn):
        at = START + place * MINUTE_MS
        version = {"updated_at": at} if kind in VERSIONED else {}
        event = {"id": f"e{place}", "occurred_at": at, "source": "web", **version, **said}
        events.append(msgspec.convert(event, kind))
    return events


histories = st.lists(words, max_size=10).map(happened)


def defined() -> Definitions:
    book = Book().change("settings", "settings", "put", INTERESTED)
    for name, metric in METRICS.items():
        book.change("metrics", name, "put", {"id": name, **metric})
    return book.definitions


DEFINITIONS: Final = defined()


def after(delivered: Sequence[Event]) -> Customer:
    """The row of an owner that read them in this order."""
    partition = Partition(epoch=1, restored=Recovery())
    partition.definitions = DEFINITIONS
    log = [
        LogRecord(
            key=KEY,
            value=msgspec.json.encode(event),
            kind=KINDS[type(event)].encode(),
            cause=None,
            offset=offset,
            logged_at=DELIVERED,
        )
        for offset, event in enumerate(delivered)
    ]
    if log:
        partition.settled(partition.fold(log, now=CLOCK))
    return partition.row(KEY).customer


def known(customer: Customer) -> dict[str, object]:
    """Everything that does not go by the order of the log."""
    company = customer.attributes.get("company")
    return {
        "attributes": {**customer.attributes, "company": company},
        "times": customer.attribute_times,
        "email": reached(customer, "email"),
        "phone": reached(customer, "phone"),
        "tokens": {token.value for token in customer.tokens},
        "zone": clocks.timezone(customer),
        "consent": (customer.subscriptions, customer.answers, customer.preferred),
        "metrics": builtin.values(customer, now=DELIVERED),
        "custom": {
            name: counting.value(customer, counter, now=DELIVERED)
            for name, counter in DEFINITIONS.counters.by_id.items()
        },
        "statuses": customer.order_statuses,
        "seen": (customer.first_seen_at, customer.last_seen_at, customer.events_count),
        "views": customer.views,
        "interests": set(customer.interests),
        "loyalty": customer.loyalty,
        "promo_codes": customer.promo_codes,
        "tags": customer.tags,
        "surveys": customer.surveys,
    }


def reached(customer: Customer, kind: AddressType) -> tuple[object, ...]:
    """A contact with all that is known of it; which record caused what goes by the log."""
    contact = customer.contacts.get(kind, Contact())
    return (
        customer.email if kind == "email" else customer.phone,
        contacts.state(customer, kind),
        contact.provider,
        contact.kind,
        contact.region,
        contact.operator,
    )


@settings(max_examples=examples(200))
@given(histories, st.data())
def test_any_order_of_deliveries_with_repetitions_gives_the_profile_of_the_order_they_happened_in(
    history: list[Event], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(history), max_size=4)) if history else []
    delivered = data.draw(st.permutations([*history, *again]))

    assert known(after(delivered)) == known(after(history))


@settings(max_examples=examples(200), derandomize=True)
@given(histories, st.data())
def test_two_identities_merged_know_what_one_would_have(
    history: list[Event], data: st.DataObject
) -> None:
    mine = data.draw(st.lists(st.booleans(), min_size=len(history), max_size=len(history)))
    one = after([word for word, is_mine in zip(history, mine, strict=True) if is_mine])
    other = after([word for word, is_mine in zip(history, mine, strict=True) if not is_mine])

    assert built_in(merging.merged(one, other)) == built_in(after(history))


def built_in(customer: Customer) -> dict[str, object]:
    """Without the shop's own metrics: those see a return of the other's purchase with the next."""
    return {name: value for name, value in known(customer).items() if name != "custom"}

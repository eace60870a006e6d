"""A customer taken out by an export and put in again is the same one."""

from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from api.admin import tables, takeout
from engine.customer import Customer, SentMessage
from engine.declarations import ConsentOrigin, SubscriptionsChanged
from engine.definitions.folded import Definitions
from engine.events import Event, PageViewed, Responded
from engine.intake import decoding
from engine.intake.arrivals import Origin
from engine.intake.customers import contact, customer
from engine.intake.files.items import Item
from engine.intake.files.table import Table
from engine.step import step

DAY: Final = 86_400_000
NOW: Final = 400 * DAY
TIMES: Final = st.integers(0, 300).map(lambda day: day * DAY)

EMAILS: Final = ("ada@gmail.com", "ada@shop.example", "ada@", "")
PHONES: Final = ("+4915123456789", "+493012345678", "12")


def origin(received_at: int) -> Origin:
    return Origin(source="import", received_at=received_at, seed="s", is_trusted=True)


def day(at: int) -> str:
    return f"{1970 + at // (365 * DAY)}-{1 + at // (31 * DAY) % 12:02}-01T00:00:00Z"


@st.composite
def profiles(draw: st.DrawFn) -> Event:
    """Traits and consent, by the back office."""
    traits: dict[str, object] = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "email": st.sampled_from(EMAILS),
                "phone": st.sampled_from(PHONES),
                "age": st.integers(-5, 200) | st.none(),
                "loves": st.lists(st.text(max_size=5), max_size=3),
                "ratio": st.floats(0, 1),
                "name": st.text(max_size=20),
            },
        )
    )
    said = draw(
        st.dictionaries(
            st.sampled_from(["email", "sms"]),
            st.booleans() | st.dictionaries(st.sampled_from(["promo", "news"]), st.booleans()),
        )
    )
    preferred = draw(st.dictionaries(st.just("promo"), st.sampled_from(["email", "sms"])))
    subscriptions = {**said, **({"preferred": preferred} if preferred else {})}
    item = {"id": "ada", "traits": traits, "subscriptions": subscriptions}
    return customer({**item, "updatedAt": day(draw(TIMES))}, origin=origin(NOW)).event


@st.composite
def tokens(draw: st.DrawFn) -> Event:
    """A push token."""
    item = {
        "customerId": "ada",
        "type": draw(st.sampled_from(["fcm", "apns"])),
        "value": draw(st.sampled_from(["t1", "t2"])),
        "state": draw(st.sampled_from(["valid", "invalid"])),
    }
    return contact({**item, "updatedAt": day(draw(TIMES))}, origin=origin(NOW)).event


@st.composite
def answers(draw: st.DrawFn) -> Event:
    """Consent, by an operator or a complaint."""
    origins: list[ConsentOrigin] = ["operator", "complaint", "customer"]
    return SubscriptionsChanged(
        id="s",
        occurred_at=draw(TIMES),
        subscriptions={"email": draw(st.booleans())},
        origin=draw(st.sampled_from(origins)),
    )


BOUNCES: Final = st.builds(
    Responded,
    id=st.just("b"),
    occurred_at=TIMES,
    message_id=st.just("m"),
    channel=st.sampled_from(["email", "sms"]),
    response=st.just("bounced"),
    code=st.just("5.1.1"),
)

VISITS: Final = st.builds(
    PageViewed,
    id=st.just("v"),
    occurred_at=TIMES,
    zones=st.fixed_dictionaries({"browser": st.sampled_from(["Asia/Tokyo", "Europe/Berlin"])}),
)

LIVES: Final = st.lists(profiles() | tokens() | answers() | BOUNCES | VISITS, max_size=8)


def lived(events: list[Event]) -> Customer:
    ada = Customer(
        id="ada",
        messages=tuple(
            SentMessage(message_id="m", campaign="c", channel=channel, decided_at=NOW)
            for channel in ("email", "sms")
        ),
    )
    for event in events:
        ada = step(ada, event, Definitions(), NOW).customer
    return ada


def put_in(line: bytes, into: Customer) -> Customer:
    event = customer(decoding.message(line), origin=origin(2 * NOW)).event
    return step(into, event, Definitions(), 2 * NOW).customer


def told(known: Customer) -> dict[str, Any]:
    shape = takeout.shape(known, as_of=NOW)
    return {name: shape[name] for name in ("id", "traits", "subscriptions", "consent")} | {
        "contacts": {**takeout.contacts(known), "push": by_value(known)},
        "trait_times": {name: known.attribute_times[name] for name in known.attributes},
        "browser": takeout.zones(known),
    }


def by_value(known: Customer) -> list[tuple[str, str, bool, int]]:
    return sorted((one.type, one.value, one.is_valid, one.given_at) for one in known.tokens)


@given(LIVES)
def test_what_was_exported_and_imported_elsewhere_is_the_same_profile(events: list[Event]) -> None:
    ada = lived(events)

    again = put_in(takeout.line(ada, as_of=NOW), Customer(id="ada"))

    assert told(again) == told(ada)


@given(LIVES)
def test_an_export_imported_where_it_comes_from_changes_nothing(events: list[Event]) -> None:
    ada = lived(events)

    again = put_in(takeout.line(ada, as_of=NOW), ada)

    assert told(again) == told(ada)
    assert (again.email, again.phone, again.contacts) == (ada.email, ada.phone, ada.contacts)


@given(LIVES)
def test_the_table_says_the_same_as_the_lines(events: list[Event]) -> None:
    ada = lived(events)
    cells = [takeout.cells(ada, as_of=NOW)]
    written = tables.text([], header=takeout.COLUMNS) + tables.text(cells, columns=takeout.COLUMNS)

    reader = Table("customers")
    [item] = [*reader.feed(written.encode()), *reader.finish()]

    assert isinstance(item, Item)
    by_table = put_in(item.payload, Customer(id="ada"))
    assert told(by_table) == told(put_in(takeout.line(ada, as_of=NOW), Customer(id="ada")))


def test_a_trait_that_is_older_than_the_rest_stays_older() -> None:
    """Else an import would overrule what was said elsewhere in between."""
    ada = lived(
        [
            customer(
                {"id": "ada", "traits": traits, "updatedAt": day(at)}, origin=origin(NOW)
            ).event
            for traits, at in (({"age": 30}, 0), ({"name": "Ada"}, 90 * DAY))
        ]
    )
    elsewhere = customer(
        {"id": "ada", "traits": {"age": 31}, "updatedAt": day(31 * DAY)}, origin=origin(NOW)
    ).event

    again = put_in(takeout.line(ada, as_of=NOW), lived([elsewhere]))

    assert again.attributes == {"age": 31, "name": "Ada"}

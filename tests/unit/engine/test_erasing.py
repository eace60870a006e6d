"""What an erasure leaves of a row, and what comes back afterwards: nothing."""

import msgspec
import pytest

from engine import erasing, rows
from engine.declarations import SubscriptionsChanged
from engine.definitions.folded import Definitions
from engine.emissions import Emission, OutboxEntry
from engine.erasing import FLUSH_MS, FLUSH_TIMER
from engine.events import CartItemAdded, ErasureRequested, Event, Identified, PageViewed, TimerFired
from engine.facts import Fact
from engine.links import Link
from engine.products import Product
from engine.rows import Arrival, Ignored, Row
from tests.support.story import one_campaign

ADDRESS = "ada@example.com"
T0 = 1_764_547_200_000


def happened(
    row: Row, event: Event, *, at: int = T0, definitions: Definitions | None = None
) -> list[Emission] | Ignored:
    arrival = Arrival(event=event, logged_at=at)
    return erasing.advance(row, arrival, definitions or one_campaign())


def known() -> Row:
    """Somebody with an address, a cart and a timer."""
    row = rows.blank("u:ada")
    happened(row, Identified(id="i", occurred_at=T0, traits={"email": ADDRESS, "name": "Ada"}))
    happened(row, CartItemAdded(id="c", occurred_at=T0, product=Product(id="shoes")))
    assert row.timers
    return row


def erasure(number: int = 1) -> ErasureRequested:
    return ErasureRequested(id=f"erasure-{number}", occurred_at=T0)


def test_nothing_of_the_customer_stays_in_the_row() -> None:
    row = known()

    happened(row, erasure())

    stored = msgspec.msgpack.encode(row)
    assert ADDRESS.encode() not in stored
    assert b"shoes" not in stored
    assert len(stored) < 250
    assert set(row.timers) == {FLUSH_TIMER}


def test_the_erasure_is_told_with_what_is_to_be_deleted() -> None:
    result = happened(known(), erasure())

    assert isinstance(result, list)
    [emission, left] = result
    fact = msgspec.json.decode(emission.value, type=Fact)
    assert left.topic == "shared"
    assert (emission.topic, fact.kind, fact.name) == ("facts", "erased", "erasure-1")
    assert fact.identities == ("ada",)


@pytest.mark.parametrize(
    "event",
    [
        Identified(id="late", occurred_at=T0, traits={"email": ADDRESS}),
        PageViewed(id="late", occurred_at=T0 + 10**9),
        SubscriptionsChanged(
            id="late", occurred_at=T0, subscriptions={"email": True}, origin="operator"
        ),
    ],
)
def test_nothing_brings_an_erased_customer_back(event: Event) -> None:
    """Promise 10: neither a late event nor a new identify of the same id, however much later."""
    row = known()
    happened(row, erasure())
    before = msgspec.msgpack.encode(row)

    assert happened(row, event, at=T0 + 10**9) == "erased"

    assert msgspec.msgpack.encode(row) == before


def test_a_timer_of_before_changes_nothing() -> None:
    row = known()
    [(timer_id, timer)] = row.timers.items()
    happened(row, erasure())

    fired = TimerFired(
        id="t", occurred_at=timer.due_at, timer_id=timer_id, generation=timer.generation
    )

    assert happened(row, fired, at=timer.due_at) == "timer"


def test_a_minute_later_the_stub_is_written_once_more_and_then_rests() -> None:
    """Design, promise 2: that write drops the outbox."""
    row = known()
    happened(row, erasure())
    [(timer_id, timer)] = row.timers.items()
    fired = TimerFired(
        id="t", occurred_at=timer.due_at, timer_id=timer_id, generation=timer.generation
    )

    assert timer.due_at == T0 + FLUSH_MS
    assert happened(row, fired, at=timer.due_at - 1) == "timer"
    assert happened(row, fired, at=timer.due_at) == []
    assert row.timers == {}


def test_erased_twice_is_told_twice() -> None:
    """What was put back from a backup is deleted again; the stub stays one."""
    row = known()
    first = happened(row, erasure(1))

    again = happened(row, erasure(2), at=T0 + 1)

    assert isinstance(first, list)
    assert isinstance(again, list)
    assert len(again) == 1
    assert again != first
    assert row.erasure is not None
    assert (row.erasure.id, row.erasure.at) == ("erasure-2", T0 + 1)


def test_who_was_never_seen_can_be_kept_away() -> None:
    row = rows.blank("u:nobody")

    happened(row, erasure())

    assert happened(row, PageViewed(id="p", occurred_at=T0)) == "erased"


def joined() -> Row:
    """Somebody of whom a device and an address are known, and a message is on its way."""
    row = known()
    row.links = {
        "a:phone": Link("merged", "m1", T0),
        f"e:{ADDRESS}": Link("merged", "m2", T0),
        "c:7": Link("refused", "m3", T0),
    }
    kept = Emission("events", b"{}", key="a:phone", kind="merge")
    row.outbox = [OutboxEntry(3, (Emission("messages", ADDRESS.encode()), kept))]
    return row


def test_each_other_identity_is_asked_for_its_stub() -> None:
    result = happened(joined(), erasure())

    assert isinstance(result, list)
    fact = msgspec.json.decode(result[0].value, type=Fact)
    asked = [emission for emission in result if emission.topic == "events"]
    told = {e.key: msgspec.json.decode(e.value, type=ErasureRequested) for e in asked}
    assert fact.identities == ("ada", "anonymous:phone", f"email:{ADDRESS}")
    assert set(told) == {"a:phone", f"e:{ADDRESS}"}
    assert {(event.id, event.survivor) for event in told.values()} == {("erasure-1", "u:ada")}


def test_neither_address_nor_message_stays_in_the_stub() -> None:
    row = joined()

    happened(row, erasure())

    assert ADDRESS.encode() not in msgspec.msgpack.encode(row)
    assert row.erasure is not None
    assert row.erasure.identities == ("ada", "anonymous:phone")
    assert [[m.topic for m in entry.emissions] for entry in row.outbox] == [["events"]]


def test_a_forward_becomes_a_stub_with_its_survivor() -> None:
    row = rows.blank("a:phone")
    row.forward = "u:ada"

    assert happened(row, ErasureRequested(id="x", occurred_at=T0, survivor="u:ada")) == []

    assert row.forward == ""
    assert happened(row, PageViewed(id="p", occurred_at=T0)) == "erased"


def test_a_device_that_changed_hands_stays_with_its_new_owner() -> None:
    row = rows.blank("a:phone")
    row.forward = "u:ben"

    assert happened(row, ErasureRequested(id="x", occurred_at=T0, survivor="u:ada")) == "erased"
    assert (row.forward, row.erasure) == ("u:ben", None)

"""An operator says that an identity is another person's: a merge is undone (e.5, M129)."""

import msgspec
import pytest

from engine import splitting
from engine.customer import Customer
from engine.events import ErasureRequested, TimerFired
from engine.instances import Instance
from engine.links import Link
from engine.merges import freezing, linking
from engine.merges.moving import FREEZE_TIMER
from engine.rows import Timer
from engine.splitting import Decided
from tests.support import unmerging
from tests.support.crowd import Crowd
from tests.support.story import MINUTE

WORDS = """
id attributes email phone subscriptions attribute_times attribute_changes contacts tokens zones
answers preferred containers views orders order_ledger receipts receipt_ledger source
first_seen_at last_seen_at events_count loyalty promo_codes tags surveys interests bought_in
receipt_baskets order_baskets segments tallies active_hours notes checkout order_statuses
"""
REPLAYED = {*WORDS.split()}
"""What events say: the replay makes it anew."""


def merged(*, at: int = 5) -> Crowd:
    """Ada, with a device that had a life of its own."""
    crowd = Crowd().adds("a:d1", "lamp", at=0).buys("u:ada", "shoes", at=1)
    return crowd.identifies("u:ada", at, device="d1").settle()


def split(crowd: Crowd, survivor: str = "u:ada", identity: str = "a:d1") -> Crowd:
    """An unmerge from its request to its end."""
    crowd.unmerges(survivor, identity)
    return unmerging.carry_out(crowd.settle(), survivor).settle()


def state(crowd: Crowd, key: str = "u:ada") -> tuple[str, str]:
    """How the last unmerge stands, and why."""
    unmerge = crowd.row(key).unmerge
    assert unmerge is not None
    return unmerge.state, unmerge.reason


def cart(crowd: Crowd, key: str) -> list[str]:
    found = crowd.row(key).customer.containers.get("cart")
    return [] if found is None else [item.product.id for item in found.items]


def test_every_field_is_replayed_or_handed_out() -> None:
    """Whoever adds a field to Customer decides here what an unmerge makes of it.

    What events say is replayed. What was decided (a journey, a message) no replay may make anew:
    it belongs into `splitting.DECIDED`, and `splitting.Replay` says whose it is.
    """
    assert {
        "arms",
        "counts",
        "entered",
        "held",
        "messages",
        "points",
        "pursuits",
        "runs",
    } == splitting.DECIDED
    # What stands against an address is asked anew of the address.
    assert set(Customer.__struct_fields__) == REPLAYED | splitting.DECIDED | {"suppressions"}


def test_each_of_the_two_has_what_is_theirs() -> None:
    crowd = split(merged())

    assert (cart(crowd, "u:ada"), cart(crowd, "a:d1")) == ([], ["lamp"])
    assert crowd.row("u:ada").customer.orders.count == 1
    assert crowd.row("a:d1").customer.orders.count == 0
    assert crowd.facts_of("unmerged") == [("unmerged", "ada", "anonymous:d1", "anonymous:d1")]
    assert state(crowd) == ("done", "")


def test_what_comes_for_the_device_later_is_the_devices() -> None:
    crowd = split(merged()).views("a:d1", at=9).settle()

    assert crowd.row("a:d1").customer.events_count == 2
    assert crowd.row("u:ada").customer.events_count == 2


def test_what_merged_them_does_not_merge_them_again() -> None:
    crowd = split(merged()).identifies("u:ada", 9, device="d1").aliases("u:ada", "d1", 10).settle()

    assert crowd.survivor("a:d1") == "a:d1"
    assert cart(crowd, "a:d1") == ["lamp"]


def test_the_device_may_become_somebody_elses() -> None:
    crowd = split(merged()).identifies("u:bob", 9, device="d1").settle()

    assert crowd.survivor("a:d1") == "u:bob"
    assert cart(crowd, "u:bob") == ["lamp"]


def test_events_between_the_question_and_the_answer_find_their_owner() -> None:
    crowd = merged()
    crowd.unmerges("u:ada", "a:d1")
    crowd.settle().adds("a:d1", "chair", at=6).buys("u:ada", "hat", at=7).settle()

    unmerging.carry_out(crowd, "u:ada").settle()

    assert cart(crowd, "a:d1") == ["lamp", "chair"]
    assert crowd.row("u:ada").customer.orders.count == 2


def test_events_on_their_way_while_it_is_answered_go_back() -> None:
    crowd = merged()
    crowd.unmerges("u:ada", "a:d1")
    crowd.settle().adds("a:d1", "chair", at=6)

    unmerging.carry_out(crowd, "u:ada").settle()

    assert cart(crowd, "a:d1") == ["lamp", "chair"]
    assert cart(crowd, "u:ada") == []


def test_the_reminder_goes_with_the_cart() -> None:
    crowd = Crowd().consents("a:d1", at=0).adds("a:d1", "lamp", at=0)
    crowd.identifies("u:ada", 5, device="d1").settle()

    split(crowd).wait(until=60)

    assert [message.customer for message in crowd.messages] == ["anonymous:d1"]


def test_what_was_sent_stays_with_whom_it_was_sent_for() -> None:
    crowd = Crowd().consents("a:d1", at=0).adds("a:d1", "lamp", at=0).wait(until=40)
    crowd.consents("u:ada", at=41).adds("u:ada", "hat", at=41).wait(until=80)
    crowd.identifies("u:ada", 90, device="d1").settle()

    split(crowd).wait(until=300)

    device, ada = crowd.row("a:d1").customer, crowd.row("u:ada").customer
    sent = {message.id: message.customer for message in crowd.messages}
    assert [sent[one.message_id] for one in device.messages] == ["anonymous:d1"]
    assert [sent[one.message_id] for one in ada.messages] == ["ada"]
    assert device.entered
    assert ada.entered
    assert len(sent) == 2


def test_a_run_goes_on_with_whom_it_began_for() -> None:
    crowd = merged()
    crowd.unmerges("u:ada", "a:d1")
    row = crowd.settle().row("u:ada")
    assert row.freeze is not None
    runs = tuple(
        Instance(
            id=name,
            campaign="c",
            version=1,
            trigger="t",
            step="s",
            entered_at=0,
            arrived_at=0,
            caused_at=0,
        )
        for name in ("hers", "its")
    )
    base = msgspec.structs.replace(row.freeze.base, runs=runs)
    row.freeze = msgspec.structs.replace(row.freeze, base=base)
    row.timers |= {"run:hers": Timer(7, 1), "run:its": Timer(8, 2)}

    decided = Decided(runs=frozenset({"its"}))
    split = unmerging.apart(row, crowd.happened, crowd.definitions, decided)

    kept = [[one.id for one in state.customer.runs] for state in split]
    timers = [{name for name in state.timers if name.startswith("run:")} for state in split]
    assert kept == [["hers"], ["its"]]
    assert timers == [{"run:hers"}, {"run:its"}]


def test_both_keep_the_arm_that_one_of_them_was_shown() -> None:
    crowd = merged()
    crowd.unmerges("u:ada", "a:d1")
    row = crowd.settle().row("u:ada")
    assert row.freeze is not None
    base = msgspec.structs.replace(row.freeze.base, arms={"test": "b"})
    row.freeze = msgspec.structs.replace(row.freeze, base=base)

    split = unmerging.apart(row, crowd.happened, crowd.definitions, Decided())

    assert [state.customer.arms for state in split] == [{"test": "b"}, {"test": "b"}]


def test_who_came_by_way_of_the_device_goes_with_it() -> None:
    crowd = Crowd().views("a:d2", at=0).views("a:d1", at=1).aliases("a:d1", "d2", at=2).settle()
    crowd.identifies("u:ada", 5, device="d1").settle()
    assert crowd.survivor("a:d2") == "u:ada"

    split(crowd).views("a:d2", at=9).settle()

    assert crowd.survivor("a:d2") == "a:d1"
    assert crowd.row("a:d1").customer.events_count == 4
    assert crowd.row("u:ada").customer.events_count == 1


def test_one_behind_another_identity_is_split_off_alone() -> None:
    crowd = Crowd().views("a:d2", at=0).views("a:d1", at=1).aliases("a:d1", "d2", at=2).settle()
    crowd.identifies("u:ada", 5, device="d1").settle()

    split(crowd, identity="a:d2").views("a:d2", at=9).views("a:d1", at=9).settle()

    assert crowd.survivor("a:d2") == "a:d2"
    assert crowd.row("a:d2").customer.events_count == 2
    assert crowd.row("u:ada").customer.events_count == 4


@pytest.mark.parametrize(
    ("identity", "reason"),
    [("a:d9", "not_merged"), ("a:d1", "already_unmerged"), ("a:d2", "only_linked")],
)
def test_what_cannot_be_is_refused_with_the_reason(identity: str, reason: str) -> None:
    crowd = merged().identifies("u:bob", 6, device="d2").settle()
    crowd.identifies("u:ada", 7, device="d2").settle()
    split(crowd)

    crowd.unmerges("u:ada", identity)

    assert state(crowd) == ("refused", reason)
    assert crowd.row("u:ada").freeze is None


def test_a_second_request_is_turned_away_while_one_is_under_way() -> None:
    crowd = merged()
    first, second = crowd.unmerges("u:ada", "a:d1"), crowd.unmerges("u:ada", "a:d1")

    unmerge = crowd.row("u:ada").unmerge

    assert unmerge is not None
    assert (unmerge.id, unmerge.turned_away) == (first, second)


def test_without_an_answer_the_customer_goes_on_as_they_were() -> None:
    crowd = merged()
    unmerge_id = crowd.unmerges("u:ada", "a:d1")
    crowd.settle().adds("a:d1", "chair", at=6).settle()
    row, happened = crowd.row("u:ada"), unmerging.before_marks(crowd, unmerge_id)
    late = unmerging.unmerged(row, happened, crowd.definitions)

    crowd.wait(until=7)
    assert state(crowd) == ("given_up", "timed_out")
    crowd.says("u:ada", late).settle()

    assert crowd.survivor("a:d1") == "u:ada"
    assert cart(crowd, "u:ada") == ["chair"]
    assert crowd.facts_of("unmerged") == []


def test_a_customer_who_is_too_busy_goes_on() -> None:
    crowd = merged()
    crowd.unmerges("u:ada", "a:d1")
    crowd.settle()

    for _ in range(freezing.HELD_MAX):
        crowd.views("u:ada", at=6)

    assert state(crowd) == ("given_up", "busy")
    assert crowd.row("u:ada").customer.events_count == 3 + freezing.HELD_MAX


def test_another_merge_goes_first() -> None:
    crowd = merged()
    crowd.unmerges("u:ada", "a:d1")
    crowd.settle().identifies("u:ada", 6, device="d2").settle()

    assert state(crowd) == ("given_up", "interrupted")
    assert crowd.survivor("a:d2") == "u:ada"


def test_the_answer_counts_once() -> None:
    crowd = merged()
    unmerge_id = crowd.unmerges("u:ada", "a:d1")
    row = crowd.settle().row("u:ada")
    answer = unmerging.unmerged(row, unmerging.before_marks(crowd, unmerge_id), crowd.definitions)

    crowd.says("u:ada", answer).settle().views("u:ada", at=8).views("a:d1", at=8)
    crowd.says("u:ada", answer).settle()

    assert crowd.row("u:ada").customer.events_count == 3
    assert crowd.row("a:d1").customer.events_count == 2


def test_a_device_that_changes_hands_meanwhile_takes_its_past_along() -> None:
    crowd = merged()
    crowd.unmerges("u:ada", "a:d1")
    crowd.settle()
    unmerging.carry_out(crowd, "u:ada")
    crowd.identifies("u:bob", 8, device="d1")
    crowd.deliver("u:bob")

    crowd.settle()

    assert crowd.survivor("a:d1") == "u:bob"
    assert cart(crowd, "u:bob") == ["lamp"]
    assert cart(crowd, "u:ada") == []


def test_an_erasure_of_the_customer_ends_it() -> None:
    crowd = merged()
    unmerge_id = crowd.unmerges("u:ada", "a:d1")
    row = crowd.settle().row("u:ada")
    answer = unmerging.unmerged(row, unmerging.before_marks(crowd, unmerge_id), crowd.definitions)

    crowd.says("u:ada", ErasureRequested(id="x", occurred_at=6 * MINUTE)).settle()
    crowd.says("u:ada", answer).settle()

    assert crowd.row("u:ada").erasure is not None
    assert crowd.row("a:d1").erasure is not None


def test_erasing_the_device_later_leaves_the_customer() -> None:
    crowd = split(merged())

    crowd.says("a:d1", ErasureRequested(id="x", occurred_at=9 * MINUTE)).settle()

    assert crowd.row("a:d1").erasure is not None
    assert crowd.row("u:ada").erasure is None


def test_a_timer_that_fires_while_it_is_answered_is_not_lost() -> None:
    crowd = Crowd().consents("u:ada", at=0).adds("u:ada", "hat", at=0)
    crowd.identifies("u:ada", 29, device="d1").settle()
    due = crowd.row("u:ada").timers
    name, timer = next((name, one) for name, one in due.items() if name != FREEZE_TIMER)
    crowd.now = timer.due_at
    crowd.unmerges("u:ada", "a:d1")
    fired = TimerFired(id="t", occurred_at=timer.due_at, timer_id=name, generation=timer.generation)
    crowd.settle().says("u:ada", fired)

    unmerging.carry_out(crowd, "u:ada").settle().wait(until=60)

    assert [message.customer for message in crowd.messages] == ["ada"]


def test_the_operators_word_is_the_last_to_be_forgotten() -> None:
    row = split(merged()).row("u:ada")

    for number in range(linking.LINKS_MAX + 1):
        linking.remember(row, f"a:x{number}", Link("refused", "m", 0))

    assert len(row.links) == linking.LINKS_MAX
    assert linking.is_split(row, "a:d1")


def test_what_an_unmerge_takes_from_a_metric_is_in_its_history() -> None:
    """M010."""
    crowd = Crowd().buys("a:d1", "lamp", at=0).buys("u:ada", "shoes", at=1)
    split(crowd.identifies("u:ada", 5, device="d1").settle())

    counts = [f for f in crowd.facts if (f.customer, f.name) == ("ada", "orders_count")]
    assert [(fact.before, fact.after) for fact in counts] == [("0", "1"), ("1", "2"), ("2", "1")]

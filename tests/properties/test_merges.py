"""What holds of merges for every interleaving of events, answers, duplicates and requests.

The identities of one person lie in logs of their own. Whatever is delivered when, and however
often, the person who comes of it is the one of a world in which every record arrives at once.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.customer import Customer
from engine.events import Aliased, CartItemAdded, Identified, OrderCompleted, ProductViewed
from engine.products import Product
from tests.support.crowd import Crowd
from tests.support.examples import examples
from tests.support.story import MINUTE

ADDRESS = "ada@shop.io"
DEVICES = ("d1", "d2", "d3")
IDENTITIES = ("u:ada", f"e:{ADDRESS}", *(f"a:{device}" for device in DEVICES))

Kind = Literal["view", "add", "order", "show", "alias", "deliver", "repeat"]


class Step(NamedTuple):
    """One thing that happens next; what it needs of the numbers."""

    kind: Kind
    one: int
    other: int


def steps(*kinds: Kind) -> st.SearchStrategy[list[Step]]:
    """Histories of these, with requests and deliveries in between."""
    every = st.sampled_from([*kinds, "show", "alias", "deliver", "deliver", "repeat"])
    numbers = st.integers(0, 4)
    return st.lists(st.builds(Step, every, numbers, numbers), max_size=40)


def told(history: Sequence[Step], *, is_prompt: bool) -> Crowd:
    """Run a history; if prompt, every record arrives before the next thing happens."""
    crowd = Crowd()
    for minute, step in enumerate(history):
        if step.kind in {"deliver", "repeat"}:
            _deliver(crowd, step)
        else:
            _happen(crowd, step, at=minute * 1_000)
        if is_prompt:
            crowd.settle()
    end = len(history) * 1_000
    for device in DEVICES:
        crowd.says("u:ada", _shown(crowd, device, at=end))
    crowd.settle()
    return crowd.wait(until=end // MINUTE + 300)


def _deliver(crowd: Crowd, step: Step) -> None:
    """A source gets its oldest record through, or its oldest twice: a door that went back."""
    crowd.id()
    if crowd.queues:
        source = sorted(crowd.queues)[step.one % len(crowd.queues)]
        crowd.deliver(source, times=1 if step.kind == "deliver" else 2)


def _happen(crowd: Crowd, step: Step, *, at: int) -> None:
    key = IDENTITIES[step.one]
    product = Product(id="abcde"[step.other])
    match step.kind:
        case "view":
            crowd.says(key, ProductViewed(id=crowd.id(), occurred_at=at, product=product))
        case "add":
            crowd.says(key, CartItemAdded(id=crowd.id(), occurred_at=at, product=product))
        case "order":
            order = crowd.id()
            total = Decimal(step.other)
            event = OrderCompleted(id=order, occurred_at=at, order_id=order, total=total)
            crowd.says(key, event)
        case "show":
            crowd.says("u:ada", _shown(crowd, DEVICES[step.one % 3], at=at))
        case _:
            device, other = DEVICES[step.one % 3], DEVICES[step.other % 3]
            alias = Aliased(id=crowd.id(), occurred_at=at, anonymous_id=device, previous_id=other)
            crowd.says(f"a:{device}", alias)


def _shown(crowd: Crowd, device: str, *, at: int) -> Identified:
    return Identified(
        id=crowd.id(),
        occurred_at=at,
        user_id="ada",
        anonymous_id=device,
        traits={"email": ADDRESS},
        subscriptions={"email": True},
    )


def person(crowd: Crowd) -> Customer:
    """The survivor, as whom every identity answers."""
    assert {crowd.survivor(key) for key in IDENTITIES} == {"u:ada"}
    assert all(crowd.row(key).customer.events_count == 0 for key in IDENTITIES[1:])
    return crowd.row("u:ada").customer


@settings(max_examples=examples(150))
@given(steps("view", "order"))
def test_any_interleaving_gives_the_same_survivor(history: list[Step]) -> None:
    late, prompt = (person(told(history, is_prompt=flag)) for flag in (False, True))

    assert (late.events_count, late.orders) == (prompt.events_count, prompt.orders)
    assert {(view.product_id, view.viewed_at) for view in late.views} == {
        (view.product_id, view.viewed_at) for view in prompt.views
    }
    assert (late.first_seen_at, late.last_seen_at) == (prompt.first_seen_at, prompt.last_seen_at)
    happened = sum(step.kind not in {"deliver", "repeat"} for step in history)
    assert late.events_count == happened + len(DEVICES)


@settings(max_examples=examples(100))
@given(steps("add"))
def test_any_interleaving_gives_the_same_cart_and_one_reminder(history: list[Step]) -> None:
    late, prompt = (told(history, is_prompt=flag) for flag in (False, True))

    assert _pieces(person(late)) == _pieces(person(prompt))
    sent = [message.customer for message in late.messages]
    assert sent == (["ada"] if _pieces(person(late)) else [])


def _pieces(customer: Customer) -> dict[str, tuple[int, int]]:
    return {
        item.product.id: (item.product.quantity, item.added_at)
        for cart in customer.containers.values()
        for item in cart.items
    }


Turn = Literal["order", "view", "timer", "deliver", "repeat"]


class Frozen(NamedTuple):
    """What happens around Ada's reminder, which comes due while she waits for her devices."""

    ordered_before: int | None
    """Identity that bought everything earlier on."""
    shown: Sequence[str]
    turns: Sequence[tuple[Turn, int]]
    """A second apart; with whose it is."""


class Order(NamedTuple):
    """Something bought."""

    is_in_time: bool
    """Before the reminder was due, by Ada or on a device that she waits for. Not on one that
    nothing showed to be hers; and what an identity passes on may still be on its way."""


frozen = st.builds(
    Frozen,
    st.none() | st.integers(0, 4),
    st.lists(st.sampled_from(DEVICES), min_size=1, max_size=3),
    st.lists(
        st.tuples(
            st.sampled_from(["order", "view", "timer", "timer", "deliver", "deliver", "repeat"]),
            st.integers(0, 4),
        ),
        max_size=12,
    ),
)

DUE_AT = 31 * MINUTE
"""Half an hour after the cart was filled."""


@settings(max_examples=examples(150))
@given(frozen)
@example(Frozen(2, ["d1"], [("view", 0), ("view", 0), ("timer", 0)]))
@example(Frozen(None, ["d1"], [("order", 2), ("view", 0), ("timer", 0)]))
@example(Frozen(None, ["d1"], [("order", 0), ("view", 0), ("timer", 0), ("deliver", 0)]))
def test_a_timer_and_orders_inside_the_freeze_are_decided_on_the_whole_person(
    around: Frozen,
) -> None:
    """e.5: one reminder at most, none of what was bought before it was due."""
    late, orders = _around(around, is_prompt=False)
    prompt, _ = _around(around, is_prompt=True)

    assert _pieces(person(late)) == _pieces(person(prompt))
    assert person(late).orders == person(prompt).orders
    assert person(late).events_count == person(prompt).events_count
    sent = [message.customer for message in late.messages]
    if not orders:
        assert sent == ["ada"]
    elif any(order.is_in_time for order in orders):
        assert sent == []
    else:
        assert sent in (["ada"], [])


def _around(around: Frozen, *, is_prompt: bool) -> tuple[Crowd, list[Order]]:
    """The crowd when all is over, and what was bought."""
    crowd = Crowd().consents("u:ada", at=0).adds("u:ada", "shoes", at=1)
    orders: list[Order] = []
    known = {"u:ada", *(f"a:{device}" for device in around.shown)}
    if around.ordered_before is not None:
        buyer = IDENTITIES[around.ordered_before]
        crowd.buys(buyer, "shoes", at=20)
        orders.append(Order(is_in_time=buyer in {*known, f"e:{ADDRESS}"}))
    crowd.settle()
    begun_at = DUE_AT - 2_000
    for device in around.shown:
        crowd.says("u:ada", _shown(crowd, device, at=begun_at))
    for second, (turn, whose) in enumerate(around.turns):
        at = begun_at + second * 1_000
        key = IDENTITIES[whose]
        if turn == "order":
            is_heard = key in known and not crowd.row(key).forward
            orders.append(Order(is_in_time=is_heard and at < DUE_AT))
        _turn(crowd, turn, key, at=at)
        if is_prompt:
            crowd.settle()
    crowd.settle()
    for device in DEVICES:
        crowd.says("u:ada", _shown(crowd, device, at=DUE_AT + 60_000))
    return crowd.settle().wait(until=300), orders


def _turn(crowd: Crowd, turn: Turn, key: str, *, at: int) -> None:
    match turn:
        case "timer":
            _fire(crowd, at=at)
        case "order":
            order = crowd.id()
            bought = (Product(id="shoes"),)
            event = OrderCompleted(
                id=order, occurred_at=at, order_id=order, total=Decimal(1), products=bought
            )
            crowd.says(key, event)
        case "view":
            product = Product(id="shoes")
            crowd.says(key, ProductViewed(id=crowd.id(), occurred_at=at, product=product))
        case _:
            _deliver(crowd, Step(turn, IDENTITIES.index(key), 0))


def _fire(crowd: Crowd, *, at: int) -> None:
    """What is due by then fires while the records on their way stay there."""
    on_their_way, crowd.queues = crowd.queues, {}
    crowd.now = max(crowd.now, at)
    crowd.wait(until=at // MINUTE)
    crowd.queues = on_their_way

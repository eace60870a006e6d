"""What holds of merges for every interleaving of events, answers, duplicates and requests.

The identities of one person lie in logs of their own. Whatever is delivered when, and however
often, the person who comes of it is the one of a world in which every record arrives at once.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from hypothesis import given, settings
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

import pytest

from engine import carts
from engine.customer import CONTAINERS_MAX, Customer
from engine.events import CartItemAdded, CartItemRemoved, CartReplaced
from engine.products import Product

NOBODY = Customer(id="c")


def quantities(customer: Customer) -> list[tuple[str, int]]:
    return [
        (item.product.id, item.product.quantity) for item in carts.container(customer, "cart").items
    ]


def test_a_product_listed_twice_is_one_item() -> None:
    seen = CartReplaced(
        id="e", occurred_at=1, products=(Product(id="a", quantity=2), Product(id="a", quantity=3))
    )

    customer = carts.replace(NOBODY, seen)
    fewer = carts.remove(customer, CartItemRemoved(id="f", occurred_at=2, product=Product(id="a")))

    assert quantities(customer) == [("a", 5)]
    assert quantities(fewer) == [("a", 4)]


def test_removing_more_than_there_is_leaves_none_and_no_debt() -> None:
    """e.3."""
    full = carts.add(
        NOBODY, CartItemAdded(id="e", occurred_at=1, product=Product(id="a", quantity=2))
    )

    removed = CartItemRemoved(id="f", occurred_at=2, product=Product(id="a", quantity=5))
    emptied = carts.remove(full, removed)
    again = carts.add(emptied, CartItemAdded(id="g", occurred_at=3, product=Product(id="a")))

    assert quantities(emptied) == []
    assert quantities(carts.remove(NOBODY, removed)) == []
    assert quantities(again) == [("a", 1)]


def test_news_that_comes_late_does_not_make_a_cart_older() -> None:
    def added(at: int) -> CartItemAdded:
        return CartItemAdded(id=f"e{at}", occurred_at=at, product=Product(id="a"))

    cart = carts.add(carts.add(NOBODY, added(20)), added(10)).containers["cart"]

    assert (cart.changed_at, cart.items[0].added_at) == (20, 20)


@pytest.mark.parametrize(("name", "after"), [("cart", ["b"]), ("wishlist", ["a", "b"])])
def test_a_cart_that_nobody_touched_for_30_days_begins_anew(name: str, after: list[str]) -> None:
    """e.3; a wishlist is kept."""

    def added(product: str, at: int) -> CartItemAdded:
        return CartItemAdded(
            id=product, occurred_at=at, product=Product(id=product), container=name
        )

    old = carts.add(NOBODY, added("a", 0))
    in_time = carts.add(old, added("b", carts.EXPIRES_MS))
    late = carts.add(old, added("b", carts.EXPIRES_MS + 1))

    assert [item.product.id for item in in_time.containers[name].items] == ["a", "b"]
    assert [item.product.id for item in late.containers[name].items] == after


def test_an_expired_cart_is_shown_empty() -> None:
    event = CartItemAdded(id="e", occurred_at=0, product=Product(id="a"))

    customer = carts.add(NOBODY, event)

    assert carts.live(customer, "cart", at=carts.EXPIRES_MS).items
    assert not carts.live(customer, "cart", at=carts.EXPIRES_MS + 1).items


def test_the_container_that_changed_longest_ago_makes_room_but_never_the_cart() -> None:
    """X21: any name, and an end to it."""
    customer = NOBODY
    names = ["cart", *(f"list-{number}" for number in range(CONTAINERS_MAX))]

    for at, name in enumerate(names):
        product = Product(id="a")
        added = CartItemAdded(id=name, occurred_at=at, product=product, container=name)
        customer = carts.add(customer, added)
        assert len(customer.containers) <= CONTAINERS_MAX

    assert list(customer.containers) == [name for name in names if name != "list-0"]


def test_a_late_container_is_not_lost_at_once() -> None:
    customer = NOBODY
    for at in range(CONTAINERS_MAX + 1):
        added = CartItemAdded(
            id=f"e{at}", occurred_at=100 - at, product=Product(id="a"), container=f"list-{at}"
        )
        customer = carts.add(customer, added)

    assert f"list-{CONTAINERS_MAX}" in customer.containers

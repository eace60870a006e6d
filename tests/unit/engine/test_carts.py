from engine import carts
from engine.customer import Customer
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


def test_news_that_comes_late_does_not_make_a_cart_older() -> None:
    def added(at: int) -> CartItemAdded:
        return CartItemAdded(id=f"e{at}", occurred_at=at, product=Product(id="a"))

    cart = carts.add(carts.add(NOBODY, added(20)), added(10)).containers["cart"]

    assert (cart.changed_at, cart.items[0].added_at) == (20, 20)

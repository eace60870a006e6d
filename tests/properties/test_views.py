"""Products looked at: what is remembered does not depend on how the views came."""

from hypothesis import given
from hypothesis import strategies as st

from engine import views
from engine.customer import Customer, View
from engine.events import ProductViewed
from engine.products import Product

SEEN = st.builds(
    View,
    product_id=st.integers(1, 25).map(str),
    category=st.sampled_from([None, "hats", "shoes"]),
    viewed_at=st.integers(0, 50),
)


@given(st.lists(SEEN, max_size=60))
def test_views_one_by_one_are_remembered_like_all_at_once(seen: list[View]) -> None:
    customer = Customer(id="ada")
    for number, one in enumerate(seen):
        product = Product(id=one.product_id, category=one.category)
        event = ProductViewed(id=str(number), occurred_at=one.viewed_at, product=product)
        customer = views.view(customer, event)

    assert customer.views == views.merged((), seen)

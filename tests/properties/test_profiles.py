"""A profile is the same in whatever order its words arrive (M018-M022, M135)."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import clocks, contacts, merging
from engine.addresses import Address, Token
from engine.customer import Customer
from engine.declarations import ProfileUpdated
from engine.definitions.folded import Definitions
from engine.events import Event, Identified
from engine.step import step
from tests.support.examples import examples

ADDRESSES: Final = (
    Address(value="ada@gmail.com", provider="gmail"),
    Address(value="ada@", is_valid=False),
    None,
)
ZONES: Final = ("Europe/Berlin", "Asia/Tokyo", None)

emails = st.sampled_from(ADDRESSES)
ages = st.integers(18, 20) | st.none()
zones = st.dictionaries(st.sampled_from(clocks.PRIORITY), st.sampled_from(ZONES), max_size=2)
words = st.fixed_dictionaries({}, optional={"email": emails, "age": ages, "zones": zones})


def event(place: int, word: Mapping[str, object], *, is_office: bool) -> Event:
    """Each word has a time of its own."""
    address = word.get("email")
    traits = {name: value for name, value in word.items() if name != "zones"}
    if "email" in word:
        traits["email"] = address.value if isinstance(address, Address) else None
    fields = {
        "id": f"e{place}",
        "occurred_at": place,
        "traits": traits,
        "addresses": {"email": address} if isinstance(address, Address) else {},
        "zones": word.get("zones", {}),
    }
    if is_office:
        token = Token(type="fcm", value=f"t{place % 2}", given_at=place)
        return msgspec.convert({**fields, "tokens": (token,)}, ProfileUpdated)
    return msgspec.convert(fields, Identified)


histories = st.lists(st.tuples(words, st.booleans()), max_size=8).map(
    lambda said: [event(n, word, is_office=flag) for n, (word, flag) in enumerate(said)]
)


def after(history: Sequence[Event]) -> Customer:
    customer = Customer(id="ada")
    for now, one in enumerate(history):
        customer = step(customer, one, Definitions(), now).customer
    return customer


def known(customer: Customer) -> object:
    """All but when we heard of it."""
    contact = customer.contacts.get("email")
    return (
        customer.attributes,
        customer.attribute_times,
        customer.email,
        contacts.state(customer, "email"),
        None if contact is None else contact.provider,
        clocks.timezone(customer),
        customer.tokens,
    )


@settings(max_examples=examples(300))
@given(histories, st.data())
def test_any_order_of_deliveries_with_repetitions_gives_the_same_profile(
    history: list[Event], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(history), max_size=4)) if history else []
    delivered = data.draw(st.permutations([*history, *again]))

    assert known(after(delivered)) == known(after(history))


@settings(max_examples=examples(200))
@given(histories, st.data())
def test_two_identities_merged_know_what_one_would_have(
    history: list[Event], data: st.DataObject
) -> None:
    mine = data.draw(st.lists(st.booleans(), min_size=len(history), max_size=len(history)))
    one = after([word for word, is_mine in zip(history, mine, strict=True) if is_mine])
    other = after([word for word, is_mine in zip(history, mine, strict=True) if not is_mine])

    assert known(merging.merged(one, other)) == known(after(history))

"""What is refused when a metric is saved, each at its place, and how many there may be."""

import msgspec
import pytest

from engine.customer import Customer
from engine.definitions import changes, counters
from engine.definitions.metrics import BUILT_IN, DEFINED_MAX
from engine.errors import InvalidDefinitionError
from engine.metrics import builtin
from tests.support.metrics import metric
from tests.support.story import Book


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (metric("rfm"), "id"),
        (metric("m" * 65), "id"),
        (metric(of="receipt", event="Product Viewed"), "event"),
        (metric(event=" "), "event"),
        (metric(aggregate="sum"), "field"),
        (metric(aggregate="distinct"), "field"),
        (metric(field="properties.price"), "field"),
        (metric(aggregate="sum", field="properties..price"), "field"),
        (metric(aggregate="median"), "aggregate"),
        (metric(window="90s"), "window"),
        (metric(window="month"), "window"),
        (metric(filter={"op": "guess"}), "filter.op"),
        (metric(filter={"op": "prop", "path": "a", "is": "~"}), "filter.is"),
        (metric(filter={"op": "prop", "path": "a", "is": "<", "value": "x"}), "filter.value"),
        (
            metric(filter={"op": "all", "of": [{"op": "prop", "path": "a"}]}),
            "filter.of[0]",
        ),
        (metric(colour="blue"), ""),
    ],
)
def test_a_metric_that_is_none_is_refused_at_its_place(body: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidDefinitionError) as refused:
        changes.decode_metric(msgspec.json.encode(body))

    assert [flaw.path for flaw in refused.value.flaws] == [place]


def test_one_metric_more_than_a_row_can_carry_is_void() -> None:
    book = Book()
    for number in range(DEFINED_MAX):
        book.change("metrics", f"m{number}", "put", metric(f"m{number}"))

    assert not counters.has_room(book.definitions.metrics, "one-more")
    assert counters.has_room(book.definitions.metrics, "m0")
    book.change("metrics", "m0", "delete")
    assert counters.has_room(book.definitions.metrics, "one-more")


def test_every_built_in_name_is_taken() -> None:
    assert set(builtin.values(Customer(id="c"), now=0)) <= BUILT_IN

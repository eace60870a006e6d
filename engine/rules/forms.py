"""How each operator is written as text: which fields go by place, which are compared."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Form(NamedTuple):
    """Of one operator, by the names of its JSON."""

    places: tuple[str, ...] = ()
    """Fields that go without their name, in this order."""
    rest: str | None = None
    """The list that takes what follows."""
    is_compared: bool = False
    """Whether `is` and `value` follow the brackets."""


FORMS: Final[Mapping[str, Form]] = {
    "all": Form(rest="of"),
    "any": Form(rest="of"),
    "none": Form(rest="of"),
    "not": Form(("of",)),
    "at_least": Form(("count",), rest="of"),
    "attr": Form(("path",), is_compared=True),
    "metric": Form(("name",), is_compared=True),
    "did": Form(("event",), is_compared=True),
    "never_did": Form(("event",)),
    "sequence": Form(("steps", "within")),
    "step": Form(("event",)),
    "first": Form(("event", "path"), is_compared=True),
    "last": Form(("event", "path"), is_compared=True),
    "bought": Form(is_compared=True),
    "in_segment": Form(("segment",)),
    "in_audience": Form(("tag",)),
    "subscribed": Form(("channel", "category")),
    "contact": Form(("channel", "state")),
    "bonus": Form(("kind",), is_compared=True),
    "cart": Form(("container", "what"), is_compared=True),
    "interest": Form(("category",), is_compared=True),
    "message": Form(is_compared=True),
    "promo": Form(("group",), is_compared=True),
    "in_campaign": Form(("campaign", "state")),
    "top_interest": Form(("category", "count")),
    "sample": Form(("salt", "from", "to")),
    "prop": Form(("path",), is_compared=True),
    "any_item": Form(("path", "where")),
    "all_items": Form(("path", "where")),
    "count_items": Form(("path", "where"), is_compared=True),
    "sum_items": Form(("path", "field", "where"), is_compared=True),
    "between": Form(("first", "last")),
    "last_calendar": Form(("count", "unit")),
}

DEFAULTS: Final[Mapping[str, tuple[str, object]]] = {
    "attr": ("=", None),
    "metric": ("=", None),
    "first": ("=", None),
    "last": ("=", None),
    "did": (">=", 1),
    "bought": (">=", 1),
    "bonus": (">=", 1),
    "count_items": (">=", 1),
    "sum_items": (">=", 1),
    "cart": (">=", 1),
    "interest": (">", 0),
    "message": (">=", 1),
    "promo": (">=", 1),
}
"""Comparison and value of who does not say them."""

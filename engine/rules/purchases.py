"""What may be asked of a purchase: its fields are known, unlike those of events."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Final

from engine.conditions.nodes import Items, Node, Prop, SumItems
from engine.errors import Flaw
from engine.rules import comparing
from engine.rules.declared import Declared, Field

_RECEIPT: Final[Mapping[str, Field]] = {
    **dict.fromkeys(
        ("id", "number", "currency", "status", "payment_status", "store_id", "store_name"),
        Field(kind="text"),
    ),
    "source": Field(kind="text"),
    "total": Field(kind="number"),
    "shipping": Field(kind="number"),
}
_LINE: Final[Mapping[str, Field]] = {
    **dict.fromkeys(("product_id", "name", "category", "brand"), Field(kind="text")),
    **dict.fromkeys(("price", "quantity"), Field(kind="number")),
}


_SUMMED: Final = frozenset({"price", "quantity"})


def receipt_fields(declared: Declared) -> dict[str, Field]:
    """What a receipt has."""
    return {**_RECEIPT, **{f"custom.{name}": one for name, one in declared.receipt.items()}}


def line_fields(declared: Declared) -> dict[str, Field]:
    """What a line has."""
    return {**_LINE, **{f"custom.{name}": one for name, one in declared.receipt_line.items()}}


def flaws(by_place: Mapping[str, Node], declared: Declared) -> Iterator[Flaw]:
    """Of purchases every field is known; an `any_item` starts at its line."""
    lines = [place for place, node in by_place.items() if isinstance(node, Items)]
    for place, node in by_place.items():
        if isinstance(node, Items) and node.path != "lines":
            message = 'a purchase has "lines" and no other list'
            yield Flaw(path=f"{place}.path", message=message, node=node.id)
        if isinstance(node, SumItems) and node.field not in _SUMMED:
            message = f"of a line {' or '.join(sorted(_SUMMED))} can be added up"
            yield Flaw(path=f"{place}.field", message=message, node=node.id)
        if not isinstance(node, Prop):
            continue
        is_line = any(place.startswith(f"{line}.") for line in lines)
        known = line_fields(declared) if is_line else receipt_fields(declared)
        field = known.get(node.path)
        if field is None:
            word = "field of a line" if is_line else "field of a receipt"
            near = difflib.get_close_matches(node.path, list(known), n=1) or sorted(known)
            message = f"there is no {word} {node.path!r}: did you mean {near[0]!r}?"
            yield Flaw(path=f"{place}.path", message=message, node=node.id)
            continue
        for flaw in comparing.flaws(node.comparison, node.value, field):
            yield Flaw(path=f"{place}.{flaw.path}", message=flaw.message, node=node.id)

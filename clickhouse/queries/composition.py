"""Customers by what their receipts hold: one line that fits everything asked of it (M214)."""

from decimal import Decimal
from typing import Final

import msgspec

from clickhouse import searching

TAKEN_BACK: Final = "'cancelled', 'canceled', 'void', 'voided', 'returned', 'refunded'"
"""Statuses, in lower case, of a receipt that sold nothing in the end."""


class Composition(msgspec.Struct, frozen=True, kw_only=True):
    """What a line must be; what is empty or None does not matter."""

    product: str = ""
    """Id or name, in any case; `*` at the end: begins so."""
    category: str = ""
    """The same of the catalogue's category, or of the one that the line names."""
    quantity_from: Decimal | None = None
    quantity_to: Decimal | None = None
    price_from: Decimal | None = None
    """Of one piece."""
    price_to: Decimal | None = None


def condition(wanted: Composition) -> tuple[str, dict[str, object]]:
    """A condition on `id`, and its parameters; empty where nothing is asked."""
    fits, parameters = _fitting(wanted)
    if not fits:
        return "", {}
    return (
        f"""id IN (
            SELECT r.customer
            FROM oncue.receipts AS r
            ARRAY JOIN r.lines AS line
            LEFT JOIN
            (
                SELECT id, category_id FROM oncue.catalogue_log FINAL WHERE kind = 'product'
            ) AS p ON p.id = line.product_id
            LEFT JOIN oncue.categories AS c ON c.id = p.category_id
            WHERE r.return_of = '' AND lower(r.status) NOT IN ({TAKEN_BACK}) AND line.quantity > 0
                AND {" AND ".join(fits)}
        )""",  # noqa: S608 constants of this module
        parameters,
    )


def _fitting(wanted: Composition) -> tuple[list[str], dict[str, object]]:
    fits: list[str] = []
    parameters: dict[str, object] = {}
    texts = {
        "product": (wanted.product, "[line.product_id, line.name]"),
        "category": (wanted.category, "[p.category_id, c.name, line.category]"),
    }
    for name, (asked, said) in texts.items():
        if asked:
            folded = searching.folded(asked)
            test = (
                "startsWith(lowerUTF8(word), {0})"
                if folded.endswith("*")
                else ("lowerUTF8(word) = {0}")
            )
            given = f"{{bought_{name}:String}}"
            fits.append(f"arrayExists(word -> {test.format(given)}, {said})")
            parameters[f"bought_{name}"] = folded.removesuffix("*")
    price = "ifNull(line.price, line.total / nullIf(line.quantity, 0))"
    bounds = {
        "quantity_from": (wanted.quantity_from, "line.quantity >="),
        "quantity_to": (wanted.quantity_to, "line.quantity <="),
        "price_from": (wanted.price_from, f"{price} >="),
        "price_to": (wanted.price_to, f"{price} <="),
    }
    for name, (bound, said) in bounds.items():
        if bound is not None:
            fits.append(f"{said} {{bought_{name}:Decimal(18, 4)}}")
            parameters[f"bought_{name}"] = bound
    return fits, parameters

"""What random rules (`tests.support.rules`) are made of, as the streams of customers say it."""

from collections.abc import Sequence
from typing import Any, Final

from engine.rules.declared import Declared, Field

Tree = dict[str, Any]

DECLARED: Final = Declared(
    attributes={
        "level": Field(kind="number"),
        "note": Field(kind="text"),
        "is_member": Field(kind="boolean"),
        "renewed": Field(kind="date"),
        "sizes": Field(kind="list"),
        "size": Field(kind="choice", choices=("S", "M")),
    },
    receipt={"till": Field(kind="text")},
    receipt_line={"colour": Field(kind="text")},
    timezone="Europe/Berlin",
)

ATTRIBUTES: Final = {
    "level": "number",
    "note": "text",
    "is_member": "boolean",
    "renewed": "date",
    "sizes": "list",
    "size": "choice",
    "age": "number",
    "birthday": "date",
    "city": "text",
    "source": "text",
    "phone_region": "text",
    "phone_operator": "text",
    "email_provider": "text",
    "registered_at": "date",
    "last_seen_at": "date",
    "events_count": "number",
}

METRICS: Final = (
    *("receipts_count", "receipts_total", "days_since_last_receipt", "ltv"),
    "points_balance",
)
NUMBERS: Final = (0, 1, 1, 2, 3, 5, 10, 12, 12.5, 20, 25, 30, 39.9, 60, 1e3, -3)
FAVOURITES: Final = ("has_any", "has_all", "has_none")
WORDS: Final = ("a", "b", "Berlin", "12.5", "7", "ü\\'\n", "")
PATTERNS: Final = (
    "^Ber", "l.n$", "(?i)BERLIN", r"[0-9]+\.[0-9]", "ü", r"'\n$", "^$", ".", "^(a|b)$", r"\pL{2,}",
    r"\d$", r"(?-s)'.", r"\bB", "x*", "[^a-z]", "(?i)Ü",
)  # fmt: skip
LINES: Final[Sequence[Tree]] = (
    {"op": "prop", "path": "price", "is": ">=", "value": 20},
    {"op": "prop", "path": "quantity", "is": "=", "value": 1},
    {"op": "prop", "path": "custom.colour", "is": "=", "value": "red"},
    {"op": "prop", "path": "name", "is": "missing"},
    {"op": "prop", "path": "brand", "is": "!=", "value": "Nordwind"},
)
RECEIPTS: Final[Sequence[Tree]] = (
    {"op": "prop", "path": "store_id", "is": "=", "value": "s1"},
    {"op": "prop", "path": "custom.till", "is": "in", "value": ["1", "2"]},
    {"op": "prop", "path": "total", "is": ">", "value": 30},
    {"op": "prop", "path": "currency", "is": "exists"},
)

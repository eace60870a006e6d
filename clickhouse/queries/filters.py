"""What a list of customers is narrowed by besides texts: bounds, favourites, answers, mailings."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from clickhouse import searching
from engine.lists import surveys
from engine.sends import Response

NumberField: TypeAlias = Literal[
    "receipts_count",
    "receipts_total",
    "receipts_average",
    "receipts_average_price",
    "receipts_average_products",
    "orders_count",
    "orders_total",
    "ltv",
    "bonuses_active",
    "bonuses_pending",
    "points_balance",
]

TimeField: TypeAlias = Literal[
    "receipts_first_at", "receipts_last_at", "registered_at", "first_seen_at", "last_seen_at"
]

WordField: TypeAlias = Literal[
    "email_state", "phone_state", "phone_kind", "provider", "operator", "region", "country",
    "timezone",
]  # fmt: skip

NUMBERS: Final[tuple[NumberField, ...]] = get_args(NumberField)
TIMES: Final[tuple[TimeField, ...]] = get_args(TimeField)
WORDS: Final[tuple[WordField, ...]] = get_args(WordField)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """All that is asked must hold; what is empty or None does not matter."""

    words: Mapping[WordField, str] = {}
    """The same to the letter, but for case (M121)."""
    numbers_from: Mapping[NumberField, Decimal] = {}
    """Bounds, included (M122, M124)."""
    numbers_to: Mapping[NumberField, Decimal] = {}
    times_from: Mapping[TimeField, int] = {}
    """Epoch ms, included."""
    times_to: Mapping[TimeField, int] = {}
    """Epoch ms, excluded."""
    favourite_product: str = ""
    """Id, or name in the catalogue, of one of the favourites (M123)."""
    survey: str = ""
    """Id or name of a survey that was completed (M125)."""
    newsletter: str = ""
    """Id of a campaign that decided a message to the customer (M125)."""
    response: Response | None = None
    """With a newsletter: what the customer did with it; alone: with any message."""


def conditions(asked: Filters) -> tuple[list[str], dict[str, object]]:
    """Conditions on columns of a customer, and their parameters."""
    found: list[str] = []
    given: dict[str, object] = {}
    for word, text in asked.words.items():
        found.append(f"lowerUTF8({word}) = {{f_{word}:String}}")
        given[f"f_{word}"] = searching.folded(text)
    bounds = ((asked.numbers_from, "from", ">="), (asked.numbers_to, "to", "<="))
    for numbers, end, sign in bounds:
        for number, amount in numbers.items():
            column = _POINTS if number == "points_balance" else number
            found.append(f"ifNull({column} {sign} {{f_{number}_{end}:Decimal(18, 4)}}, 0)")
            given[f"f_{number}_{end}"] = amount
    ends = ((asked.times_from, "from", ">="), (asked.times_to, "to", "<"))
    for times, end, sign in ends:
        for time, at in times.items():
            said = f"toUnixTimestamp64Milli({time}) {sign} {{f_{time}_{end}:Int64}}"
            found.append(f"ifNull({said}, 0)")
            given[f"f_{time}_{end}"] = at
    for condition, values in _lists(asked):
        found.append(condition)
        given |= values
    return found, given


def _lists(asked: Filters) -> Sequence[tuple[str, dict[str, object]]]:
    found: list[tuple[str, dict[str, object]]] = []
    if asked.favourite_product:
        found.append((_FAVOURITE, {"f_favourite": searching.folded(asked.favourite_product)}))
    if asked.survey:
        said: dict[str, object] = {
            "f_survey": searching.folded(asked.survey),
            "f_surveys": sorted(surveys.NAMES),
        }
        found.append((_SURVEYED, said))
    if asked.response is not None:
        condition = _RESPONDED + (
            " AND campaign = {f_newsletter:String})" if asked.newsletter else ")"
        )
        given: dict[str, object] = {"f_response": asked.response}
        found.append((condition, given | _named(asked)))
    elif asked.newsletter:
        found.append((_MAILED, _named(asked)))
    return found


def _named(asked: Filters) -> dict[str, object]:
    return {"f_newsletter": asked.newsletter} if asked.newsletter else {}


_POINTS: Final = """
    arraySum(lot -> if(lot.1 = 0 OR lot.1 > toUnixTimestamp64Milli(now64(3)), lot.2, 0),
        JSONExtract(standing, 'points', 'Array(Tuple(Int64, Int64))'))
"""
"""Of lots: what has expired by now is in no column."""

_FAVOURITE: Final = """
    (has(arrayMap(one -> lowerUTF8(one), favourite_products), {f_favourite:String})
    OR hasAny(favourite_products, (SELECT groupArray(id) FROM oncue.catalogue_log FINAL
        WHERE kind = 'product' AND lowerUTF8(name) = {f_favourite:String})))
"""

_SURVEYED: Final = """
    id IN (
        SELECT customer FROM oncue.tracker
        WHERE type = 'tracked' AND lower(name) IN {f_surveys:Array(String)}
            AND has(arrayMap(field -> lowerUTF8(if(JSONType(properties, field) = 'String',
                JSONExtractString(properties, field), JSONExtractRaw(properties, field))),
                ['survey_id', 'poll_id', 'id', 'survey_name', 'name', 'title']),
                {f_survey:String})
    )
"""

_MAILED: Final = """
    id IN (SELECT customer FROM oncue.messages WHERE campaign = {f_newsletter:String})
"""

_RESPONDED: Final = """
    id IN (SELECT customer FROM oncue.responses WHERE response = {f_response:String}
        AND NOT ifNull(is_machine, 0)
"""

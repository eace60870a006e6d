"""What a list of customers is narrowed to, read from the query: each filter by its field's name."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, TypeVar, get_args

from starlette.requests import Request

from api.admin import requests
from api.admin.endpoints import Query
from api.admin.errors import BadRequestError
from clickhouse.queries.composition import Composition
from clickhouse.queries.customers import FIELDS, Narrowed
from clickhouse.queries.filters import NUMBERS, TIMES, WORDS, Filters
from engine.errors import Flaw
from engine.sends import Response

Q_MAX_CHARS: Final = 200

AMOUNT_DIGITS_MAX: Final = 12

RESPONSES: Final[tuple[Response, ...]] = get_args(Response)

_COMPOSITION: Final = tuple(
    Query(name=f"bought_{name}", meaning=f"Only who has a receipt with a line of this {meaning}.")
    for name, meaning in {
        "product": "product, by id or name; `*` at the end: begins so",
        "category": "category, by id or name",
        "quantity_from": "quantity or more",
        "quantity_to": "quantity or less",
        "price_from": "price of a piece or more",
        "price_to": "price of a piece or less",
    }.items()
)
"""All that is asked must be true of one line (M214)."""

QUERIES: Final = (
    Query(name="q", meaning="Looked for in id, email, phone and name."),
    *(
        Query(
            name=field, meaning=f"Only this {field.replace('_', ' ')}; `*` at the end: begins so."
        )
        for field in FIELDS
    ),
    *(Query(name=word, meaning=f"Only this {word.replace('_', ' ')}.") for word in WORDS),
    *(
        Query(name=f"{number}_{end}", meaning=f"Only who has a {number} of so much or {way}.")
        for number in NUMBERS
        for end, way in (("from", "more"), ("to", "less"))
    ),
    *(
        Query(name=f"{time}_{end}", meaning=f"Only whose {time} is {way} this time.")
        for time in TIMES
        for end, way in (("from", "at or after"), ("to", "before"))
    ),
    Query(name="favourite_product", meaning="Only who has it among the favourites: id or name."),
    Query(name="survey", meaning="Only who completed this survey or poll: id or name."),
    Query(name="newsletter", meaning="Only who was sent a message of this campaign."),
    Query(name="response", meaning=f"What became of the message: {', '.join(RESPONSES)}."),
    *_COMPOSITION,
)

T = TypeVar("T", bound=str)


def narrowed(request: Request) -> Narrowed:
    """Everything that the query asks.

    Raises:
        BadRequestError: a text is too long, an amount no number, a time no time.
    """
    return Narrowed(
        search=_text(request, "q"),
        filters={field: text for field in FIELDS if (text := _text(request, field))},
        bought=_composition(request),
        others=Filters(
            words={word: text for word in WORDS if (text := _text(request, word))},
            numbers_from=_amounts(request, NUMBERS, "from"),
            numbers_to=_amounts(request, NUMBERS, "to"),
            times_from=_times(request, TIMES, "from"),
            times_to=_times(request, TIMES, "to"),
            favourite_product=_text(request, "favourite_product"),
            survey=_text(request, "survey"),
            newsletter=_text(request, "newsletter"),
            response=_response(request),
        ),
    )


def _composition(request: Request) -> Composition:
    return Composition(
        product=_text(request, "bought_product"),
        category=_text(request, "bought_category"),
        quantity_from=_amount(request, "bought_quantity_from"),
        quantity_to=_amount(request, "bought_quantity_to"),
        price_from=_amount(request, "bought_price_from"),
        price_to=_amount(request, "bought_price_to"),
    )


def _amounts(request: Request, names: Sequence[T], end: str) -> dict[T, Decimal]:
    return {
        name: amount
        for name in names
        if (amount := _amount(request, f"{name}_{end}", is_signed=True)) is not None
    }


def _times(request: Request, names: Sequence[T], end: str) -> dict[T, int]:
    asked = (name for name in names if request.query_params.get(f"{name}_{end}"))
    return {name: requests.instant(request, f"{name}_{end}", otherwise=0) for name in asked}


def _response(request: Request) -> Response | None:
    asked = request.query_params.get("response", "")
    if not asked:
        return None
    for known in RESPONSES:
        if asked == known:
            return known
    raise _wrong("response", f"one of {', '.join(RESPONSES)}")


def _amount(request: Request, name: str, *, is_signed: bool = False) -> Decimal | None:
    text = request.query_params.get(name, "")
    if not text:
        return None
    sign = "-?" if is_signed else ""
    if not re.fullmatch(rf"{sign}[0-9]{{1,{AMOUNT_DIGITS_MAX}}}(\.[0-9]{{1,4}})?", text):
        raise _wrong(name, "a number like 12.50")
    return Decimal(text)


def _text(request: Request, name: str) -> str:
    text = request.query_params.get(name, "").strip()
    if len(text) > Q_MAX_CHARS or not text.isprintable():
        raise _wrong(name, f"at most {Q_MAX_CHARS} printable characters")
    return text


def _wrong(name: str, expected: str) -> BadRequestError:
    flaw = Flaw(path=name, message=expected)
    return BadRequestError("invalid_query", f"{name}: {expected}", flaws=[flaw])

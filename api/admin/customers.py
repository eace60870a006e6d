"""`/api/customers`: the list, one customer, the cart."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, paging, requests, shapes, tabs
from api.admin.endpoints import PAGING, Endpoint, Query
from api.admin.errors import BadRequestError
from api.admin.rows import Rows, decoded
from clickhouse.client import Reader
from clickhouse.queries import customers as queries
from clickhouse.queries.composition import Composition
from clickhouse.queries.customers import FIELDS, Field, Found
from engine import carts, links
from engine.catalogue.shelf import Catalogue
from engine.errors import Flaw
from engine.rows import Row
from streams.definitions import DefinitionsLog

Q_MAX_CHARS: Final = 200

FILTERS: Final = tuple(
    Query(name=field, meaning=f"Only this {field.replace('_', ' ')}; `*` at the end: begins so.")
    for field in FIELDS
)

COMPOSITION: Final = tuple(
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

AMOUNT_DIGITS_MAX: Final = 12


class Customers:
    """One customer comes from Redis, and from ClickHouse while Redis is away; lists always do."""

    def __init__(
        self,
        *,
        rows: Rows,
        reader: Reader,
        log: DefinitionsLog,
        catalogue: Callable[[], Catalogue],
        clock: Callable[[], int],
    ) -> None:
        """`clock` gives epoch ms."""
        self._catalogue = catalogue
        self._rows = rows
        self._reader = reader
        self._log = log
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        one = "/api/customers/{id}"
        return (
            Endpoint(
                method="GET",
                path="/api/customers",
                handler=self.list,
                summary="List the customers; found by q, those that fit best come first.",
                queries=(
                    *PAGING,
                    Query(name="q", meaning="Looked for in id, email, phone and name."),
                    *FILTERS,
                    *COMPOSITION,
                ),
                statuses=(400, 503),
            ),
            Endpoint(
                method="GET",
                path=one,
                handler=self.get,
                summary="A customer as known now; a visitor is `anonymous:ID`.",
                statuses=(404, 410, 503),
            ),
            Endpoint(
                method="GET",
                path=f"{one}/cart",
                handler=self.cart,
                summary="What the customer's containers hold.",
                queries=(Query(name="container", meaning="`cart` unless told."),),
                statuses=(404, 410, 503),
            ),
        )

    async def list(self, request: Request) -> Response:
        """One page, the best first, then by id."""
        limit = requests.limit(request)
        found = await queries.page(
            self._reader,
            search=_text(request, "q"),
            filters=filters(request),
            bought=composition(request),
            after=paging.after(request, paging.BY_FIT),
            limit=limit + 1,
        )
        return answers.page(
            paging.page(found, limit=limit, key=lambda item: item.place, shape=self._shape)
        )

    async def get(self, request: Request) -> Response:
        """Everything that is known."""
        row = await self._rows.get(requests.path_id(request))
        return answers.json(self._shown(row))

    async def cart(self, request: Request) -> Response:
        """One container; one that was never used is empty."""
        row = await self._rows.get(requests.path_id(request))
        name = request.query_params.get("container", "cart")
        known = carts.live(row.customer, name, at=max(self._clock(), row.now_at))
        return answers.json(tabs.cart(name, known, self._catalogue()))

    def _shape(self, item: Found) -> dict[str, object]:
        return self._shown(decoded(item.row))

    def _shown(self, row: Row) -> dict[str, object]:
        return shapes.customer(
            row.customer,
            as_of=row.now_at,
            # Windows move by the log's time, which may be a little ahead of this clock.
            now=max(self._clock(), row.now_at),
            definitions=self._log.current,
            merged=links.merged(row.links),
        )


def filters(request: Request) -> dict[Field, str]:
    """What the list shall be narrowed to.

    Raises:
        BadRequestError: too long.
    """
    return {field: text for field in FIELDS if (text := _text(request, field))}


def composition(request: Request) -> Composition:
    """What their receipts shall hold.

    Raises:
        BadRequestError: an amount is no number.
    """
    return Composition(
        product=_text(request, "bought_product"),
        category=_text(request, "bought_category"),
        quantity_from=_amount(request, "bought_quantity_from"),
        quantity_to=_amount(request, "bought_quantity_to"),
        price_from=_amount(request, "bought_price_from"),
        price_to=_amount(request, "bought_price_to"),
    )


def _amount(request: Request, name: str) -> Decimal | None:
    text = request.query_params.get(name, "")
    if not text:
        return None
    if not re.fullmatch(rf"[0-9]{{1,{AMOUNT_DIGITS_MAX}}}(\.[0-9]{{1,4}})?", text):
        flaw = Flaw(path=name, message="a number like 12.50")
        raise BadRequestError("invalid_query", f"{name}: {flaw.message}", flaws=[flaw])
    return Decimal(text)


def _text(request: Request, name: str) -> str:
    text = request.query_params.get(name, "").strip()
    if len(text) > Q_MAX_CHARS or not text.isprintable():
        flaw = Flaw(path=name, message=f"at most {Q_MAX_CHARS} printable characters")
        raise BadRequestError("invalid_query", f"{name}: {flaw.message}", flaws=[flaw])
    return text

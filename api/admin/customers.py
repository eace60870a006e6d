"""`/api/customers`: the list, one customer, the cart."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, paging, requests, shapes
from api.admin.endpoints import PAGING, Endpoint, Query
from api.admin.errors import NotFoundError, UnavailableError
from clickhouse.client import Reader
from clickhouse.queries import customers as queries
from engine.customer import Cart, Customer
from engine.rows import Row
from tables.errors import TablesError
from tables.profiles import Profiles


class Customers:
    """One customer comes from Redis, and from ClickHouse while Redis is away; lists always do."""

    def __init__(self, *, profiles: Profiles, reader: Reader, clock: Callable[[], int]) -> None:
        """`clock` gives epoch ms."""
        self._profiles = profiles
        self._reader = reader
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        one = "/api/customers/{id}"
        return (
            Endpoint(
                method="GET",
                path="/api/customers",
                handler=self.list,
                summary="List the customers, by id.",
                queries=(
                    *PAGING,
                    Query(name="q", meaning="Looked for in id, email, phone and name."),
                ),
                statuses=(400, 503),
            ),
            Endpoint(
                method="GET",
                path=one,
                handler=self.get,
                summary="A customer as known now; a visitor is `anonymous:ID`.",
                statuses=(404, 503),
            ),
            Endpoint(
                method="GET",
                path=f"{one}/cart",
                handler=self.cart,
                summary="What the customer's containers hold.",
                queries=(Query(name="container", meaning="`cart` unless told."),),
                statuses=(404, 503),
            ),
        )

    async def list(self, request: Request) -> Response:
        """One page, by id."""
        limit, now = requests.limit(request), self._clock()
        found = await queries.page(
            self._reader,
            search=request.query_params.get("q", "").strip(),
            after=paging.after(request, paging.BY_ID),
            limit=limit + 1,
        )
        return answers.page(
            paging.page(
                found,
                limit=limit,
                key=lambda item: item.id,
                shape=lambda item: shapes.stored(item, now=now),
            )
        )

    async def get(self, request: Request) -> Response:
        """Everything that is known."""
        customer_id = requests.path_id(request)
        row = await self._row(customer_id)
        if row is not None:
            return answers.json(shapes.customer(row.customer, as_of=row.now_at, now=self._clock()))
        stored = await queries.one(self._reader, customer_id)
        if stored is None:
            raise NotFoundError("customer", customer_id)
        return answers.json(shapes.stored(stored, now=self._clock()))

    async def cart(self, request: Request) -> Response:
        """One container; one that was never used is empty."""
        customer_id = requests.path_id(request)
        name = request.query_params.get("container", "cart")
        known = await self.now(customer_id)
        if known is not None:
            return answers.json(shapes.cart(name, known.containers.get(name, Cart())))
        if await queries.one(self._reader, customer_id) is None:
            raise NotFoundError("customer", customer_id)
        raise UnavailableError("redis_away", "carts are read from Redis, which does not answer")

    async def now(self, customer_id: str) -> Customer | None:
        """What Redis has; nothing while it is away, was emptied, or a newer Oncue's."""
        row = await self._row(customer_id)
        return None if row is None else row.customer

    async def _row(self, customer_id: str) -> Row | None:
        try:
            return (await self._profiles.get_rows([customer_id]))[0]
        except TablesError:
            return None

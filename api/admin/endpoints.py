"""A route of the administration with what its documentation says: one table serves both."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.admin.errors import BadRequestError
from engine.errors import Flaw

Method: TypeAlias = Literal["GET", "PUT", "POST", "DELETE"]
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter after the question mark; none is required."""

    name: str
    meaning: str
    is_integer: bool = False


PAGING = (
    Query(name="limit", meaning="Items of a page, 50 unless told, at most 500.", is_integer=True),
    Query(name="cursor", meaning="The `cursor` of the page before."),
)


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One method of one path."""

    method: Method
    path: str
    handler: Handler
    summary: str
    queries: tuple[Query, ...] = ()
    body: Any = None
    """The type that is read; None: no body."""
    is_body_optional: bool = False
    answer: Any = None
    """The type of the 200; None: free JSON."""
    statuses: tuple[int, ...] = ()
    """Besides 200 and what every endpoint may answer: `api.admin.openapi` adds that."""
    success: int = 200

    @property
    def is_page(self) -> bool:
        """Whether it answers with a part of a list, of `answer` each."""
        return set(PAGING) <= set(self.queries)


def routes(endpoints: Sequence[Endpoint]) -> list[Route]:
    """One route for each path, so that a 405 names every method there is."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [
        Route(path, _dispatching(by_method), methods=list(by_method), name=path)
        for path, by_method in by_path.items()
    ]


def check_queries(request: Request, known: Sequence[Query]) -> None:
    """See that every parameter means something: a filter overlooked would answer too much.

    Raises:
        BadRequestError: one does not.
    """
    names = [query.name for query in known]
    unknown = sorted(set(request.query_params) - set(names))
    if unknown:
        expected = f"one of {', '.join(names)}" if names else "none"
        flaw = Flaw(path=unknown[0], message=f"no parameter of this path: {expected}")
        raise BadRequestError("invalid_query", f"{flaw.path}: {flaw.message}", flaws=[flaw])


def _dispatching(by_method: Mapping[str, Endpoint]) -> Handler:
    async def dispatch(request: Request) -> Response:
        # HEAD is a GET whose body the server drops.
        method = "GET" if request.method == "HEAD" else request.method
        endpoint = by_method[method]
        check_queries(request, endpoint.queries)
        return await endpoint.handler(request)

    return dispatch

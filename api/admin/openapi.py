"""`/api/openapi.json`, written from the routes themselves: what is not there cannot be described.

The administration's table says parameters, bodies and answers; of every other route the handler's
docstring says what it does.
"""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.admin import answers
from api.admin.endpoints import Endpoint
from api.collector import describing
from api.problems import MEDIA_TYPE, Problem

VERSION: Final = "0.1.0"
PATH: Final = "/api/openapi.json"

IDLE_METHODS: Final = frozenset({"HEAD", "OPTIONS"})
"""Answered, but nothing anybody needs described."""

ELSEWHERE: Final = (
    ("/v1/projects/", "What Segment's browser bundle asks for before it sends anything."),
    ("/flags", "No feature flags: PostHog's SDKs ask for them."),
    ("/decide", "No feature flags: PostHog's SDKs ask for them."),
    ("/sourceConfig", "What RudderStack's browser bundle asks for before it sends anything."),
    ("/array/", "What PostHog's browser bundle asks for before it sends anything."),
)
"""What routes are for that have no docstring, by the beginning of their paths."""

_PARAMETER: Final = re.compile(r"{([a-z_]+)(?::[a-z]+)?}")


class Documentation:
    """Serves the document; made once, when the application is."""

    def __init__(self) -> None:
        self._document: bytes = b"{}"

    def describe(self, routes: Sequence[BaseRoute], endpoints: Sequence[Endpoint]) -> None:
        """Write the document of these routes."""
        self._document = msgspec.json.encode(document(routes, endpoints))

    def endpoints(self) -> Sequence[Endpoint]:
        """The route."""
        return (
            Endpoint(
                method="GET",
                path=PATH,
                handler=self.get,
                summary="This document.",
            ),
        )

    async def get(self, _: Request) -> Response:
        """The document."""
        return Response(self._document, media_type=answers.JSON)


def document(routes: Sequence[BaseRoute], endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Describe every route, by path and method."""
    described: dict[tuple[str, str], Endpoint] = {(e.path, e.method): e for e in endpoints}
    types = {t for e in endpoints for t in (e.body, e.answer) if is_record(t)} | {Problem}
    _, components = msgspec.json.schema_components(
        sorted(types, key=lambda record: record.__name__),
        ref_template="#/components/schemas/{name}",
    )
    collected = describing.operations()
    paths: dict[str, dict[str, Any]] = {}
    for path, method, route in operations(routes):
        endpoint = described.get((path, method))
        said = _plain(route, collected) if endpoint is None else _described(endpoint)
        where = _parameters(path) + said.pop("parameters", [])
        paths.setdefault(_PARAMETER.sub(r"{\1}", path), {})[method.lower()] = {
            **said,
            **({"parameters": where} if where else {}),
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Oncue", "version": VERSION},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "admin": {"type": "http", "scheme": "bearer"},
                **describing.SECURITY,
            },
        },
    }


def operations(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str, Route]]:
    """List path and method of every route; files are served by a mount and are none."""
    for route in routes:
        if isinstance(route, Route):
            for method in sorted((route.methods or set()) - IDLE_METHODS):
                yield route.path, method, route


def is_record(expected: object) -> bool:
    """Whether a schema of its own name is made of it."""
    return isinstance(expected, type) and issubclass(expected, msgspec.Struct)


def _described(endpoint: Endpoint) -> dict[str, Any]:
    answered: dict[str, Any] = {"description": HTTPStatus(endpoint.success).phrase}
    if endpoint.success == HTTPStatus.OK:
        schema = _schema(endpoint.answer)
        answered["content"] = {
            answers.JSON: {"schema": _page(schema) if endpoint.is_page else schema}
        }
    refusals = {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": _schema(Problem)}},
        }
        for status in sorted({*endpoint.statuses, *_of_every(endpoint)})
        if status >= HTTPStatus.BAD_REQUEST
    }
    later = {
        str(status): {**answered, "description": HTTPStatus(status).phrase}
        for status in endpoint.statuses
        if status < HTTPStatus.BAD_REQUEST
    }
    said: dict[str, Any] = {
        "summary": endpoint.summary,
        "security": [{"admin": []}],
        "responses": {str(endpoint.success): answered, **later, **refusals},
        "parameters": [
            {
                "name": query.name,
                "in": "query",
                "description": query.meaning,
                "schema": {"type": "integer" if query.is_integer else "string"},
            }
            for query in endpoint.queries
        ],
    }
    if endpoint.body is not None:
        content = {answers.JSON: {"schema": _schema(endpoint.body)}}
        said["requestBody"] = {"required": not endpoint.is_body_optional, "content": content}
    return said


def _of_every(endpoint: Endpoint) -> set[int]:
    """Statuses nobody lists: a parameter that means nothing, no token, a foreign page, a body."""
    found = {400, 401}
    if endpoint.method != "GET":
        found.add(403)
    return found if endpoint.body is None else found | {408, 413, 415}


def _plain(route: Route, collected: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    if route.path in collected:
        return dict(collected[route.path])
    said = (inspect.getdoc(route.endpoint) or "").partition("\n")[0]
    known = (words for prefix, words in ELSEWHERE if route.path.startswith(prefix))
    refused = {"content": {MEDIA_TYPE: {"schema": _schema(Problem)}}}
    return {
        "summary": said or next(known, route.name),
        "responses": {
            "200": {"description": "OK"},
            "default": {"description": "Refused, or led on", **refused},
        },
    }


def _page(items: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "cursor"],
        "properties": {
            "items": {"type": "array", "items": items},
            "cursor": {"type": ["string", "null"]},
        },
    }


def _parameters(path: str) -> list[Mapping[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(path)
    ]


def _schema(expected: object) -> dict[str, Any]:
    if expected is None:
        return {}
    if is_record(expected):
        return {"$ref": f"#/components/schemas/{expected.__name__}"}  # type: ignore[attr-defined]  # it is a class
    return msgspec.json.schema(expected)

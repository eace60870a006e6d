"""The paths of the collector; every answer, refusals too, may be read by pages of other origins."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api import problems
from api.collector import posthog, rudderstack, sorting, submissions
from api.collector.collector import Collector, Intake
from api.collector.rules import Rules
from api.errors import ProblemError
from api.tracker import serving
from engine.intake import backoffice, limits
from engine.intake import posthog as intake_posthog
from engine.intake.messages import Call

EXPOSED: Final = {"access-control-expose-headers": "retry-after, x-ratelimit-reset"}

PREFLIGHT: Final = {
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-allow-headers": "authorization, content-type, x-retry-count, anonymousid, "
    # With these RudderStack's browser bundle sends again; refused, it would never get through.
    "sentat, rsa-recovered, rsa-retry-attempt, rsa-retry-reason, rsa-since-first-attempt, "
    "rsa-since-last-attempt",
    "access-control-max-age": "7200",
}
"""7,200 s is the most that Chrome remembers."""

CALLS: Final[Mapping[Call, str]] = {
    "identify": "i",
    "track": "t",
    "page": "p",
    "screen": "s",
    "group": "g",
    "alias": "a",
}
"""Calls and their short names."""

BATCHES: Final = ("/v1/batch", "/v1/batch/", "/v1/b")

EITHER: Final = ("/batch", "/batch/")
"""Where PostHog's SDKs send, and some of Segment's trackers, too."""

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


def routes(collector: Collector) -> list[Route]:
    """List the routes; the application that takes them needs `api.problems.HANDLERS`."""
    signatures = collector.rules.signatures
    batch = Intake(
        read=submissions.batch,
        arrive=sorting.tracker(None, signatures),
        max_bytes=limits.BATCH_MAX_BYTES,
    )
    found = [_post(path, collector, batch) for path in BATCHES]
    found += _posthog(collector)
    for call, short in CALLS.items():
        intake = Intake(
            read=submissions.single,
            arrive=sorting.tracker(call, signatures),
            max_bytes=limits.MESSAGE_MAX_BYTES,
        )
        found += [_post(f"/v1/{name}", collector, intake) for name in (call, short)]
    for kind in backoffice.KINDS:
        intake = Intake(
            read=submissions.batch,
            arrive=sorting.backoffice(kind),
            max_bytes=limits.BATCH_MAX_BYTES,
            is_secret=True,
        )
        found.append(_post(f"/v1/{kind}", collector, intake))
    found.append(
        _route("/v1/projects/{key}/settings", "GET", _settings(collector), rules=collector.rules)
    )
    source = rudderstack.SourceConfig(collector.keys)
    found += [
        _route(path, "GET", source.answer, rules=collector.rules) for path in rudderstack.PATHS
    ]
    return [*found, *serving.routes()]


def _posthog(collector: Collector) -> list[Route]:
    either = Intake(
        read=posthog.read,
        arrive=sorting.tracker(None, collector.rules.signatures, read=intake_posthog.message),
        max_bytes=limits.BATCH_MAX_BYTES,
    )
    rules = collector.rules
    return [
        *(_post(path, collector, either) for path in (*EITHER, *posthog.PATHS)),
        *(_route(path, "POST", posthog.flags, rules=rules) for path in posthog.FLAGS),
        _route(posthog.CONFIGURATION, "GET", posthog.configuration, rules=rules),
    ]


def _post(path: str, collector: Collector, intake: Intake) -> Route:
    async def collect(request: Request) -> Response:
        return await collector.collect(request, intake)

    return _route(path, "POST", collect, rules=collector.rules)


def _route(path: str, method: str, handler: Handler, *, rules: Rules) -> Route:
    async def answer(request: Request) -> Response:
        headers = cors(request, rules)
        if request.method == "OPTIONS":
            return Response(headers={**headers, **PREFLIGHT})
        try:
            response = await handler(request)
        except ProblemError as error:
            return problems.of_error(error, headers=headers)
        response.headers.update(headers)
        return response

    return Route(path, answer, methods=[method, "OPTIONS"])


def cors(request: Request, rules: Rules) -> dict[str, str]:
    """Who may read the answer: any page, or those of the installation's origins.

    No cookies in either case: the key is in the request, and nobody is logged in.
    """
    allowed = rules.allowed(request.headers.get("origin", ""))
    said = {} if allowed is None else {"access-control-allow-origin": allowed}
    return {**EXPOSED, **said, **({"vary": "origin"} if rules.origins else {})}


def _settings(collector: Collector) -> Handler:
    """What Segment's browser bundle asks its CDN before it sends anything."""

    async def settings(request: Request) -> Response:
        key = collector.keys.find(request.path_params["key"])
        if key is None or key.is_secret:
            raise ProblemError(404, "not_found", "there is no source with this write key")
        url = collector.public_url or str(request.base_url)
        protocol, _, host = url.rstrip("/").partition("://")
        destination = {"apiKey": key.value, "apiHost": f"{host}/v1", "protocol": protocol}
        answer = {"integrations": {"Segment.io": destination}, "plan": {}, "edgeFunction": {}}
        return Response(msgspec.json.encode(answer), media_type="application/json")

    return settings

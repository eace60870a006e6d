"""`/api/metrics`: what marketers count, sum and remember of every customer."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, definitions, listing, requests, warmth
from api.admin.definitions import Clock, Editor
from api.admin.endpoints import Endpoint
from api.admin.errors import ConflictError
from engine.definitions import changes, counters
from engine.definitions.counters import MetricEntry
from engine.definitions.folded import Definitions
from engine.definitions.metrics import DEFINED_MAX, Metric
from engine.errors import InvalidDefinitionError
from streams.definitions import DefinitionsLog


class Metrics:
    """Counted from the moment they are saved; a version that means something else counts anew."""

    def __init__(self, *, log: DefinitionsLog, clock: Clock) -> None:
        self._log = log
        self._editor = Editor(kind="metrics", log=log, clock=clock)

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return definitions.endpoints("metrics", Metric, self)

    async def list(self, request: Request) -> Response:
        """One page, by id."""
        known = self._log.current
        return listing.page(request, known.metrics, lambda entry: shape(entry, known))

    async def get(self, request: Request) -> Response:
        """The newest version."""
        return _answer(self._existing(requests.path_id(request)), self._log.current)

    async def put(self, request: Request) -> Response:
        """Create or replace."""
        metric_id, seen = requests.path_id(request), requests.if_match(request)
        body = definitions.own_body(await requests.json_body(request), metric_id)
        try:
            changes.decode_metric(body)
        except InvalidDefinitionError as error:
            raise definitions.refused(error) from error
        if not counters.has_room(self._log.current.metrics, metric_id):
            raise ConflictError(
                "too_many_metrics",
                f"there are {DEFINED_MAX} metrics, as many as a customer's row can carry: "
                "delete one first",
            )
        after = await self._editor.save(metric_id, body, seen=seen)
        return _answer(after.metrics[metric_id], after)

    async def delete(self, request: Request) -> Response:
        """Delete; what was counted goes with it."""
        metric_id, seen = requests.path_id(request), requests.if_match(request)
        self._existing(metric_id)
        await self._editor.act(metric_id, "delete", seen=seen)
        return Response(status_code=204)

    async def versions(self, request: Request) -> Response:
        """Every version that was ever saved."""
        metric_id = requests.path_id(request)
        if metric_id not in self._log.current.metrics:
            raise definitions.missing("metrics", metric_id)
        return listing.versions(self._log, "metrics", metric_id, read=changes.decode_metric)

    def _existing(self, metric_id: str) -> MetricEntry:
        entry = self._log.current.metrics.get(metric_id)
        if entry is None or entry.deleted:
            raise definitions.missing("metrics", metric_id)
        return entry


def shape(entry: MetricEntry, known: Definitions) -> object:
    """The metric, and since when it counts what it means now; `warming`: how far its past is."""
    return {
        **answers.fields(entry.latest),
        "version": max(entry.versions),
        "status": "saved",
        "since": answers.time(entry.since),
        "revision": entry.revision,
        **warmth.of_metrics([entry], known),
    }


def _answer(entry: MetricEntry, known: Definitions) -> Response:
    return answers.json(shape(entry, known), revision=entry.revision)

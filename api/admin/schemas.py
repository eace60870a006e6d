"""`/api/schemas`, `/api/{kind}/{id}/versions/diff`: what every kind of definition has alike."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, definitions, requests
from api.admin.endpoints import Endpoint, Handler, Query
from api.admin.errors import NotFoundError
from engine.definitions import changes, differences
from engine.definitions.audiences import Audience
from engine.definitions.campaigns import Campaign
from engine.definitions.changes import DefinitionKind
from engine.definitions.differences import Difference
from engine.definitions.metrics import Metric
from engine.definitions.policies import Policy
from engine.definitions.pools import Pool
from engine.definitions.segments import Segment
from engine.definitions.settings import Settings
from engine.definitions.templates import Template
from streams.definitions import DefinitionsLog

KINDS: Final[Mapping[DefinitionKind, tuple[type, Callable[[bytes], msgspec.Struct]]]] = {
    "campaigns": (Campaign, changes.decode_campaign),
    "segments": (Segment, changes.decode_segment),
    "audiences": (Audience, changes.decode_audience),
    "templates": (Template, changes.decode_template),
    "policies": (Policy, changes.decode_policy),
    "pools": (Pool, changes.decode_pool),
    "metrics": (Metric, changes.decode_metric),
}
"""With the type of each, and how a change's body is read."""

SCHEMAS: Final[Mapping[str, Any]] = {
    kind: {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": kind,
        **msgspec.json.schema(of),
    }
    for kind, of in {**{kind: of for kind, (of, _) in KINDS.items()}, "settings": Settings}.items()
}


class VersionsDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What one version has otherwise than the other."""

    before: int = msgspec.field(name="from")
    after: int = msgspec.field(name="to")
    items: list[Difference]


class Schemas:
    """Descriptions of definitions, and differences between their versions."""

    def __init__(self, *, log: DefinitionsLog) -> None:
        self._log = log

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path="/api/schemas",
                handler=self.list,
                summary="The kinds of definitions that have a JSON Schema.",
            ),
            Endpoint(
                method="GET",
                path="/api/schemas/{id}",
                handler=self.get,
                summary="The JSON Schema of one kind of definition.",
                statuses=(404,),
            ),
            *(
                Endpoint(
                    method="GET",
                    path=f"/api/{kind}/{{id}}/versions/diff",
                    handler=self._comparing(kind, read),
                    summary=f"What two versions of a {definitions.WORDS[kind]} have otherwise.",
                    queries=(
                        Query(
                            name="from",
                            meaning="The one before; the last but one unless told.",
                            is_integer=True,
                        ),
                        Query(
                            name="to",
                            meaning="The one after; the last unless told.",
                            is_integer=True,
                        ),
                    ),
                    answer=VersionsDiff,
                    statuses=(400, 404),
                )
                for kind, (_, read) in KINDS.items()
            ),
        )

    async def list(self, _: Request) -> Response:
        """By name."""
        found = [{"kind": kind, "schema": f"/api/schemas/{kind}"} for kind in sorted(SCHEMAS)]
        return answers.json({"items": found, "cursor": None})

    async def get(self, request: Request) -> Response:
        """One of them."""
        kind = requests.path_id(request)
        if kind not in SCHEMAS:
            raise NotFoundError("schema", kind)
        return answers.json(SCHEMAS[kind])

    def _comparing(self, kind: DefinitionKind, read: Callable[[bytes], msgspec.Struct]) -> Handler:
        async def compare(request: Request) -> Response:
            definition_id = requests.path_id(request)
            saved = self._saved(kind, definition_id)
            newest = sorted(saved)
            after = _version(request, "to", saved, otherwise=newest[-1])
            earlier = [version for version in newest if version < after]
            first = earlier[-1] if earlier else after
            before = _version(request, "from", saved, otherwise=first)
            found = differences.differences(_plain(read(saved[before])), _plain(read(saved[after])))
            return answers.json(VersionsDiff(before=before, after=after, items=found))

        return compare

    def _saved(self, kind: DefinitionKind, definition_id: str) -> dict[int, bytes]:
        """The body of every version."""
        found = {
            entry.change.based_on + 1: bytes(entry.change.body)
            for entry in self._log.history.applied_to(kind, definition_id)
            if entry.change is not None and entry.change.action == "put"
        }
        if not found:
            raise definitions.missing(kind, definition_id)
        return found


def _plain(definition: msgspec.Struct) -> object:
    """With every default, as JSON has it."""
    return msgspec.json.decode(answers.json(answers.fields(definition)).body)


def _version(request: Request, name: str, saved: Mapping[int, bytes], *, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return otherwise
    if not text.isdecimal() or len(text) > VERSION_DIGITS_MAX or int(text) not in saved:
        known = ", ".join(map(str, sorted(saved)))
        raise requests.wrong(name, f"one of the versions {known}")
    return int(text)


VERSION_DIGITS_MAX: Final = 15

"""What is said along with publish, pause and resume, and what it would come to."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import msgspec
from starlette.requests import Request

from api.admin import definitions, requests
from api.admin.endpoints import Endpoint, Handler
from api.admin.errors import RefusedError
from api.collector import bodies
from clickhouse.client import Reader
from clickhouse.queries import runs
from engine import durations
from engine.definitions import publishing
from engine.definitions.campaigns import Campaign
from engine.definitions.changes import Action
from engine.definitions.entries import CampaignEntry
from engine.definitions.publishing import Pausing, Publication, Resuming
from engine.errors import InvalidDefinitionError

DEFAULT_OVER_MS: Final = 10 * 60 * 1000
"""Those who wait in a pause look every ten minutes."""


class Publishing(
    Publication, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """With `preview` nothing changes: the answer says who stands where, and where they would go."""

    preview: bool = False


class ResumingBody(
    Resuming, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """With `preview` nothing changes: the answer says what would leave."""

    preview: bool = False


Body: TypeAlias = Publishing | Pausing | ResumingBody

BODIES: Final[Mapping[Action, type[Body]]] = {
    "publish": Publishing,
    "pause": Pausing,
    "resume": ResumingBody,
}
"""What may be said along with an action."""

SUMMARIES: Final[dict[Action, str]] = {
    "publish": "Let the draft run from now on; whoever is inside stays on the version before, "
    "leaves (finish), or goes over by a map of steps (migrate). preview: who stands where.",
    "pause": "Let nobody in and send nothing, until it is resumed; clocks run, or freeze.",
    "resume": "Go on after a pause; what waited leaves over a while. preview: how much that is.",
    "stop": "End it; publishing starts it again.",
}


def endpoint(action: Action, handler: Handler) -> Endpoint:
    """The route of an action."""
    return Endpoint(
        method="POST",
        path=f"/api/campaigns/{{id}}/{action}",
        handler=handler,
        summary=SUMMARIES[action],
        body=BODIES.get(action),
        is_body_optional=True,
        answer=Campaign if action in {"pause", "stop"} else None,
        statuses=(404, 409, 422, 503) if action == "publish" else (404, 409, 503),
    )


async def read(request: Request, action: Action) -> Body | None:
    """What the request says; nothing is the default, and None where nothing is to be said.

    Raises:
        BadRequestError: it is something else.
        MediaTypeError: no JSON.
    """
    if action not in BODIES:
        return None
    if request.headers.get("content-type") is None:
        body = await bodies.read(request, max_bytes=requests.BODY_MAX_BYTES)
    else:
        body = await requests.json_body(request)
    if not body.strip():
        return BODIES[action]()
    found = requests.decoded(body, BODIES[action])
    if isinstance(found, ResumingBody):
        try:
            publishing.resuming(msgspec.json.encode(Resuming(over=found.over)))
        except InvalidDefinitionError as error:
            raise definitions.refused(error) from error
    return found


def check(body: Body | None, entry: CampaignEntry) -> None:
    """See that those inside can go where they are sent.

    Raises:
        RefusedError: with the place of each step that leads nowhere.
    """
    if not isinstance(body, Publishing):
        return
    if found := publishing.flaws(body, entry.versions, entry.draft):
        raise RefusedError("invalid_map", f"{found[0].path}: {found[0].message}", flaws=found)


def logged(body: Body | None) -> msgspec.Raw:
    """As the log of changes keeps it."""
    match body:
        case Publishing(running=running, map=steps) if running != "stay":
            kept: msgspec.Struct = Publication(running=running, map=steps)
        case Pausing(clocks="freeze"):
            kept = body
        case ResumingBody(over=str() as over):
            kept = Resuming(over=over)
        case _:
            return definitions.NOTHING
    return msgspec.Raw(msgspec.json.encode(kept))


async def preview(
    body: Body | None, entry: CampaignEntry, reader: Reader, *, now: int
) -> dict[str, object] | None:
    """What it would come to; None: it was not asked.

    Raises:
        ClickHouseError: who stands where cannot be read.
    """
    match body:
        case Publishing(preview=True):
            found = await runs.standing(reader, entry.draft.id)
            return _publication(body, entry, found)
        case ResumingBody(preview=True):
            ttls = _ttls_ms(entry)
            late = await runs.waiting(reader, entry.draft.id, ttls_ms=ttls, now=now)
            return _release(body, late)
        case _:
            return None


def _publication(
    body: Publishing, entry: CampaignEntry, found: Sequence[runs.Standing]
) -> dict[str, object]:
    return {
        "running": body.running,
        "runs": sum(one.runs for one in found),
        "items": [
            {
                "version": one.version,
                "step": one.step,
                "runs": one.runs,
                **_going(body, entry, one),
            }
            for one in found
        ],
    }


def _going(body: Publishing, entry: CampaignEntry, one: runs.Standing) -> dict[str, object]:
    if body.running == "stay" or one.version >= entry.draft_version:
        return {"then": "stays", "to": one.step}
    to = body.target(one.step)
    return {"then": "leaves" if to is None else "migrates", "to": to}


def _release(body: ResumingBody, found: Sequence[runs.Waiting]) -> dict[str, object]:
    waiting = sum(one.waiting for one in found)
    expired = sum(one.expired for one in found)
    over_ms = max(body.over_ms, DEFAULT_OVER_MS)
    return {
        "waiting": waiting,
        "expired": expired,
        "leave": waiting - expired,
        "over_minutes": over_ms // 60_000,
        "per_minute": round((waiting - expired) * 60_000 / over_ms, 1),
        "items": found,
    }


def _ttls_ms(entry: CampaignEntry) -> dict[tuple[int, str], int]:
    """Of every send of every version."""
    return {
        (version, name): durations.parse_ms(step.ttl)
        for version, campaign in entry.versions.items()
        for name, step in campaign.sends()
    }

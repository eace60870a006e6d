"""`/api/customers/actions`: one thing done for everybody who is selected (M126)."""

import uuid
from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, choosing, definitions, ordering, progress, requests
from api.admin.choosing import Choice
from api.admin.definitions import Clock, Editor
from api.admin.endpoints import Endpoint
from api.admin.errors import ConflictError
from api.admin.ordering import ActionParams
from api.jobs import audiences, jobs
from api.jobs.jobs import Action, Job, Order, Progress
from api.jobs.running import Runner
from clickhouse.client import Reader
from clickhouse.queries import jobs as queries
from engine import ids
from engine.definitions import changes
from engine.definitions.triggers.batches import BatchParams
from engine.errors import InvalidDefinitionError
from engine.rules.nodes import Rule
from streams.definitions import DefinitionsLog

KEY_CHARS_MAX = 200


class ActionBody(Choice, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be done, for whom, and the caller's key: the same key is the same job."""

    action: Action
    params: ActionParams = ActionParams()
    idempotency_key: str | None = msgspec.field(default=None, name="idempotencyKey")


class Actions:
    """Answers with a job, which goes on without the caller."""

    def __init__(
        self, *, reader: Reader, runner: Runner, log: DefinitionsLog, clock: Clock
    ) -> None:
        self._reader = reader
        self._runner = runner
        self._log = log
        self._clock = clock
        self._audiences = Editor(kind="audiences", log=log, clock=clock)
        self._campaigns = Editor(kind="campaigns", log=log, clock=clock)

    def endpoints(self) -> Sequence[Endpoint]:
        """The route."""
        return (
            Endpoint(
                method="POST",
                path="/api/customers/actions",
                handler=self.act,
                summary=(
                    "Tag, untag, make an audience, export, send a message or start a campaign, "
                    "for everybody who is selected; answers with the job."
                ),
                body=ActionBody,
                success=202,
                statuses=(404, 409, 422, 503),
            ),
        )

    async def act(self, request: Request) -> Response:
        """Write the order down; whatever is wrong with it is said before."""
        body = await requests.json_body(request)
        said = requests.decoded(body, ActionBody)
        ordering.check_params(said.action, said.params)
        _check_key(said)
        asked = ids.derived("asked", body.decode())
        key = said.idempotency_key
        job_id = uuid.uuid4().hex if key is None else ids.derived("job", key)
        known = await queries.get(self._reader, job_id) if key is not None else None
        if known is not None:
            return _accepted(_same(jobs.read(known), asked))
        order = await self._order(said, Order(
            id=job_id, action=said.action, asked_at=self._clock(), rule=None,
            key=key or "", asked=asked,
        ))  # fmt: skip
        await self._runner.submit(order)
        return _accepted(Job(order=order, progress=Progress(), is_cancelled=False))

    async def _order(self, said: ActionBody, order: Order) -> Order:
        params = said.params
        rule = self._rule(said, order)
        order = msgspec.structs.replace(
            order,
            rule=msgspec.to_builtins(rule),
            tag=params.tag or "",
            listed=len(set(said.ids or ())),
        )
        match said.action:
            case "audience":
                return await self._audience(order, params)
            case "message":
                return await self._message(order, params)
            case "start_campaign":
                trigger = ordering.batch_of(str(params.campaign), self._log.current)
                order = msgspec.structs.replace(order, campaign=str(params.campaign))
                return ordering.paced(order, params, trigger.params)
            case "tag" | "untag" | "export":
                return order

    def _rule(self, said: ActionBody, order: Order) -> Rule:
        known = self._log.current
        if said.action == "start_campaign" and not said.is_given:
            trigger = ordering.batch_of(str(said.params.campaign), known)
            return ordering.of_trigger(trigger)
        return choosing.chosen(said, known, now=order.asked_at).rule

    async def _message(self, order: Order, params: ActionParams) -> Order:
        """The campaign is made before the job is written: a retry under the key finds it."""
        order = ordering.paced(order, params, BatchParams())
        campaign = ordering.message_campaign(order.id, params, self._log.current)
        entry = self._log.current.campaigns.get(campaign.id)
        if entry is None:
            await self._campaigns.save(campaign.id, msgspec.json.encode(campaign), seen=None)
            entry = self._log.current.campaigns[campaign.id]
        if entry.status == "draft":
            await self._campaigns.act(campaign.id, "publish", seen=None)
        return msgspec.structs.replace(order, campaign=campaign.id)

    async def _audience(self, order: Order, params: ActionParams) -> Order:
        """The definition is what orders the job; its key is the audience's id."""
        audience_id = params.id or params.tag or f"audience-{order.id[:12]}"
        body = {
            "id": audience_id,
            "name": params.name or "",
            "tag": params.tag or audience_id,
            "rule": order.rule,
        }
        try:
            audience = changes.decode_audience(msgspec.json.encode(body))
        except InvalidDefinitionError as error:
            raise definitions.refused(error) from error
        check_tag(audience.id, audience.tag, self._log)
        after = await self._audiences.save(audience_id, msgspec.json.encode(audience), seen=None)
        made = audiences.of_audience(after.audiences[audience_id])
        return msgspec.structs.replace(made, listed=order.listed)


def check_tag(audience_id: str, tag: str, log: DefinitionsLog) -> None:
    """See that no other audience has the tag.

    Raises:
        ConflictError: one does.
    """
    for other_id, entry in log.current.audiences.items():
        if other_id != audience_id and not entry.deleted and entry.latest.tag == tag:
            message = f"the audience {other_id!r} has the tag {tag!r}: choose another"
            raise ConflictError("tag_in_use", message)


def _check_key(said: ActionBody) -> None:
    key = said.idempotency_key
    if key is not None and not (1 <= len(key) <= KEY_CHARS_MAX and key.isprintable()):
        raise requests.wrong("idempotencyKey", f"1 to {KEY_CHARS_MAX} printable characters")


def _same(known: Job, asked: str) -> Job:
    if known.order.asked != asked:
        message = "this key was used for another request: take a new one"
        raise ConflictError("idempotency_conflict", message)
    return known


def _accepted(job: Job) -> Response:
    answer = answers.json(progress.shape(job), status=202)
    answer.headers["location"] = f"/api/jobs/{job.order.id}"
    return answer

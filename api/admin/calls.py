"""`POST /api/events/{name}`: another system calls something out for customers (T47)."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from api import fanning
from api.admin import answers, requests
from api.admin.definitions import Clock
from api.admin.endpoints import Endpoint
from api.admin.errors import BadRequestError, NotFoundError, RefusedError
from api.fanning import Fanning
from engine import ids, keys, traits
from engine.definitions import installation
from engine.definitions.fanouts import PAYLOAD_MAX_BYTES, Call, Fanout
from engine.definitions.folded import Definitions
from engine.definitions.triggers.calls import CalledOut
from engine.errors import Flaw
from engine.rules import checks, identifying
from engine.rules.nodes import Rule
from streams import wire
from streams.definitions import DefinitionsLog
from streams.producer import Producer

RECIPIENTS_MAX: Final = 1_000
"""Named in one call; for more, calls with other keys, or a rule."""

KEY_CHARS_MAX: Final = 200

log = structlog.get_logger(__name__)


class CallOut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is called out, and for whom: `recipients` or `rule`."""

    idempotency_key: Annotated[str, msgspec.Meta(min_length=1, max_length=KEY_CHARS_MAX)]
    """The same call again, with the same key, fires nothing anew: send it until it is answered."""
    recipients: (
        Annotated[
            tuple[
                Annotated[str, msgspec.Meta(min_length=1, max_length=requests.ID_MAX_CHARS)], ...
            ],
            msgspec.Meta(min_length=1, max_length=RECIPIENTS_MAX),
        ]
        | None
    ) = None
    """Public ids."""
    rule: Rule | None = None
    payload: dict[str, Any] = {}
    """Templates and conditions see it as `event`; at most 2 KB."""


class CalledAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of it so far."""

    id: str
    state: str
    """`done`, or `running`: then the customers of the rule are being told."""
    told_count: int
    url: str | None
    """Where a call by rule says how far it is."""


class Calls:
    """Named recipients are told before the answer; those of a rule one after the other."""

    def __init__(
        self, *, log: DefinitionsLog, producer: Producer, fanning: Fanning, clock: Clock
    ) -> None:
        self._log = log
        self._producer = producer
        self._fanning = fanning
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="POST",
                path="/api/events/{id}",
                handler=self.call,
                summary="Call an event of this name out for customers: it fires T47 of campaigns.",
                body=CallOut,
                answer=CalledAnswer,
                statuses=(404, 422, 503),
                success=202,
            ),
            Endpoint(
                method="GET",
                path="/api/calls/{id}",
                handler=self.get,
                summary="How far a call by rule is; the last hundred are remembered.",
                answer=CalledAnswer,
                statuses=(404,),
            ),
        )

    async def call(self, request: Request) -> Response:
        """Check all of it, then tell; an answer is a promise that nobody is left out."""
        name = requests.path_id(request)
        asked = requests.decoded(await requests.json_body(request), CallOut)
        payload = msgspec.json.encode(asked.payload)
        self._check(name, asked, len(payload))
        call_id = ids.derived("call", name.strip().casefold(), asked.idempotency_key)
        log.info("called_out", call_id=call_id)
        if asked.rule is not None:
            call = Call(name=name, key=asked.idempotency_key, payload=asked.payload)
            return await self._by_rule(call_id, call, asked.rule)
        told = dict.fromkeys(asked.recipients or ())
        now = self._clock()
        events = {
            one: fanning.called(name, asked.idempotency_key, payload, customer=one, at=now)
            for one in told
        }
        await self._producer.deliver(
            [wire.record_of(keys.from_public_id(one), event) for one, event in events.items()]
        )
        found = CalledAnswer(id=call_id, state="done", told_count=len(told), url=None)
        return answers.json(found, status=202)

    async def get(self, request: Request) -> Response:
        """How far it is."""
        call_id = requests.path_id(request)
        known = self._log.current.fanouts.get(call_id)
        if known is None or known.fanout.call is None:
            raise NotFoundError("call", call_id)
        return answers.json(_shape(known.fanout))

    async def _by_rule(self, call_id: str, call: Call, rule: Rule) -> Response:
        tree = identifying.numbered(msgspec.to_builtins(rule))
        begun = Fanout(
            id=call_id, call=call, rule=msgspec.convert(tree, Rule), begun_at=self._clock()
        )
        return answers.json(_shape(await self._fanning.begin(begun)), status=202)

    def _check(self, name: str, asked: CallOut, size_bytes: int) -> None:
        if (asked.recipients is None) == (asked.rule is None):
            flaw = Flaw(path="recipients", message="recipients or a rule, one of the two")
            raise BadRequestError("invalid_body", flaw.message, flaws=[flaw])
        if size_bytes > PAYLOAD_MAX_BYTES:
            flaw = Flaw(path="payload", message=f"at most {PAYLOAD_MAX_BYTES} bytes as JSON")
            raise BadRequestError("invalid_body", flaw.message, flaws=[flaw])
        flaws = _payload_flaws(self._log.current, name, asked.payload)
        if asked.rule is not None:
            declared = installation.declared(self._log.current)
            flaws += checks.flaws(asked.rule, declared, path="rule")
        if flaws:
            raise RefusedError("invalid_call", flaws[0].message, flaws=flaws)


def _payload_flaws(definitions: Definitions, name: str, payload: dict[str, object]) -> list[Flaw]:
    """What a campaign that listens needs and does not find.

    Raises:
        NotFoundError: none listens.
    """
    listening = [
        live.trigger.params
        for live in definitions.triggers
        if isinstance(live.trigger, CalledOut)
        and live.trigger.params.event.strip().casefold() == name.strip().casefold()
    ]
    if not listening:
        raise NotFoundError("live campaign with a trigger T47 on the event", name)
    needed = sorted({path for params in listening for path in params.schema})
    return [
        Flaw(path=f"payload.{path}", message="a campaign that listens to this event needs it")
        for path in needed
        if traits.found(payload, path) is None
    ]


def _shape(fanout: Fanout) -> CalledAnswer:
    return CalledAnswer(
        id=fanout.id,
        state=fanout.state,
        told_count=fanout.told_count,
        url=f"/api/calls/{fanout.id}",
    )

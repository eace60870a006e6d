"""`/api/customers/{id}/points`: the ledger of points, and giving or taking some by hand."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, requests, tabs
from api.admin.definitions import Clock
from api.admin.endpoints import Endpoint
from api.admin.errors import BadRequestError, ConflictError
from api.admin.rows import Rows
from engine import ids, keys, points
from engine.errors import Flaw
from engine.points import PointsChanged, PointsEntry
from streams import wire
from streams.producer import Producer

PATH: Final = "/api/customers/{id}/points"

Amount = Annotated[int, msgspec.Meta(ge=-points.AMOUNT_MAX, le=points.AMOUNT_MAX)]


class PointsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a POST says."""

    amount: Amount
    """Below zero: taken."""
    reason: Annotated[str, msgspec.Meta(max_length=points.REASON_MAX_CHARS)] = ""
    expires_at: datetime | None = None
    """With an offset. None: never."""
    idempotency_key: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None = None
    """The same key again is entered once."""


class PointsPage:
    """Read from the customer's row; a change goes through the customer's log."""

    def __init__(self, *, rows: Rows, producer: Producer, clock: Clock) -> None:
        self._rows = rows
        self._producer = producer
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path=PATH,
                handler=self.get,
                summary="The balance of points, what expires next, and the last 50 entries with "
                "what is left of each, the newest first.",
                statuses=(400, 404, 410, 503),
            ),
            Endpoint(
                method="POST",
                path=PATH,
                handler=self.post,
                summary="Give points, or take some with an amount below zero; 409 "
                "`not_enough_points` where there are fewer.",
                body=PointsBody,
                statuses=(400, 409, 410, 413, 415, 503),
            ),
        )

    async def get(self, request: Request) -> Response:
        """Expiries are worked out here: they leave as time passes."""
        known, now = (
            (await self._rows.get(requests.path_id(request))).customer.points,
            self._clock(),
        )
        following = points.next_expiry(known, now=now)
        expires_at = None if following is None else following.expires_at
        return answers.json(
            {
                "balance": points.balance(known, now=now),
                "next_expiry_at": answers.time_or_none(expires_at),
                "next_expiry_amount": None if following is None else following.left,
                "items": [_entry(one, now=now) for one in reversed(known)],
                "cursor": None,
            }
        )

    async def post(self, request: Request) -> Response:
        """Append the change; answered once Kafka has it, so before it can be read back."""
        customer_id = requests.path_id(request)
        said = requests.decoded(await requests.json_body(request), PointsBody)
        now = self._clock()
        expires_at = _expiry(said, now=now)
        await self._rows.refuse_erased(customer_id)
        key = keys.from_public_id(customer_id)
        own = said.idempotency_key
        event = PointsChanged(
            id=uuid.uuid4().hex if own is None else ids.derived("points", key, own),
            occurred_at=now,
            source="admin",
            amount=said.amount,
            reason=said.reason,
            expires_at=expires_at,
        )
        await self._refuse_too_many(customer_id, event, now=now)
        await self._producer.deliver([wire.record_of(key, event)])
        return answers.json({"id": event.id, "amount": event.amount})

    async def _refuse_too_many(self, customer_id: str, event: PointsChanged, *, now: int) -> None:
        """As far as can be seen now; the engine asks again, and takes nothing then."""
        if event.amount > 0:
            return
        row = await self._rows.find(customer_id)
        known = () if row is None else row.customer.points
        balance = points.balance(known, now=now)
        if balance + event.amount < 0 and all(one.id != event.id for one in known):
            message = f"there are {balance} points, {-event.amount} cannot be taken"
            raise ConflictError("not_enough_points", message)


def _expiry(said: PointsBody, *, now: int) -> int | None:
    """Epoch ms.

    Raises:
        BadRequestError: nothing is given or taken, or the end means nothing.
    """
    if said.amount == 0:
        raise _refused("amount", "points to give, or below zero to take")
    if said.expires_at is None:
        return None
    if said.amount < 0:
        raise _refused("expires_at", "only of points that are given")
    if said.expires_at.tzinfo is None:
        raise _refused("expires_at", "a time with an offset, like 2026-11-22T09:00:00Z")
    at = int(said.expires_at.timestamp() * 1000)
    if at <= now:
        raise _refused("expires_at", "it is over already")
    return at


def _refused(path: str, message: str) -> BadRequestError:
    flaw = Flaw(path=path, message=message)
    return BadRequestError("invalid_body", f"{path}: {message}", flaws=[flaw])


def _entry(entry: PointsEntry, *, now: int) -> dict[str, object]:
    is_over = entry.expires_at is not None and entry.expires_at <= now
    return {
        "id": entry.id,
        "at": answers.time(entry.at),
        "amount": entry.amount,
        "left": 0 if is_over else entry.left,
        "expires_at": answers.time_or_none(entry.expires_at),
        "reason": entry.reason,
        "origin": entry.origin,
        "campaign": tabs.campaign(entry.campaign) if entry.campaign else None,
    }

"""`DELETE /api/customers/{id}` and `/api/erasures/{id}`: forgetting somebody, and the receipt."""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, paging, requests
from api.admin.definitions import Clock
from api.admin.endpoints import Endpoint
from api.admin.errors import NotFoundError
from api.admin.rows import Rows
from clickhouse import erasing
from clickhouse.client import Reader
from clickhouse.queries import erasures as queries
from engine import keys
from engine.events import ErasureRequested
from engine.rows import Row
from streams import topics, wire
from streams.producer import Producer

LOG_KEPT_MS: Final = max(topic.retention_ms or 0 for topic in topics.ALL)
"""So long the log may hold what was said before: Kafka deletes by age, not by customer."""

TABLES: Final = sorted({**erasing.PERSONAL, **erasing.CUSTOMERS})

log = structlog.get_logger(__name__)

_Token = tuple[
    Annotated[str, msgspec.Meta(min_length=1, max_length=requests.ID_MAX_CHARS)],
    Annotated[int, msgspec.Meta(ge=0, le=paging.LATEST_MS - LOG_KEPT_MS)],
]
_decode: Final[msgspec.json.Decoder[tuple[str, int]]] = msgspec.json.Decoder(_Token)


class Erasures:
    """An erasure is a command in the customer's log; how far it got, each store tells itself."""

    def __init__(self, *, rows: Rows, reader: Reader, producer: Producer, clock: Clock) -> None:
        self._rows = rows
        self._reader = reader
        self._producer = producer
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="DELETE",
                path="/api/customers/{id}",
                handler=self.erase,
                summary="Erase the customer everywhere, for good.",
                statuses=(404, 503),
                success=202,
            ),
            Endpoint(
                method="GET",
                path="/api/erasures/{id}",
                handler=self.get,
                summary="How far an erasure is, store by store.",
                statuses=(404, 503),
            ),
        )

    async def erase(self, request: Request) -> Response:
        """Append the command; once more, and what a backup brought back is erased again."""
        customer_id = requests.path_id(request)
        row = await self._rows.find(customer_id)
        if row is None:
            raise NotFoundError("customer", customer_id)
        now = self._clock()
        erasure_id = token(row.customer.id, now)
        event = ErasureRequested(id=erasure_id, occurred_at=now, source="admin")
        key = keys.from_public_id(row.customer.id)
        await self._producer.deliver([wire.record_of(key, event)])
        log.info("erasure_requested", erasure_id=erasure_id)
        accepted = {
            "id": erasure_id,
            "customer": row.customer.id,
            "requested_at": answers.time(now),
            "status": "pending",
            "url": f"/api/erasures/{erasure_id}",
        }
        return answers.json(accepted, status=202)

    async def get(self, request: Request) -> Response:
        """The receipt; it is final once its status is `done`."""
        erasure_id = str(request.path_params["id"])
        customer_id, requested_at = _decoded(erasure_id)
        row = await self._rows.find(customer_id)
        identities = [customer_id] if row is None or row.erasure is None else row.erasure.identities
        receipts = await queries.receipts(
            self._reader, erasure_id, identities=identities, since_ms=requested_at
        )
        known = await self._rows.find_many(identities)
        stores = [
            _store("row", _stubs(known.values(), since=requested_at) if known else [None]),
            _redis(await self._rows.in_redis(identities), since=requested_at),
            *_tables(receipts, identities),
        ]
        is_done = all(store["status"] == "done" for store in stores)
        stores.append(
            {"store": "kafka", "status": "expires", "at": answers.time(requested_at + LOG_KEPT_MS)}
        )
        return answers.json(
            {
                "id": erasure_id,
                "customer": customer_id,
                "identities": identities,
                "requested_at": answers.time(requested_at),
                "status": "done" if is_done else "pending",
                "stores": stores,
            }
        )


def token(customer_id: str, at: int) -> str:
    """An id that says what it is of, so that asking needs nothing to be stored first."""
    said = msgspec.json.encode((customer_id, at))
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def _decoded(erasure_id: str) -> tuple[str, int]:
    try:
        said = base64.urlsafe_b64decode(erasure_id.encode() + b"=" * (-len(erasure_id) % 4))
        return _decode.decode(said)
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise NotFoundError("erasure", erasure_id) from error


def _redis(rows: Mapping[str, Row] | None, *, since: int) -> dict[str, object]:
    if rows is None:
        return {"store": "redis", "status": "unknown", "at": None}
    return _store("redis", _stubs(rows.values(), since=since))


def _stubs(rows: Iterable[Row], *, since: int) -> list[int | None]:
    """When each became a stub for this request or a later one, None while it did not.

    For about a minute a stub holds what it is still to tell the customer's other identities.
    """
    return [
        row.erasure.at
        if row.erasure is not None and row.erasure.at >= since and not row.outbox
        else None
        for row in rows
    ]


def _tables(
    receipts: Sequence[queries.Receipt], identities: Sequence[str]
) -> list[dict[str, object]]:
    done = {(receipt.store, receipt.erased): receipt.at_ms for receipt in receipts}
    return [
        _store(f"clickhouse.{table}", [done.get((table, identity)) for identity in identities])
        for table in TABLES
    ]


def _store(name: str, done_at: Sequence[int | None]) -> dict[str, object]:
    """Done with the last of its parts; a store without any has nothing to forget."""
    times = [at for at in done_at if at is not None]
    if len(times) < len(done_at):
        return {"store": name, "status": "pending", "at": None}
    return {"store": name, "status": "done", "at": answers.time_or_none(max(times, default=None))}

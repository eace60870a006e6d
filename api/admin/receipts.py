"""How far an erasure is: each store tells itself, nothing of it is kept anywhere else."""

import base64
import binascii
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, NamedTuple

import msgspec

from api.admin import answers, paging, requests
from api.admin.errors import NotFoundError
from api.admin.rows import Rows
from clickhouse import erasing
from clickhouse.client import Reader
from clickhouse.queries import erasures as queries
from clickhouse.queries.erasures import Receipt
from engine.rows import Row
from streams import topics

LOG_KEPT_MS: Final = max(topic.retention_ms or 0 for topic in topics.ALL)
"""So long the log may hold what was said before: Kafka deletes by age, not by customer."""

TABLES: Final = sorted({**erasing.PERSONAL, **erasing.CUSTOMERS})

_Token = tuple[
    Annotated[str, msgspec.Meta(min_length=1, max_length=requests.ID_MAX_CHARS)],
    Annotated[int, msgspec.Meta(ge=0, le=paging.LATEST_MS - LOG_KEPT_MS)],
]
_decode: Final[msgspec.json.Decoder[tuple[str, int]]] = msgspec.json.Decoder(_Token)


class Asked(NamedTuple):
    """An erasure somebody asked for."""

    id: str
    customer: str
    """Public id."""
    at: int
    """Epoch ms, by the API's clock."""


def token(customer_id: str, at: int) -> str:
    """An id that says what it is of, so that asking needs nothing to be stored first."""
    said = msgspec.json.encode((customer_id, at))
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def asked(erasure_id: str) -> Asked:
    """Read a token.

    Raises:
        NotFoundError: it is none.
    """
    try:
        said = base64.urlsafe_b64decode(erasure_id.encode() + b"=" * (-len(erasure_id) % 4))
        return Asked(erasure_id, *_decode.decode(said))
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise NotFoundError("erasure", erasure_id) from error


class Receipts:
    """Put together anew at each question, so they also tell what a restored backup undid."""

    def __init__(self, *, rows: Rows, reader: Reader) -> None:
        self._rows = rows
        self._reader = reader

    async def of(self, erasures: Sequence[Asked]) -> list[dict[str, object]]:
        """One for each, in this order.

        Raises:
            ClickHouseError: it cannot be asked.
        """
        if not erasures:
            return []
        found = await self._rows.find_many(sorted({one.customer for one in erasures}))
        identities = {one.customer: _identities(found, one.customer) for one in erasures}
        everybody = sorted({name for names in identities.values() for name in names})
        known = await self._rows.find_many(everybody)
        copies = await self._rows.in_redis(everybody)
        stored = await queries.receipts(
            self._reader, [one.id for one in erasures], identities=everybody
        )
        return [
            _shape(
                one,
                identities[one.customer],
                [
                    _store("row", _stubs(known, identities[one.customer], since=one.at) or [None]),
                    _redis(copies, identities[one.customer], since=one.at),
                    *_tables(stored, one, identities[one.customer]),
                ],
            )
            for one in erasures
        ]


def _shape(
    one: Asked, identities: Sequence[str], stores: list[dict[str, object]]
) -> dict[str, object]:
    is_done = all(store["status"] == "done" for store in stores)
    kafka = {"store": "kafka", "status": "expires", "at": answers.time(one.at + LOG_KEPT_MS)}
    return {
        "id": one.id,
        "customer": one.customer,
        "identities": identities,
        "requested_at": answers.time(one.at),
        "status": "done" if is_done else "pending",
        "stores": [*stores, kafka],
        "url": f"/api/erasures/{one.id}",
    }


def _identities(found: Mapping[str, Row], customer_id: str) -> Sequence[str]:
    row = found.get(customer_id)
    return [customer_id] if row is None or row.erasure is None else row.erasure.identities


def _redis(
    rows: Mapping[str, Row] | None, identities: Iterable[str], *, since: int
) -> dict[str, object]:
    if rows is None:
        return {"store": "redis", "status": "unknown", "at": None}
    return _store("redis", _stubs(rows, identities, since=since))


def _stubs(rows: Mapping[str, Row], identities: Iterable[str], *, since: int) -> list[int | None]:
    """When each became a stub for this request or a later one, None while it did not.

    For about a minute a stub holds what it is still to tell the customer's other identities.
    """
    known = [rows[name] for name in identities if name in rows]
    return [
        row.erasure.at
        if row.erasure is not None and row.erasure.at >= since and not row.outbox
        else None
        for row in known
    ]


def _tables(
    stored: Sequence[Receipt], one: Asked, identities: Sequence[str]
) -> list[dict[str, object]]:
    """Deleted for this erasure, or for a later one of the same."""
    done: dict[tuple[str, str], list[int]] = defaultdict(list)
    for receipt in stored:
        if receipt.id == one.id or receipt.at_ms >= one.at:
            done[receipt.store, receipt.erased].append(receipt.at_ms)
    return [
        _store(
            f"clickhouse.{table}",
            [min(done.get((table, identity), []), default=None) for identity in identities],
        )
        for table in TABLES
    ]


def _store(name: str, done_at: Sequence[int | None]) -> dict[str, object]:
    """Done with the last of its parts; a store without any has nothing to forget."""
    times = [at for at in done_at if at is not None]
    if len(times) < len(done_at):
        return {"store": name, "status": "pending", "at": None}
    return {"store": name, "status": "done", "at": answers.time_or_none(max(times, default=None))}

"""`/api/pools`: promo codes, and how many of them are left."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, definitions, listing, requests
from api.admin.definitions import Clock, Editor
from api.admin.endpoints import Endpoint
from api.admin.errors import ConflictError
from clickhouse.client import Reader
from clickhouse.queries import pools as queries
from engine.definitions import changes, installation, pools
from engine.definitions.pools import Pool, PoolEntry
from engine.errors import Flaw, InvalidDefinitionError
from streams.definitions import DefinitionsLog


class Pools:
    """What was issued is counted from the facts, so it is a moment behind."""

    def __init__(self, *, log: DefinitionsLog, reader: Reader, clock: Clock) -> None:
        self._log = log
        self._reader = reader
        self._editor = Editor(kind="pools", log=log, clock=clock)

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            *definitions.endpoints("pools", Pool, self),
            Endpoint(
                method="GET",
                path="/api/pools/{id}/stock",
                handler=self.stock,
                summary="How many codes there are, were issued and are left, and whether that is "
                "as few as `low` says.",
                statuses=(400, 404, 503),
            ),
        )

    async def list(self, request: Request) -> Response:
        """One page, by id."""
        return listing.page(request, self._log.current.pools, shape)

    async def get(self, request: Request) -> Response:
        """As it stands."""
        return _answer(self._existing(requests.path_id(request)))

    async def stock(self, request: Request) -> Response:
        """From the facts."""
        pool = self._existing(requests.path_id(request)).latest
        issued = await queries.issued(self._reader, pool.id)
        left = max(0, pool.count - issued)
        return answers.json(
            {
                "id": pool.id,
                "count": pool.count,
                "issued": issued,
                "left": left,
                "is_low": left <= pool.low,
            }
        )

    async def put(self, request: Request) -> Response:
        """Create or replace; codes that are there stay where they are."""
        pool_id, seen = requests.path_id(request), requests.if_match(request)
        body = definitions.own_body(await requests.json_body(request), pool_id)
        try:
            check(changes.decode_pool(body), self._log.current.pools)
        except InvalidDefinitionError as error:
            raise definitions.refused(error) from error
        after = await self._editor.save(pool_id, body, seen=seen)
        return _answer(after.pools[pool_id])

    async def delete(self, request: Request) -> Response:
        """Delete; not one that a campaign names."""
        pool_id, seen = requests.path_id(request), requests.if_match(request)
        self._existing(pool_id)
        self._editor.check_seen(pool_id, seen)
        users = installation.pool_users(pool_id, self._log.current)
        if users:
            raise ConflictError(
                "pool_in_use",
                f"campaigns issue its codes: {', '.join(users)}; change them first",
                flaws=[Flaw(path=f"campaigns.{user}", message="names it") for user in users],
            )
        await self._editor.act(pool_id, "delete", seen=seen)
        return Response(status_code=204)

    async def versions(self, request: Request) -> Response:
        """Every version that was ever saved."""
        pool_id = requests.path_id(request)
        if pool_id not in self._log.current.pools:
            raise definitions.missing("pools", pool_id)
        return listing.versions(self._log, "pools", pool_id, read=changes.decode_pool)

    def _existing(self, pool_id: str) -> PoolEntry:
        entry = self._log.current.pools.get(pool_id)
        if entry is None or entry.deleted:
            raise definitions.missing("pools", pool_id)
        return entry


def shape(entry: PoolEntry) -> object:
    """The pool, and where it stands."""
    return {
        **answers.fields(entry.latest),
        "version": entry.revision,
        "status": "saved",
        "revision": entry.revision,
    }


def check(pool: Pool, known: Mapping[str, PoolEntry]) -> None:
    """See that it may follow the one before.

    Raises:
        InvalidDefinitionError: it may not.
    """
    if found := pools.flaws_after(pool, known):
        raise InvalidDefinitionError(found)


def _answer(entry: PoolEntry) -> Response:
    return answers.json(shape(entry), revision=entry.revision)

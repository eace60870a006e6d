"""`/api/customers/{id}/merges` and `/api/merges`: what became of identities, and why not."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias, get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, paging, requests
from api.admin.endpoints import PAGING, Endpoint, Query
from api.admin.errors import BadRequestError
from api.admin.rows import Rows
from clickhouse.client import Reader
from clickhouse.queries import identities, merges
from clickhouse.queries.identities import Person
from clickhouse.queries.merges import StoredMerge
from engine.errors import Flaw
from engine.facts import ChangeKind

Status: TypeAlias = Literal["merged", "linked", "refused", "unmerged", "trimmed"]

KINDS: Final[Mapping[Status, ChangeKind]] = {
    "merged": "merged",
    "linked": "linked",
    "refused": "not_merged",
    "unmerged": "unmerged",
    "trimmed": "trimmed",
}

WORDS: Final[Mapping[str, str]] = {
    "merged": "everything known under the identity is the customer's",
    "linked": "the device was another user's; what it does from now on is the customer's",
    "unmerged": "an operator split the identity off",
    "trimmed": "merged, but not everything had room in one row",
    "two_users": "both are user ids: two users never merge",
    "other_users": "it belongs to another user",
    "too_many": "the limit of identities of this sort, or of merges, is reached",
    "too_large": "its history is larger than a record can hold",
    "erased": "it was erased",
    "split": "an operator said that they are two people",
}
"""By status, or by reason of a refusal."""

STATUS: Final = Query(name="status", meaning=f"Only these: {', '.join(get_args(Status))}.")


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an identity."""

    id: str
    at: str
    customer: str
    """The surviving customer."""
    identity: str
    """Public id that was shown."""
    status: Status
    reason: str | None
    """Of a refusal; a word of the glossary."""
    words: str
    belongs_to: str | None
    """Of an identity that was split off: whose it is from then on."""
    left_out: str | None
    """What had no room."""
    merge_id: str


class Merges:
    """Read from ClickHouse, a second or two behind."""

    def __init__(self, *, rows: Rows, reader: Reader) -> None:
        self._rows = rows
        self._reader = reader

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path="/api/customers/{id}/merges",
                handler=self.of_customer,
                summary="What was merged into the customer, what was not and why, and what was "
                "split off, newest first.",
                queries=(*PAGING, STATUS),
                answer=Merge,
                statuses=(400, 404, 410, 503),
            ),
            Endpoint(
                method="GET",
                path="/api/merges",
                handler=self.list,
                summary="The same of all customers: `status=refused` is what an operator may "
                "want to look at.",
                queries=(*PAGING, STATUS),
                answer=Merge,
                statuses=(400, 503),
            ),
        )

    async def of_customer(self, request: Request) -> Response:
        """One page; of a merged id its customer's."""
        row = await self._rows.get(requests.path_id(request))
        person = await identities.person(self._reader, row.customer.id)
        return await self._page(request, person)

    async def list(self, request: Request) -> Response:
        """One page of everybody's."""
        return await self._page(request, None)

    async def _page(self, request: Request, of: Person | None) -> Response:
        limit = requests.limit(request)
        found = await merges.page(
            self._reader,
            of=of,
            kinds=[KINDS[status] for status in statuses(request)],
            after=paging.after(request, paging.BY_TIME),
            limit=limit + 1,
        )
        return answers.page(
            paging.page(found, limit=limit, key=lambda item: (item.at_ms, item.id), shape=shape)
        )


def statuses(request: Request) -> list[Status]:
    """What the list shall hold; all of it, unless told.

    Raises:
        BadRequestError: a word that is no status.
    """
    asked = request.query_params.get("status", "")
    words = {word.strip() for word in asked.split(",") if word.strip()}
    unknown = sorted(words - set(KINDS))
    if unknown:
        flaw = Flaw(path="status", message=f"of {', '.join(KINDS)}; not {unknown[0]!r}")
        raise BadRequestError("invalid_query", f"status: {flaw.message}", flaws=[flaw])
    return [status for status in KINDS if not words or status in words]


def shape(item: StoredMerge) -> Merge:
    """In words, with the reason beside."""
    status = next(status for status, kind in KINDS.items() if kind == item.kind)
    reason = item.said if status == "refused" else None
    return Merge(
        id=item.id,
        at=answers.time(item.at_ms),
        customer=item.customer,
        identity=item.shown,
        status=status,
        reason=reason,
        words=WORDS.get(reason or status, reason or status),
        belongs_to=item.said if status == "unmerged" else None,
        left_out=item.said if status == "trimmed" else None,
        merge_id=item.merge_id,
    )

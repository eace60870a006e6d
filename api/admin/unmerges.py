"""`POST /api/customers/{id}/unmerge`: an operator says that an identity is another person's."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, requests
from api.admin.endpoints import Endpoint
from api.admin.errors import BadRequestError, ConflictError, RefusedError, UnavailableError
from api.admin.rows import Rows
from api.unmerging.unmerger import Ended, Unmerger
from engine import keys
from engine.errors import Flaw
from engine.links import UNDER_WAY
from engine.merges import unmerging
from engine.rows import Row

WHY_NOT: Final[Mapping[str, str]] = {
    "not_merged": "is not merged into this customer: `merged` of the customer lists who is",
    "already_unmerged": "was split off before; what merged them does not merge them again",
    "only_linked": "was another user's before, so only what it does from now on is this customer's",
    "merge_under_way": "cannot be split off while a merge is under way: try again in a minute",
    "too_large": "cannot be split off: the customer has more state than can be held twice",
    "warming": "cannot be split off while the past of new definitions is filled in: try again when "
    "nothing is `warming` any more",
    "under_way": "cannot be split off while another unmerge is under way: try again in a minute",
}
"""By code: why an identity cannot be split off now, or ever."""

GIVEN_UP: Final[Mapping[str, str]] = {
    "busy": "the customer did too much at this moment",
    "timed_out": "reading the history took longer than half a minute",
    "interrupted": "another merge of the customer came in between",
    "warming": "the past of new definitions is being filled in",
    "clickhouse_behind": "ClickHouse does not hold the newest events yet",
}
"""By reason: why it was given up. Nothing has changed then."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is to be split off."""

    identity: Annotated[str, msgspec.Meta(min_length=3, max_length=requests.ID_MAX_CHARS)]
    """Public id: `anonymous:ID`, `email:ADDRESS`, `phone:NUMBER`, `card:NUMBER`."""


class Split(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    id: str
    customer: str
    identity: str
    """A customer of its own from now on."""
    identities: tuple[str, ...]
    """Who went along: the identity, and what had come by way of it."""
    status: str
    """`done`, or `pending`: then the worker is behind, and the customer's `merges` will tell."""
    url: str
    """Where the customer's merges and refusals are listed."""


class Unmerges:
    """Takes a second or two: the answer says that it is done."""

    def __init__(self, *, rows: Rows, unmerger: Unmerger) -> None:
        self._rows = rows
        self._unmerger = unmerger

    def endpoints(self) -> Sequence[Endpoint]:
        """The route."""
        return (
            Endpoint(
                method="POST",
                path="/api/customers/{id}/unmerge",
                handler=self.unmerge,
                summary="Split an identity off the customer: both become what their own events "
                "make of them, and are not merged again by what merged them.",
                body=Wanted,
                answer=Split,
                statuses=(202, 400, 404, 409, 410, 413, 415, 422, 503),
            ),
        )

    async def unmerge(self, request: Request) -> Response:
        """Carry it out; again after a 503 is safe, for nothing has changed then."""
        row = await self._rows.get(requests.path_id(request))
        wanted = requests.decoded(await requests.json_body(request), Wanted)
        identity = row_key(wanted.identity)
        _require_possible(row, identity)
        ended = await self._unmerger.run(row, identity)
        match ended.state:
            case "done" | "pending":
                status = 200 if ended.state == "done" else 202
                return answers.json(_shape(row, identity, ended), status=status)
            case "refused" | "turned_away":
                raise _conflict(ended.reason, identity)
            case "too_large":
                text = f"{keys.public_id(identity)!r} has more history than a record can hold"
                raise RefusedError("too_large", text)
            case _:
                text = f"given up, nothing has changed: {GIVEN_UP[ended.reason]}; try again"
                raise UnavailableError(ended.reason, text)


def row_key(identity: str) -> str:
    """The row key behind a public id, normalised as it was when it was shown.

    Raises:
        BadRequestError: it is a user's id, which nothing was ever merged under.
    """
    letter, _, identifier = keys.from_public_id(identity).partition(":")
    match letter:
        case "e":
            return keys.email(identifier)
        case "p":
            return keys.phone(identifier)
        case "c":
            return keys.card(identifier)
        case "a":
            return keys.anonymous(identifier)
        case _:
            message = "anonymous:ID, email:ADDRESS, phone:NUMBER or card:NUMBER: users never merge"
            flaw = Flaw(path="identity", message=message)
            raise BadRequestError("invalid_body", f"identity: {message}", flaws=[flaw])


def _require_possible(row: Row, identity: str) -> None:
    if row.unmerge is not None and row.unmerge.state in UNDER_WAY:
        raise _conflict("under_way", identity)
    reason = unmerging.refusal(row, identity)
    if reason:
        raise _conflict(reason, identity)


def _conflict(reason: str, identity: str) -> ConflictError:
    return ConflictError(reason, f"{keys.public_id(identity)!r} {WHY_NOT[reason]}")


def _shape(row: Row, identity: str, ended: Ended) -> Split:
    customer = row.customer.id
    return Split(
        id=ended.id,
        customer=customer,
        identity=keys.public_id(identity),
        identities=tuple(keys.public_id(key) for key in ended.along),
        status=ended.state,
        url=f"/api/customers/{quote(customer, safe='')}/merges",
    )

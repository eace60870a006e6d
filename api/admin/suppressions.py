"""`/api/suppressions`: addresses nothing is sent to, apart from what customers agreed to (X47).

Kept is the hash of an address; while a customer has it, the list shows it and who they are.
"""

import re
import uuid
from collections.abc import Callable, Sequence
from typing import Final, get_args

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, paging, requests, suppressed
from api.admin.definitions import Clock
from api.admin.endpoints import PAGING, Endpoint, Query
from api.admin.errors import BadRequestError, NotFoundError
from api.admin.suppressed import (
    BATCH_MAX,
    NOTE_MAX_CHARS,
    Batch,
    Detailed,
    NotTaken,
    Owners,
    Suppression,
    Taken,
    ToSuppress,
)
from clickhouse.client import Reader
from clickhouse.queries import suppressions as queries
from clickhouse.queries.suppressions import StoredSuppression
from engine import keys, suppressions
from engine.addresses import AddressType
from engine.errors import Flaw
from engine.intake import emails, phones
from engine.suppressions import (
    SuppressionAdded,
    SuppressionReason,
    SuppressionRemoved,
)
from streams import wire
from streams.producer import Producer
from tables.clearance import Clearance
from tables.errors import TablesError
from tables.profiles import Profiles

log = structlog.get_logger(__name__)

_HASH: Final = re.compile(r"[0-9a-f]{32}")

KIND: Final = Query(name="kind", meaning="Only these: email, phone.")
REASON: Final = Query(
    name="reason", meaning=f"Only these: {', '.join(get_args(SuppressionReason))}."
)
ADDRESS: Final = Query(name="address", meaning="Only this: its id, email:ADDRESS or phone:NUMBER.")
NOTE: Final = Query(name="note", meaning=f"Why, for the audit; {NOTE_MAX_CHARS} characters.")


class Suppressions:
    """Written to the address's own log; read from ClickHouse, a second or two behind."""

    def __init__(
        self,
        *,
        reader: Reader,
        producer: Producer,
        profiles: Profiles,
        clearance: Clearance,
        region: Callable[[], str | None],
        clock: Clock,
    ) -> None:
        """`region` is that of numbers written without a country."""
        self._reader = reader
        self._producer = producer
        self._profiles = profiles
        self._clearance = clearance
        self._region = region
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path="/api/suppressions",
                handler=self.list,
                summary="Addresses that nothing, or no marketing, is sent to; changed last first.",
                queries=(*PAGING, KIND, REASON, ADDRESS),
                answer=Suppression,
                statuses=(400, 503),
            ),
            Endpoint(
                method="POST",
                path="/api/suppressions",
                handler=self.add,
                summary=f"Suppress up to {BATCH_MAX} addresses; the same again changes nothing.",
                body=Batch,
                answer=Taken,
                statuses=(400, 413, 415, 503),
            ),
            Endpoint(
                method="GET",
                path="/api/suppressions/{id}",
                handler=self.get,
                summary="One address, by id, email:ADDRESS or phone:NUMBER, with every change.",
                answer=Detailed,
                statuses=(400, 404, 503),
            ),
            Endpoint(
                method="DELETE",
                path="/api/suppressions/{id}",
                handler=self.remove,
                summary="Undo it, whatever the reason: messages are sent there again, as far as "
                "the customer agreed to them. What was, stays in its changes.",
                queries=(NOTE,),
                statuses=(400, 503),
                success=202,
            ),
        )

    async def list(self, request: Request) -> Response:
        """One page."""
        limit = requests.limit(request)
        asked = request.query_params.get("address", "")
        found = await queries.page(
            self._reader,
            kinds=_words(request, "kind", get_args(AddressType)),
            reasons=_words(request, "reason", get_args(SuppressionReason)),
            address=self._hashed(asked).hex() if asked else "",
            after=paging.after(request, paging.BY_TIME),
            limit=limit + 1,
        )
        shown = dict(zip(found, await self._owners(found), strict=True)) if found else {}
        return answers.page(
            paging.page(
                found,
                limit=limit,
                key=lambda one: (one.changed_ms, one.address),
                shape=lambda one: suppressed.shape(one, shown[one]),
            )
        )

    async def add(self, request: Request) -> Response:
        """Append what is an address; answered once Kafka has it."""
        wanted = requests.decoded(await requests.json_body(request), Batch)
        read = [self._address(one) for one in wanted.batch]
        now = self._clock()
        records = [
            wire.shared_record(
                suppressions.counter(address),
                SuppressionAdded(
                    id=uuid.uuid4().hex,
                    occurred_at=now,
                    source="admin",
                    kind=kind,
                    reason=wanted.reason,
                    scope=one.scope,
                    note=one.note,
                ),
            )
            for one, (kind, address) in zip(wanted.batch, read, strict=True)
            if address is not None
        ]
        await self._producer.deliver(records)
        refused = [
            NotTaken(index=index, message="an email or a phone number, one of them, that is one")
            for index, (_, address) in enumerate(read)
            if address is None
        ]
        log.info("addresses_suppressed", count=len(records), refused=len(refused))
        return answers.json(Taken(accepted=len(records), refused=refused))

    async def get(self, request: Request) -> Response:
        """As it stands, and how it came."""
        address = self._hashed(requests.path_id(request))
        found = await queries.page(
            self._reader, kinds=(), reasons=(), address=address.hex(), after=None, limit=1
        )
        if not found:
            raise NotFoundError("suppression", requests.path_id(request))
        [owners] = await self._owners(found)
        told = await queries.changes(self._reader, address.hex())
        shape = msgspec.structs.asdict(suppressed.shape(found[0], owners))
        return answers.json(Detailed(**shape, changes=[suppressed.change(one) for one in told]))

    async def remove(self, request: Request) -> Response:
        """Append the removal; of an address that nothing stands against it changes nothing."""
        address = self._hashed(requests.path_id(request))
        note = request.query_params.get("note", "")
        if len(note) > NOTE_MAX_CHARS:
            raise _invalid("note", f"at most {NOTE_MAX_CHARS} characters")
        event = SuppressionRemoved(
            id=uuid.uuid4().hex, occurred_at=self._clock(), source="admin", note=note
        )
        await self._producer.deliver([wire.shared_record(suppressions.counter(address), event)])
        log.info("suppression_removed", address=address.hex())
        return answers.json({"id": address.hex(), "status": "removed"}, status=202)

    def _address(self, wanted: ToSuppress) -> tuple[AddressType, bytes | None]:
        """The hash of what is wanted; None where it is no address."""
        kind: AddressType = "email" if wanted.phone is None else "phone"
        if (wanted.email is None) == (wanted.phone is None):
            return kind, None
        return kind, self._normalised(kind, wanted.email or wanted.phone or "")

    def _normalised(self, kind: AddressType, text: str) -> bytes | None:
        if kind == "email":
            value = emails.normalised(text)
        else:
            checked = phones.check(text, region=self._region())
            is_valid = checked is not None and checked.address.is_valid
            value = checked.address.value if checked is not None and is_valid else None
        return None if value is None else suppressions.hashed(kind, value)

    def _hashed(self, text: str) -> bytes:
        """Read an id, or an address with its kind.

        Raises:
            BadRequestError: it is neither.
        """
        if _HASH.fullmatch(text):
            return bytes.fromhex(text)
        word, _, value = text.partition(":")
        if word in get_args(AddressType):
            found = self._normalised("email" if word == "email" else "phone", value)
            if found is not None:
                return found
        raise _invalid("address", "an id of 32 hexadecimal digits, email:ADDRESS or phone:NUMBER")

    async def _owners(self, found: Sequence[StoredSuppression]) -> Sequence[Owners]:
        """Each address in the clear, and whose it is; nothing of both while Redis is away."""
        try:
            states = await self._clearance.states([bytes.fromhex(one.address) for one in found])
            owners = [
                [keys.public_id(key) for key in state.members] if state is not None else []
                for state in states
            ]
            firsts = [ids[-1] if ids else "" for ids in owners]
            customers = await self._profiles.get_many(firsts)
        except TablesError as error:
            log.warning("owners_not_shown", code=error.code)
            return [Owners(None, None)] * len(found)
        values = [
            None if customer is None else customer.email if one.kind == "email" else customer.phone
            for one, customer in zip(found, customers, strict=True)
        ]
        return [Owners(*pair) for pair in zip(values, owners, strict=True)]


def _words(request: Request, name: str, known: Sequence[str]) -> Sequence[str]:
    said = request.query_params.get(name, "")
    words = [word.strip() for word in said.split(",") if word.strip()]
    unknown = sorted(set(words) - set(known))
    if unknown:
        raise _invalid(name, f"of {', '.join(known)}; not {unknown[0]!r}")
    return words


def _invalid(path: str, message: str) -> BadRequestError:
    flaw = Flaw(path=path, message=message)
    return BadRequestError("invalid_query", f"{path}: {message}", flaws=[flaw])

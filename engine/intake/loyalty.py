"""Bonus balances, promo codes and tags of the back office."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from engine import events, ids
from engine.errors import RejectedError
from engine.events import BonusBalanceChanged, PromoCodeIssued, TagsChanged
from engine.holdings import Expiring
from engine.intake import identities, products, structure, times, values
from engine.intake.arrivals import Arrival, Origin
from engine.intake.values import Object

TAGS_OF_ONE_CHANGE_MAX: Final = 100
TAG_MAX_CHARS: Final = 100


def balance(item: dict[str, object], /, *, origin: Origin) -> Arrival:
    """Check the balance of one customer; said again at the same `updatedAt` it is the same.

    Raises:
        RejectedError: its path leads from the object.
    """
    structure.check(item)
    key = _key(item)
    updated_at = times.instant(item.get("updatedAt"), path="updatedAt")
    active = values.amount(item.get("active"), path="active")
    if active is None:
        raise RejectedError("missing_amount", "a balance needs its active bonuses", path="active")
    event = BonusBalanceChanged(
        id=ids.derived("bonus-balance", key, updated_at),
        occurred_at=times.clamped(updated_at, received_at=origin.received_at),
        source=origin.source,
        updated_at=updated_at,
        active=active,
        pending=values.amount(item.get("pending"), path="pending") or Decimal(0),
        expiring=tuple(
            _expiring(entry, place)
            for place, entry in products.entries(item.get("expiring"), path="expiring")
        ),
    )
    return Arrival(key=key, kind=events.KINDS[BonusBalanceChanged], event=event)


def promo_code(item: dict[str, object], /, *, origin: Origin) -> Arrival:
    """Check a code issued to a customer; upserted by code and `updatedAt`.

    Raises:
        RejectedError: its path leads from the object.
    """
    structure.check(item)
    key = _key(item)
    code = values.identifier(item.get("code"), path="code")
    if code is None:
        raise RejectedError("missing_id", "a promo code needs its code", path="code")
    issued_at = times.instant(item.get("issuedAt"), path="issuedAt")
    updated = item.get("updatedAt")
    updated_at = issued_at if updated is None else times.instant(updated, path="updatedAt")
    expires, used = item.get("expiresAt"), item.get("usedAt")
    event = PromoCodeIssued(
        id=ids.derived("promo-code", key, code, updated_at),
        occurred_at=times.clamped(issued_at, received_at=origin.received_at),
        source=origin.source,
        updated_at=updated_at,
        code=code,
        group=values.text(item.get("group")),
        campaign=values.identifier(item.get("campaign"), path="campaign"),
        expires_at=None if expires is None else times.instant(expires, path="expiresAt"),
        is_reissued=_flag(item.get("reissued"), path="reissued"),
        used_at=None if used is None else times.instant(used, path="usedAt"),
    )
    return Arrival(key=key, kind=events.KINDS[PromoCodeIssued], event=event)


def tags(item: dict[str, object], /, *, origin: Origin) -> Arrival:
    """Check a change of tags: `add` and `remove`; what neither names stays.

    Raises:
        RejectedError: its path leads from the object.
    """
    structure.check(item)
    key = _key(item)
    updated_at = times.instant(item.get("updatedAt"), path="updatedAt")
    added, removed = names(item.get("add"), path="add"), names(item.get("remove"), path="remove")
    if not added and not removed:
        raise RejectedError("missing_tags", "name tags to add or to remove", path="add")
    event = TagsChanged(
        id=ids.derived("tags", key, updated_at, *added, "-", *removed),
        occurred_at=times.clamped(updated_at, received_at=origin.received_at),
        source=origin.source,
        added=added,
        removed=removed,
        origin="import",
    )
    return Arrival(key=key, kind=events.KINDS[TagsChanged], event=event)


def names(value: object, *, path: str) -> tuple[str, ...]:
    """Take a list of tags, each once, without blanks around them.

    Raises:
        RejectedError: `invalid_shape`, `invalid_tag`, `too_many_tags`.
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        raise RejectedError("invalid_shape", "expected an array of tags", path=path)
    if len(value) > TAGS_OF_ONE_CHANGE_MAX:
        raise RejectedError(
            "too_many_tags", f"{len(value)} tags; at most {TAGS_OF_ONE_CHANGE_MAX}", path=path
        )
    return tuple(dict.fromkeys(_names(value, path=path)))


def _names(given: Iterable[object], *, path: str) -> Iterable[str]:
    for place, tag in enumerate(given):
        name = tag.strip() if isinstance(tag, str) else ""
        if not name or len(name) > TAG_MAX_CHARS or structure.CONTROL.search(name):
            raise RejectedError(
                "invalid_tag",
                f"{values.shown(tag)} is no tag of 1 to {TAG_MAX_CHARS} characters",
                path=f"{path}[{place}]",
            )
        yield name


def _expiring(entry: Object, path: str) -> Expiring:
    amount = values.amount(entry.get("amount"), path=f"{path}.amount")
    if amount is None:
        raise RejectedError("missing_amount", "how many bonuses expire", path=f"{path}.amount")
    return Expiring(times.instant(entry.get("at"), path=f"{path}.at"), amount)


def _flag(value: object, *, path: str) -> bool:
    if value is None or isinstance(value, bool):
        return bool(value)
    raise RejectedError("invalid_shape", f"{values.shown(value)} is not true or false", path=path)


def _key(item: Object) -> str:
    customer_id = identities.known(item.get("customerId"), "customerId")
    if customer_id is None:
        raise RejectedError("missing_identifier", "whose is it?", path="customerId")
    return identities.user_key(customer_id, path="customerId")

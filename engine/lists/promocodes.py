"""Promo codes issued to the customer, by whichever campaign or mailing."""

from collections.abc import Iterable

import msgspec

from engine.customer import Customer
from engine.events import PromoCodeIssued
from engine.holdings import PROMO_CODES_MAX, PromoCode


def issue(customer: Customer, event: PromoCodeIssued) -> Customer:
    """Upsert by code: the newest by source time counts; the oldest issued beyond the cap leaves."""
    issued = PromoCode(
        code=event.code,
        issued_at=event.occurred_at,
        updated_at=event.updated_at,
        group=event.group,
        campaign=event.campaign,
        expires_at=event.expires_at,
        is_reissued=event.is_reissued,
        used_at=event.used_at,
    )
    codes = merged(customer.promo_codes, (issued,))
    return msgspec.structs.replace(customer, promo_codes=codes)


def merged(known: Iterable[PromoCode], others: Iterable[PromoCode]) -> tuple[PromoCode, ...]:
    """Each code once, as said last; of two words at one time the known one stays."""
    found = {code.code: code for code in known}
    for code in others:
        before = found.get(code.code)
        if before is None or code.updated_at > before.updated_at:
            found[code.code] = code
    return tuple(sorted(found.values(), key=_issued))[-PROMO_CODES_MAX:]


def _issued(code: PromoCode) -> tuple[int, str]:
    return code.issued_at, code.code

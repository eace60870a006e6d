"""A promo code of a pool: a place of the pool is claimed, and the code at it is the customer's.

held out ──────────────────▶ none is taken
a place ──granted──────────▶ issued: in the profile, told, there for templates
└─refused, no pool─▶ elsewhere
"""

from typing import NamedTuple

from engine import ids
from engine.claims import ClaimGranted, ClaimRefused
from engine.definitions import pools
from engine.definitions.basestep import StepId
from engine.definitions.gifts import PromoStep
from engine.definitions.pools import Pool
from engine.effects import ClaimShared, RecordFact
from engine.events import PromoCodeIssued
from engine.facts import ChangeKind, Fact
from engine.journeys.capped import ANSWER_MS, Asked
from engine.journeys.walks import Walk
from engine.lists import promocodes


class Went(NamedTuple):
    """The step is done."""

    to: StepId | None


def issue(walk: Walk, step: PromoStep) -> Went | Asked:
    """Give the customer a code, or ask for one."""
    if walk.instance.is_shadow:
        return Went(step.next)
    entry = walk.definitions.pools.get(step.pool)
    if entry is None or entry.deleted:
        return Went(step.otherwise)
    claim_id = ids.derived("promo", walk.instance.id, walk.instance.step, walk.rounds)
    answer = walk.answer
    if isinstance(answer, ClaimRefused) and answer.claim_id == claim_id:
        return Went(step.otherwise)
    if isinstance(answer, ClaimGranted) and answer.claim_id == claim_id:
        return _granted(walk, step, entry.latest, answer)
    walk.effects.append(
        ClaimShared(
            claim_id=claim_id,
            counter=counter(step.pool),
            limit=entry.latest.count,
            timeout_ms=ANSWER_MS,
            is_numbered=True,
        )
    )
    walk.ask(claim_id)
    return Asked()


def counter(pool_id: str) -> str:
    """What counts the places of a pool."""
    return f"pool:{ids.derived('pool', pool_id)}"


def _granted(walk: Walk, step: PromoStep, pool: Pool, answer: ClaimGranted) -> Went:
    assert answer.place is not None, "it was asked for by number"
    walk.answer = None
    now, code = walk.clock.now, pools.code_at(pool, answer.place)
    event = PromoCodeIssued(
        id=answer.claim_id,
        occurred_at=now,
        updated_at=now,
        code=code,
        group=pool.id,
        campaign=walk.instance.campaign,
        expires_at=pools.expiry(pool, now=now),
    )
    walk.customer = promocodes.issue(walk.customer, event)
    _tell(walk, "promo_code_issued", pool, answer, after=code)
    if answer.left_count == pool.low:
        _tell(walk, "pool_low", pool, answer, after=str(answer.left_count))
    return Went(step.next)


def _tell(walk: Walk, kind: ChangeKind, pool: Pool, answer: ClaimGranted, *, after: str) -> None:
    instance = walk.instance
    fact = Fact(
        id=ids.derived(kind, walk.customer.id, answer.claim_id),
        customer=walk.customer.id,
        kind=kind,
        at=walk.clock.now,
        campaign=instance.campaign,
        version=instance.version,
        trigger=instance.trigger,
        instance=instance.id,
        step=instance.step,
        name=pool.id,
        after=after,
        cause=walk.clock.cause,
    )
    walk.effects.append(RecordFact(fact=fact))

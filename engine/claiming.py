"""A customer's side of claims: what the row waits for, and what becomes of an answer.

    ClaimShared ──▶ waiting, under a timer ──▶ granted, refused ──▶ the step is told
                        │ time is up, or abandoned
                        ▼
                    nobody waits ──▶ the grant that comes then is given back

A grant is given back by one side only: by whoever took it (`ReleaseShared`), or, when nobody did,
here. So no place is lost, and none is given back twice (docs/decisions/0022).
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import msgspec

from engine import ids
from engine.claims import ClaimAnswer, Claimed, ClaimGranted, Released, SharedEvent
from engine.effects import ClaimShared, ReleaseShared
from engine.emissions import Emission

CLAIMS_MAX: Final = 100
"""Claims a row waits for; about 100 bytes each. Beyond it the oldest counts as timed out."""

Outcome: TypeAlias = Literal["taken", "nobody", "repeated"]


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """A claim that is not answered yet."""

    counter: str
    number: int


def outcome(claims: Mapping[str, Waiting], answer: ClaimAnswer) -> Outcome:
    """Tell what an answer means to the row.

    A fresh grant is taken by whoever waits for that claim, or else given back. What only repeats
    an earlier answer concerns the one wait it answers: the place is somebody's already.
    """
    waiting = claims.get(answer.claim_id)
    is_fresh = isinstance(answer, ClaimGranted) and answer.is_fresh
    if waiting is not None and (is_fresh or waiting.number == answer.number):
        return "taken"
    return "nobody" if is_fresh else "repeated"


def claimed(customer: str, effect: ClaimShared, *, number: int, now: int) -> Emission:
    """The claim as it goes to the counter."""
    event = Claimed(
        id=ids.derived("claimed", customer, effect.claim_id, number),
        occurred_at=now,
        claim_id=effect.claim_id,
        customer=customer,
        number=number,
        limit=effect.limit,
        window_ms=effect.window_ms,
        guard=effect.guard,
        is_numbered=effect.is_numbered,
        capped=effect.capped,
    )
    return _to(effect.counter, event)


def released(customer: str, effect: ReleaseShared, *, now: int) -> Emission:
    """A place that its customer gives back."""
    event = Released(
        id=ids.derived("released", customer, effect.claim_id, effect.grant, *_outcome(effect)),
        occurred_at=now,
        claim_id=effect.claim_id,
        customer=customer,
        grant=effect.grant,
        granted_at=effect.granted_at,
        accepted=effect.accepted,
    )
    return _to(effect.counter, event)


def _outcome(effect: ReleaseShared) -> tuple[str, ...]:
    """What tells a place used up from the same place given back before."""
    return () if effect.accepted is None else ("accepted",)


def given_back(customer: str, answer: ClaimAnswer, *, now: int) -> list[Emission]:
    """What follows from an answer nobody waits for."""
    if not isinstance(answer, ClaimGranted) or not answer.is_fresh:
        return []
    effect = ReleaseShared(
        claim_id=answer.claim_id,
        counter=answer.counter,
        grant=answer.grant,
        granted_at=answer.granted_at,
    )
    return [released(customer, effect, now=now)]


def _to(counter: str, event: SharedEvent) -> Emission:
    return Emission("shared", msgspec.json.encode(event), key=counter)

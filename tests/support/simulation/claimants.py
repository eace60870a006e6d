"""Customers who join and leave what has few places: a step beside the engine's own.

Nothing of the engine claims places yet; what will is a campaign. Here an event named `join 1`
claims, `leave 1` gives back, and `spend 1` forgets the place without giving it back.
"""

from engine import ids
from engine import step as engine_steps
from engine.claims import ClaimGranted
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.effects import AbandonClaim, ClaimShared, Effect, RecordFact, ReleaseShared
from engine.events import Event, Tracked
from engine.facts import Fact, FactKind
from engine.step import Decision
from tests.support.claims import renamed

LIMIT = 2
WINDOW_MS = 20_000
TIMEOUT_MS = 5_000
"""Short, so that many answers come too late."""

TOTAL = "campaign:total:limit"
"""Its places are told apart, as the codes of a pool are."""
CAPPED = "campaign:capped:limit"
"""Its places become free again after `WINDOW_MS`."""

COUNTERS = {"1": TOTAL, "2": TOTAL, "3": CAPPED}
"""By the claim's name."""


def window_of(counter: str) -> int:
    """In ms; 0 without one."""
    return WINDOW_MS if counter == CAPPED else 0


def step(customer: Customer, event: Event, definitions: Definitions, now: int) -> Decision:
    """As `engine.step.step`, and what joining and leaving lead to."""
    before = engine_steps.step(customer, event, definitions, now)
    after, effects = before.customer, before.effects
    match event:
        case ClaimGranted():
            place = [event.grant, event.granted_at]
            entered = _fact(
                "entered",
                event.claim_id,
                event.grant,
                event_id=event.id,
                at=now,
                place=event.place,
            )
            inside = renamed(after, f"place:{event.claim_id}", place)
            # The engine knows nobody who claimed this, and would give it back.
            return Decision(inside, [entered])
        case Tracked(name=name) if " " in name:
            found = _acted(after, event, now=now)
            return Decision(found.customer, [*effects, *found.effects])
        case _:
            return before


def _acted(customer: Customer, event: Tracked, *, now: int) -> Decision:
    action, claim_name = event.name.split()
    claim_id, counter = f"{customer.id}/{claim_name}", COUNTERS[claim_name]
    if action == "join":
        claim = ClaimShared(
            claim_id=claim_id,
            counter=counter,
            limit=LIMIT,
            window_ms=window_of(counter),
            timeout_ms=TIMEOUT_MS,
            is_numbered=counter == TOTAL,
        )
        return Decision(customer, [claim])
    place = customer.attributes.get(f"place:{claim_id}")
    without = renamed(customer, f"place:{claim_id}", None)
    if action == "spend" or not isinstance(place, list):
        nothing: list[Effect] = [] if action == "spend" else [AbandonClaim(claim_id=claim_id)]
        return Decision(without, nothing)
    grant, granted_at = place
    left = ReleaseShared(claim_id=claim_id, counter=counter, grant=grant, granted_at=granted_at)
    return Decision(without, [left, _fact("exited", claim_id, grant, event_id=event.id, at=now)])


def _fact(
    kind: FactKind,
    claim_id: str,
    grant: int,
    *,
    event_id: str,
    at: int,
    place: int | None = None,
) -> RecordFact:
    """Where the checker reads who took a place, and who gave it back."""
    return RecordFact(
        fact=Fact(
            id=ids.derived(kind, claim_id, event_id),
            customer=claim_id,
            kind=kind,
            at=at,
            name=claim_id,
            before=None if place is None else str(place),
            after=str(grant),
        )
    )

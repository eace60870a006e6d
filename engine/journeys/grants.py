"""A place of a counter that nobody has a use for any more."""

from engine.claims import ClaimAnswer, ClaimGranted
from engine.effects import Effect, ReleaseShared


def given_back(answer: ClaimAnswer | None) -> list[Effect]:
    """What follows from an answer that is not used; nothing, unless it is a grant."""
    if not isinstance(answer, ClaimGranted):
        return []
    return [
        ReleaseShared(
            claim_id=answer.claim_id,
            counter=answer.counter,
            grant=answer.grant,
            granted_at=answer.granted_at,
        )
    ]

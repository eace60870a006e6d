"""What became of a run's message: each ends in exactly one outcome, and the run goes on (c.2, 14).

sent ──▶ accepted ─────────────────────────────▶ next
└───▶ failed, in doubt, expired, no answer ──▶ on_failed
"""

from typing import Final

from engine.definitions.steps import SendStep
from engine.events import Event, Responded
from engine.journeys.walks import Walk

GRACE_MS: Final = 15 * 60 * 1000
"""How long after a message's time to live its outcome is waited for: delivery tells of what it held
too long, but not of what was dropped when it was asked again."""

_FAILED: Final = frozenset({"failed", "in_doubt", "expired"})


def awaits(walk: Walk, step: SendStep) -> bool:
    """Whether the run stays at the step until its message has an outcome."""
    return step.on_failed is not None and bool(walk.instance.message_id)


def is_accepted(walk: Walk, event: Event) -> bool | None:
    """Whether the run's message was taken; None: the event says nothing of that."""
    if not isinstance(event, Responded) or event.message_id != walk.instance.message_id:
        return None
    return event.response not in _FAILED

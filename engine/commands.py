"""Commands of ours to a customer's row."""

from engine.baseevent import BaseEvent


class Reassessed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="reassessed"):
    """Definitions changed, or fifths moved: judge the customer by what goes now."""

"""A customer's run through a campaign, as the row keeps it between two steps."""

from typing import Final

import msgspec

INSTANCES_MAX: Final = 30
"""Runs of one customer at once, over all campaigns; about 350 bytes each, and with the triggering
event and what is remembered of the entry at most 3.4 KB: 102 KB."""

PURSUITS_MAX: Final = 30
"""Entries whose goals can still be reached, of campaigns that have goals; about 250 bytes each. The
oldest leaves."""

EVENT_MAX_BYTES: Final = 2_048
"""Of the triggering event as JSON; of a larger one its lists are left out, then all of it."""


class Instance(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a run stands. It stays on the version it began with."""

    id: str
    """Hash of what made it: campaign, version, customer, trigger, key and cause."""
    campaign: str
    version: int
    trigger: str
    key: str = ""
    """What it is about, by the trigger's correlation key; empty: the customer."""
    step: str
    entered_at: int
    """Log time, epoch ms, as the next; `caused_at` is the source's."""
    arrived_at: int
    """At the step."""
    caused_at: int
    due_at: int | None = None
    """When its timer goes off; None waits for nothing but events."""
    turns: dict[str, int] = {}
    """How often each loop step led back."""
    is_shadow: bool = False
    """Held out: goes the whole way and is sent nothing."""
    admits: tuple[str, ...] = ()
    """The run waits for a place in a campaign that takes only so many: it has not begun, and these
    are to be remembered as entered once it does. Empty of a run that is on."""
    asks: str = ""
    """The message for which a place under frequency caps is asked (`engine.journeys.capped`), or
    the claim of a place in the sample of an A/B test (`engine.journeys.trying`)."""
    vies: str = ""
    """Why its message waits for a place under a cap, as far as it was recorded; empty: it does
    not."""
    ends_at: int | None = None
    """Of a wait: when its time is over; until then its timer may only look whether a rule holds."""
    verdict_by: int | None = None
    """Of an A/B test whose sample had no place left: when the wait for its verdict is over."""
    message_id: str = ""
    """Of a send: the message whose outcome the run waits for."""
    met: tuple[str, ...] = ()
    """Branches of waits, as `step/branch`, that came true, the first one first; about 20 bytes
    each, at most `waits.PRIORS_MAX` and those of one step."""
    held: tuple[str, ...] = ()
    """The same of rules that held already when they were first looked at."""
    arms: dict[str, str] = {}
    """That it went by, by experiment: the last `engine.why.ARMS_MAX`, about 40 bytes each."""
    halted_ms: int = 0
    """How much longer it waited at this step for the pauses it stood still in."""
    event: dict[str, object] = {}
    """The triggering event, for templates and conditions."""
    entry: dict[str, object] = {}
    """Of the customer as the run began: what the campaign names, by `engine.rules.scopes`; at most
    1 KB."""


class Pursuit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry whose goals can still be reached, whether the run is on or over."""

    id: str
    """Of the run, as the next."""
    campaign: str
    version: int
    trigger: str
    key: str = ""
    key_path: str = ""
    """Where the trigger reads the key."""
    caused_at: int
    """By the source's clock, as `ends_at`."""
    ends_at: int
    """When the longest window is over."""
    is_shadow: bool = False
    reached: tuple[str, ...] = ()
    """Goals that do not count any more: reached, or held at the entry."""

"""What goes for the messages of every campaign that names the policy; `default` for the others."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from engine import caps, durations
from engine.caps import LIMITS_MAX, Cap
from engine.definitions import controls
from engine.definitions.controls import Control
from engine.errors import Flaw
from engine.schedules import quiet
from engine.schedules.quiet import QuietHours

PRIORITY_WINDOW_MAX_MS: Final = 60 * 60 * 1000

DEFAULT: Final = "default"
"""Of campaigns that name none. While nobody has saved it, it is `Policy` as it comes."""


class Policy(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One version. Of marketing only: what is transactional is exempt from all of it."""

    id: str
    name: str = ""
    quiet_hours: QuietHours | None = None
    unknown_consent: Literal["refuse", "allow"] = "refuse"
    """What becomes of messages to whoever said neither yes nor no."""
    caps: tuple[Cap, ...] = ()
    """How many messages a customer, and an address, gets; of every campaign, whatever its policy,
    count those that a cap names. They hold back those of this policy."""
    on_cap: Literal["defer", "skip", "exit"] = "defer"
    """What is capped waits for the earliest instant at which it is not, or is not sent and the run
    goes on, or ends."""
    priority_window: str | None = "5m"
    """How long the last place under a cap is kept open for a campaign of higher priority; null: who
    comes first has it."""
    send_time: Literal["now", "best_hour"] = "now"
    """With `best_hour` a message waits for the hour at which the customer answers most, within its
    time; then quiet hours are asked."""
    control: Control | None = None
    """Who is held out of every campaign under this policy."""


class PolicyEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A policy with every version."""

    revision: int
    versions: Mapping[int, Policy]
    deleted: bool = False

    @property
    def latest(self) -> Policy:
        """The newest version."""
        return self.versions[max(self.versions)]


def of(policies: Mapping[str, PolicyEntry], policy_id: str) -> Policy:
    """The policy of a campaign; of one that is not there, or no more, the default's."""
    for name in (policy_id, DEFAULT):
        entry = policies.get(name)
        if entry is not None and not entry.deleted:
            return entry.latest
    return Policy(id=DEFAULT)


def flaws(policy: Policy) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    hours = policy.quiet_hours
    return [
        *([] if hours is None else quiet.flaws(hours, path="quiet_hours")),
        *caps.flaws(policy.caps, path="caps"),
        *_window_flaws(policy.priority_window),
        *([] if policy.control is None else controls.flaws(policy.control, path="control")),
    ]


def every_cap(policies: Mapping[str, PolicyEntry]) -> tuple[Cap, ...]:
    """The caps of every policy, each once."""
    known = (entry.latest.caps for entry in policies.values() if not entry.deleted)
    return tuple(dict.fromkeys(cap for found in known for cap in found))


def flaws_among(policy: Policy, policies: Mapping[str, PolicyEntry]) -> list[Flaw]:
    """What is wrong with it beside the others: a row keeps the messages that all caps need."""
    others = {name: entry for name, entry in policies.items() if name != policy.id}
    together = dict.fromkeys((*every_cap(others), *policy.caps))
    if sum(cap.limit for cap in together) <= LIMITS_MAX:
        return []
    message = f"the limits of all policies' caps together are at most {LIMITS_MAX}"
    return [Flaw(path="caps", message=message)]


def _window_flaws(window: str | None) -> list[Flaw]:
    if window is None:
        return []
    try:
        is_short = durations.parse_ms(window) <= PRIORITY_WINDOW_MAX_MS
    except ValueError as error:
        return [Flaw(path="priority_window", message=str(error))]
    return [] if is_short else [Flaw(path="priority_window", message="at most 1h")]

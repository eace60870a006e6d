"""What goes for the messages of every campaign that names the policy; `default` for the others."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from engine.errors import Flaw
from engine.schedules import quiet
from engine.schedules.quiet import QuietHours

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
    return [] if hours is None else quiet.flaws(hours, path="quiet_hours")

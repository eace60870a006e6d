"""What has become of a message's campaign since, and whether its template can be filled.

Our own fold of the definitions says whether it still runs: a pause holds back what is in the queue
already. One customer of whom a template asks too much is that customer's misfortune; so many in a
row, with nobody in between for whom it worked, are the template's: its campaign is switched off.
"""

from collections import OrderedDict
from typing import Final, NamedTuple

from engine import ids
from engine.definitions.entries import CampaignStatus
from engine.definitions.folded import Definitions
from engine.faults import CampaignFailed
from engine.messages import Message

HALTED: Final[frozenset[CampaignStatus]] = frozenset({"paused", "failed", "stopped"})

IN_A_ROW_MAX: Final = 20
"""Customers. Fewer happen by chance: of a hundred without a first name twenty do not come in a row
in a campaign of any use."""

STEPS_MAX: Final = 1_000
"""Watched at once; about 2 KB each at most. Those that failed longest ago are forgotten."""


class Step(NamedTuple):
    """What is filled: a step of a version, with a version of its template."""

    campaign: str
    version: int
    step: str
    template_version: int


class Fillings:
    """Who could not be sent what, in a row; of one process, from its start."""

    def __init__(self) -> None:
        self._failed: OrderedDict[Step, set[str]] = OrderedDict()

    def filled(self, message: Message) -> None:
        """It works for somebody."""
        if self._failed:
            self._failed.pop(_step(message), None)

    def failed(
        self, message: Message, definitions: Definitions, *, now: int
    ) -> CampaignFailed | None:
        """It does not; what is to be said of the campaign, if that is one too many."""
        step = _step(message)
        customers = self._failed.setdefault(step, set())
        customers.add(message.customer)
        self._failed.move_to_end(step)
        if len(self._failed) > STEPS_MAX:
            self._failed.popitem(last=False)
        if len(customers) < IN_A_ROW_MAX:
            return None
        del self._failed[step]
        return _report(message, definitions, now=now)


def is_halted(message: Message, definitions: Definitions) -> bool:
    """Whether it must not leave now; of a campaign that we do not know yet the worker decides."""
    entry = definitions.campaigns.get(message.campaign)
    return entry is not None and entry.status in HALTED


def _report(message: Message, definitions: Definitions, *, now: int) -> CampaignFailed | None:
    entry = definitions.campaigns.get(message.campaign)
    if entry is None or entry.published_version != message.version:
        return None
    return CampaignFailed(
        id=ids.derived("failed", message.campaign, entry.revision, message.id),
        occurred_at=now,
        source="delivery",
        campaign=message.campaign,
        version=message.version,
        revision=entry.revision,
        place=f"steps.{message.step}.template",
        code="not_fillable",
        event=message.id,
    )


def _step(message: Message) -> Step:
    return Step(message.campaign, message.version, message.step, message.template_version)

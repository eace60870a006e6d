"""What a back-test found, counted as it goes: bounded, however long the time."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeAlias

import msgspec

from engine.definitions.folded import Definitions
from engine.definitions.templates import Template
from engine.facts import Fact
from engine.messages import Message
from engine.rehearsal import telling
from engine.rehearsal.telling import Entry, Line, Shown
from engine.replay import Decision, Refused

SAMPLES_MAX: Final = 5
CONFLICTS_MAX: Final = 100
"""Campaigns named."""

DAY_MS: Final = 24 * 60 * 60 * 1000

Render: TypeAlias = Callable[[Message, Template], Shown]


class Day(msgspec.Struct, kw_only=True):
    """A day of the log, UTC."""

    day: str
    fired: int = 0
    entered: int = 0
    sent: int = 0
    not_sent: int = 0


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """Another campaign that writes to the same customers on the same days."""

    campaign: str
    customer_days: int


class Report(msgspec.Struct, kw_only=True):
    """Of one campaign in the time asked for."""

    events: int = 0
    """Records read, those before that time too: they made the customers what they are."""
    fired: int = 0
    entered: int = 0
    sent: int = 0
    refused: dict[str, int] = {}
    """Messages and entries that were not, by reason."""
    deferred: dict[str, int] = {}
    exited: dict[str, int] = {}
    fired_per_day: float = 0.0
    days: list[Day] = []
    conflicts: list[Conflict] = []
    samples: list[Line] = []
    """The first messages, rendered."""
    errors: int = 0
    """Events that could not be applied."""
    is_as_recorded: bool = True
    """Nothing had to be supposed: this version ran all the time, and this is what it did."""


class Tally:
    """Counts decisions."""

    def __init__(self, *, campaign: str, since: int, render: Render) -> None:
        self.report = Report()
        self._campaign = campaign
        self._since = since
        self._render = render
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._messages: dict[str, Message] = {}
        self._today = -1
        self._sent_today: defaultdict[str, set[str]] = defaultdict(set)
        """Customers by campaign."""
        self._conflicts: Counter[str] = Counter()

    def take(self, decision: Decision, *, at: int, definitions: Definitions) -> None:
        """Count a decision made at a log time; those before the time asked for are left out."""
        if at < self._since:
            return
        self._turn(at)
        match decision:
            case Message():
                self._sent_today[decision.campaign].add(decision.customer)
                if decision.campaign == self._campaign and self._has_room:
                    self._messages[decision.id] = decision
            case Fact(campaign=campaign) if campaign == self._campaign:
                self._count(decision, definitions)
            case Refused():
                self.report.errors += 1
            case _:
                pass

    def close(self, *, until: int) -> Report:
        """The whole report."""
        self._end_day()
        report = self.report
        report.fired = sum(self._counts["fired"].values())
        report.entered = sum(self._counts["entered"].values())
        report.sent = sum(self._counts["sent"].values())
        report.refused = dict(self._counts["not_sent"].most_common())
        report.deferred = dict(self._counts["deferred"].most_common())
        report.exited = dict(self._counts["exited"].most_common())
        days = max((until - self._since) / DAY_MS, 1 / 24)
        report.fired_per_day = round(report.fired / days, 2)
        report.conflicts = [
            Conflict(campaign=name, customer_days=count)
            for name, count in self._conflicts.most_common(CONFLICTS_MAX)
        ]
        return report

    @property
    def _has_room(self) -> bool:
        return len(self.report.samples) + len(self._messages) < SAMPLES_MAX

    def _count(self, fact: Fact, definitions: Definitions) -> None:
        self._counts[fact.kind][fact.reason or ""] += 1
        day = self.report.days[-1]
        match fact.kind:
            case "fired":
                day.fired += 1
            case "entered":
                day.entered += 1
            case "sent":
                day.sent += 1
                self._sample(fact, definitions)
            case "not_sent":
                day.not_sent += 1
            case _:
                pass

    def _sample(self, fact: Fact, definitions: Definitions) -> None:
        message = self._messages.pop(fact.message_id or "", None)
        if message is None:
            return
        template = definitions.templates[message.template].versions[message.template_version]
        entry = Entry(fact, message, self._render(message, template))
        self.report.samples.append(telling.line(entry, start=self._since))

    def _turn(self, at: int) -> None:
        """Begin a new day, if it is one."""
        today = at // DAY_MS
        if today == self._today:
            return
        self._end_day()
        self._today = today
        told = datetime.fromtimestamp(today * DAY_MS / 1000, UTC).date().isoformat()
        self.report.days.append(Day(day=told))

    def _end_day(self) -> None:
        """Who was written to twice on it is known now."""
        own = self._sent_today.pop(self._campaign, set())
        for campaign, customers in self._sent_today.items():
            if both := len(own & customers):
                self._conflicts[campaign] += both
        self._sent_today.clear()

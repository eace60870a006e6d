"""The working copy of one run while its steps are taken; nobody else touches it."""

from typing import Final, NamedTuple

import msgspec

from engine import ids, why
from engine.claims import ClaimAnswer
from engine.customer import Customer
from engine.definitions import places
from engine.definitions.folded import Definitions, LiveTrigger
from engine.definitions.plans import Plan
from engine.effects import AbandonClaim, CancelTimer, Effect, RecordFact, ScheduleTimer
from engine.facts import Fact, FactKind
from engine.instances import Instance
from engine.journeys import asking, findings
from engine.journeys.findings import Standing
from engine.reasons import Reason
from engine.rules.nodes import Rule
from engine.why import Asked, Saw, Why

TIMER: Final = "run:"
"""Before the id of the run in the id of its timer."""


class Clock(NamedTuple):
    """When a step is taken; epoch ms."""

    now: int
    """Log time."""
    at: int
    """When what led here happened, or was due."""
    cause: str = ""
    """Id of the event that led here."""


class Walk:
    """One run, moving through the steps of its version."""

    def __init__(
        self,
        customer: Customer,
        instance: Instance,
        *,
        live: LiveTrigger,
        definitions: Definitions,
        clock: Clock,
    ) -> None:
        self.customer = customer
        self.instance = instance
        self.live = live
        self.definitions = definitions
        self.clock = clock
        self.effects: list[Effect] = []
        self.answer: ClaimAnswer | None = None
        """Of the address, to the message that asked for a place; None once it is used."""
        self._asked: list[Asked] = []
        """Rules that led to the next decision."""

    @property
    def rounds(self) -> int:
        """How often any loop led back: what tells two visits of a step apart."""
        return sum(self.instance.turns.values())

    @property
    def plan(self) -> Plan:
        """What was worked out of the run's version."""
        return self.definitions.plan(self.instance.campaign, self.instance.version)

    def holds(self, rule: Rule | None) -> bool:
        """Whether a rule of the run holds; there being none, it does."""
        run, now = self.instance, self.clock.now
        return asking.holds_of_run(rule, self.customer, self.definitions, run=run, now=now)

    def decides(self, rule: Rule, *, place: str) -> bool:
        """The same, of a rule that the next decision rests on: what it read is kept with it."""
        run = self.instance if places.is_of_run(place) else None
        found = asking.traced(
            rule,
            self.customer,
            self.definitions,
            run=run,
            now=self.clock.now,
            in_doubt=places.in_doubt(place),
        )
        self._asked.append(Asked(place, found.is_true, found.operands))
        return found.is_true

    def deal(self, experiment: str, arm: str) -> None:
        """Remember the arm that the run goes by."""
        arms = why.with_arm(self.instance.arms, experiment, arm)
        self.instance = msgspec.structs.replace(self.instance, arms=arms)

    def move(self, step: str) -> None:
        """Arrive at a step."""
        self.instance = msgspec.structs.replace(
            self.instance,
            step=step,
            arrived_at=self.clock.now,
            due_at=None,
            message_id="",
            vies="",
            verdict_by=None,
            halted_ms=0,
        )

    def shadow(self) -> None:
        """Go on without being sent anything."""
        self.instance = msgspec.structs.replace(self.instance, is_shadow=True)

    def turn(self, loop: str) -> None:
        """Count one more round of a loop."""
        turns = {**self.instance.turns, loop: self.instance.turns.get(loop, 0) + 1}
        self.instance = msgspec.structs.replace(self.instance, turns=turns)

    def wait(self, due_at: int) -> None:
        """Stay at the step until then, or until an event that is waited for."""
        self.instance = msgspec.structs.replace(self.instance, due_at=due_at)
        self.effects.append(ScheduleTimer(timer_id=timer_id(self.instance), due_at=due_at))
        self.keep()

    def halt(self, owed_ms: int) -> None:
        """Wait as much longer as the clocks stood still."""
        due_at = self.instance.due_at or self.clock.now
        halted_ms = self.instance.halted_ms + owed_ms
        self.instance = msgspec.structs.replace(self.instance, halted_ms=halted_ms)
        self.wait(due_at + owed_ms)

    def vie(self, reason: Reason) -> None:
        """The message waits for a place under a cap: recorded once for each reason."""
        if self.instance.vies != reason:
            self.record("deferred", reason, step=self.instance.step)
            self.instance = msgspec.structs.replace(self.instance, vies=reason)

    def ask(self, message_id: str) -> None:
        """Stay at the step until the message's claim is answered."""
        self.instance = msgspec.structs.replace(self.instance, asks=message_id, due_at=None)
        self.effects.append(CancelTimer(timer_id=timer_id(self.instance)))
        self.keep()

    def hear(self, answer: ClaimAnswer | None) -> None:
        """The claim was answered; None: not in time."""
        self.answer = answer
        self.instance = msgspec.structs.replace(self.instance, asks="")

    def hold(self, *, admits: tuple[str, ...]) -> None:
        """Wait for a place before the run begins."""
        self.note(admits=admits)
        self.keep()

    def note(self, **fields: object) -> None:
        """Remember something of the run; stored when it waits, or is kept."""
        self.instance = msgspec.structs.replace(self.instance, **fields)

    def begin(self) -> None:
        """The run has its place."""
        self.instance = msgspec.structs.replace(
            self.instance, admits=(), entered_at=self.clock.now, arrived_at=self.clock.now
        )

    def leave(self, reason: Reason) -> None:
        """End the run, or the wait for its place."""
        is_held = bool(self.instance.admits)
        if any(one.id == self.instance.id for one in self.customer.runs):
            others = tuple(one for one in self.customer.runs if one.id != self.instance.id)
            self.customer = msgspec.structs.replace(self.customer, runs=others)
            self.effects.append(CancelTimer(timer_id=timer_id(self.instance)))
        if claim_id := self.instance.id if is_held else self.instance.asks:
            self.effects.append(AbandonClaim(claim_id=claim_id))
        self.record("not_sent" if is_held else "exited", reason)

    def keep(self) -> None:
        """Store the run as it stands."""
        others = [one for one in self.customer.runs if one.id != self.instance.id]
        self.customer = msgspec.structs.replace(self.customer, runs=(*others, self.instance))

    def rests(
        self, reason: Reason | None, *, step: str | None = None, saw: Saw | None = None
    ) -> Why | None:
        """What the decision rests on, handed out once; `saw` beside what is known of the reason."""
        standing = Standing(
            self.customer, self.instance, self.live, self.definitions, step, self.clock.now
        )
        found = findings.of(reason, standing)
        asked, self._asked = self._asked, []
        return why.of(
            now=self.clock.now,
            rules=tuple(asked),
            saw={**found, **(saw or {})},
            arms=self.instance.arms,
        )

    def record(
        self,
        kind: FactKind,
        reason: Reason | None = None,
        *,
        step: str | None = None,
        message_id: str | None = None,
        name: str = "",
        origin: str = "",
        saw: Saw | None = None,
    ) -> None:
        """Keep what was decided, and what it rests on.

        `name` and `origin` are those of a time zone it goes by.
        """
        instance = self.instance
        self.effects.append(
            RecordFact(
                fact=Fact(
                    id=ids.derived(kind, instance.id, step or "", self.rounds, self.clock.at),
                    customer=self.customer.id,
                    kind=kind,
                    at=self.clock.at,
                    campaign=instance.campaign,
                    version=instance.version,
                    trigger=instance.trigger,
                    instance=instance.id,
                    step=step,
                    message_id=message_id,
                    reason=reason,
                    name=name,
                    origin=origin,
                    cause=self.clock.cause,
                    why=self.rests(reason, step=step, saw=saw),
                )
            )
        )


def timer_id(instance: Instance) -> str:
    """The id of the run's timer."""
    return f"{TIMER}{instance.id}"

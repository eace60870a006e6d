"""What the answers of triggers' machines lead to: timers, notes and firings.

    event ──▶ follow ─┬▶ Arm, Disarm, Keep                 timer ──▶ rings, again
                      └▶ Fire ──▶ valid? ──▶ debounced? ──▶ enter

The parameters that every trigger has are judged here, for all types alike.
"""

from typing import Final

import msgspec

from engine import durations, notes
from engine.commands import Activated
from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.folded import LiveTrigger
from engine.definitions.triggers import base
from engine.effects import CancelTimer, Effect, RecordFact, ScheduleTimer
from engine.events import TimerFired
from engine.faults import FAULTS
from engine.journeys import asking, entering, failing, ignoring, payloads
from engine.journeys.entering import Firing
from engine.journeys.moments import Moment
from engine.journeys.payloads import Told
from engine.notes import Note
from engine.triggers import machines
from engine.triggers.machines import NOTED, Arm, Disarm, Fire, Keep, Outcome, Rung, Seen
from engine.triggers.types import MACHINES

DEBOUNCED: Final = "\n"
"""Begins the name of the timer and the note of a firing that waits for silence."""

_event: Final = msgspec.json.Decoder(dict[str, object]).decode


class Led:
    """The working copy of what one trigger's answers lead to; nobody else touches it."""

    def __init__(self, customer: Customer, live: LiveTrigger, moment: Moment) -> None:
        self.customer = customer
        self.live = live
        self.moment = moment
        self.effects: list[Effect] = []

    @property
    def is_live(self) -> bool:
        """Paused, clocks run on, and nobody comes in."""
        return self.moment.definitions.status(self.live.campaign.id) == "live"

    def take(self, outcome: Outcome, document: Document) -> None:
        """Carry one answer out."""
        match outcome:
            case Arm():
                self._schedule(outcome.name, outcome.due_at, is_latest=outcome.is_latest)
            case Disarm():
                self.effects.append(CancelTimer(timer_id=self._named(outcome.name)))
            case Keep():
                self._keep(outcome)
            case Fire():
                self.fire(self.moment.event.id, document)

    def fire(self, cause: str, document: Document) -> None:
        """The trigger fired: now, or when it has been silent for a while."""
        trigger, at = self.live.trigger, self.moment.clock.at
        if not self.is_live or not self._concerns():
            return
        if not _is_valid(self.live, at):
            self.effects.append(ignoring.out_of_season(self.live, self.moment))
            return
        if trigger.debounce is None:
            self.enter(cause, document)
            return
        name = DEBOUNCED + payloads.key(document, trigger.correlation_key)
        kept = msgspec.json.encode(payloads.kept(document)).decode()
        self._keep(Keep(text=kept, name=name))
        self._schedule(name, at + durations.parse_ms(trigger.debounce), is_latest=True)

    def enter(self, cause: str, document: Document) -> None:
        """Ask the campaign to let the customer in."""
        firing = Firing(self.live, cause, self.moment.clock, document)
        walk = entering.enter(self.customer, firing, self.moment.definitions)
        self.customer = walk.customer
        self.effects += walk.effects

    def settle(self, name: str, cause: str) -> None:
        """It was silent for long enough: enter with what fired last."""
        note = self.customer.notes.get(self._named(name))
        self._keep(Keep(name=name))
        self.enter(cause, _event(note.text) if note is not None and note.text else {})

    def _concerns(self) -> bool:
        """Whether it is anything to the customer at all."""
        trigger = self.live.trigger
        if not trigger.IS_OF_AUDIENCE:
            return True
        definitions, now = self.moment.definitions, self.moment.now
        return asking.holds(trigger.audience, self.customer, definitions, now=now)

    def _schedule(self, name: str, due_at: int, *, is_latest: bool) -> None:
        timer_id = self._named(name)
        self.effects.append(ScheduleTimer(timer_id=timer_id, due_at=due_at, is_latest=is_latest))

    def _keep(self, kept: Keep) -> None:
        times = tuple(sorted(kept.times))[-notes.TIMES_MAX :]
        note = Note(self.moment.now, times, kept.text)
        known = notes.kept(self.customer.notes, self._named(kept.name), note)
        self.customer = msgspec.structs.replace(self.customer, notes=known)

    def _named(self, name: str) -> str:
        return machines.named(self.live.timer_id, name)


def follow(
    customer: Customer, live: LiveTrigger, moment: Moment, told: Told
) -> tuple[Customer, list[Effect]]:
    """Carry out what the trigger's machine makes of the event; late news only ever disarms."""
    try:
        return _followed(customer, live, moment, told)
    except FAULTS as error:
        return failing.missed(customer, live, moment, error)


def _followed(
    customer: Customer, live: LiveTrigger, moment: Moment, told: Told
) -> tuple[Customer, list[Effect]]:
    trigger, event = live.trigger, moment.event
    if isinstance(event, Activated):
        return _activated(customer, live, moment, event)
    seen = Seen(
        trigger, moment.before, customer, event, moment.definitions, moment.now, live.timer_id
    )
    led = Led(customer, live, moment)
    is_late = moment.now - event.occurred_at > durations.parse_ms(trigger.max_lateness)
    missed: RecordFact | None = None
    for outcome in MACHINES[type(trigger)].follow(seen):
        if isinstance(outcome, Disarm):
            led.take(outcome, {})
            continue
        if is_late and (isinstance(outcome, Fire) or not trigger.GOES_BY_DATE):
            missed = missed or (None if isinstance(outcome, Keep) else ignoring.late(live, moment))
        elif told.passes(trigger.property_filter):
            led.take(outcome, told.document if isinstance(outcome, Fire) else {})
        elif not isinstance(outcome, Keep):
            missed = missed or ignoring.filtered(live, moment, told)
    if missed is None or not led.is_live:
        return led.customer, led.effects
    return led.customer, [*led.effects, missed]


def _activated(
    customer: Customer, live: LiveTrigger, moment: Moment, event: Activated
) -> tuple[Customer, list[Effect]]:
    """Set the timers as if everything known of the customer were news.

    What is over by then goes by `backfill`, once for each version.
    """
    led, trigger = Led(customer, live, moment), live.trigger
    is_meant = (event.campaign, event.version) == (live.campaign.id, live.version)
    if not is_meant or trigger.property_filter is not None:
        return customer, []
    blank = Customer(id=customer.id)
    seen = Seen(trigger, blank, customer, event, moment.definitions, moment.now, live.timer_id)
    name = DEBOUNCED * 2
    done = customer.notes.get(machines.named(live.timer_id, name))
    is_again = done is not None and done.times[-1] >= live.version
    for outcome in MACHINES[type(trigger)].follow(seen):
        if isinstance(outcome, Keep) or (
            isinstance(outcome, Arm)
            and (outcome.due_at > moment.now or (not is_again and _is_filled(live, outcome.due_at)))
        ):
            led.take(outcome, {})
    if trigger.backfill.policy != "none":
        led.take(Keep((live.version,), name=name), {})
    return led.customer, led.effects


def _is_filled(live: LiveTrigger, due_at: int) -> bool:
    """Whether somebody is to enter whose day was over before the campaign began."""
    backfill = live.trigger.backfill
    if backfill.since is not None:
        return due_at >= base.instant(backfill.since)
    return backfill.policy == "current_members"


def ring(customer: Customer, moment: Moment, event: TimerFired) -> tuple[Customer, list[Effect]]:
    """Carry out what the machine says now that its timer came due; paused, it only goes on."""
    timer, _, name = event.timer_id.partition(NOTED)
    live = moment.definitions.timers.get(timer)
    if live is None:
        return customer, []
    try:
        return _rung(Led(customer, live, moment), name, event.occurred_at)
    except FAULTS as error:
        return failing.missed(customer, live, moment, error)


def _rung(led: Led, name: str, due_at: int) -> tuple[Customer, list[Effect]]:
    customer, live, moment = led.customer, led.live, led.moment
    if name.startswith(DEBOUNCED):
        if led.is_live:
            led.settle(name, str(due_at))
        return led.customer, led.effects
    machine = MACHINES[type(live.trigger)]
    rung = Rung(live.trigger, customer, name, due_at, moment.definitions, live.timer_id, moment.now)
    document = machine.rings(rung)
    for outcome in machine.again(rung):
        led.take(outcome, {})
    if document is not None:
        led.fire(str(due_at), document)
    return led.customer, led.effects


def _is_valid(live: LiveTrigger, at: int) -> bool:
    first, last = live.trigger.valid_from, live.trigger.valid_until
    if first is not None and at < base.instant(first):
        return False
    return last is None or at < base.instant(last)

"""What an event means for campaigns: for the runs that are on, then for who may come in.

    goals ──▶ exit rules ──▶ what is waited for ──▶ triggers ──▶ entries, steps, messages

The customer is as the event left them, so nothing is decided on what was true before it.
"""

from engine import claims
from engine.claims import ClaimAnswer
from engine.commands import Enrolled
from engine.customer import Customer
from engine.definitions.campaigns import ExitRule
from engine.definitions.folded import Definitions
from engine.effects import Effect
from engine.events import Event, Responded, TimerFired
from engine.faults import FAULTS
from engine.happenings import CampaignMoved
from engine.instances import Instance
from engine.journeys import (
    awaiting,
    chaining,
    enrolling,
    exiting,
    failing,
    firing,
    grants,
    limiting,
    meeting,
    migrating,
    pursuing,
    rechecking,
    running,
    walks,
)
from engine.journeys.moments import Moment
from engine.journeys.payloads import Told
from engine.journeys.pursuing import Asked
from engine.journeys.walks import Walk
from engine.suppressions import SuppressionChanged


def is_watched(customer: Customer, event: Event, definitions: Definitions) -> bool:
    """Whether a campaign may care for the event: most events of most customers meet none."""
    return (
        type(event) in definitions.watching
        or bool(customer.runs or customer.pursuits)
        or isinstance(event, TimerFired | Enrolled)
    )


def follow(customer: Customer, moment: Moment) -> tuple[Customer, list[Effect]]:
    """Go through what the event changes; `customer` is as it is after the event."""
    customer, effects = _followed(customer, moment)
    if effects and CampaignMoved in moment.definitions.watching:
        return chaining.follow(customer, effects, moment)
    return customer, effects


def _followed(customer: Customer, moment: Moment) -> tuple[Customer, list[Effect]]:
    if isinstance(moment.event, TimerFired):
        return _rung(customer, moment, moment.event)
    if isinstance(moment.event, ClaimAnswer):
        return _answered(customer, moment, moment.event)
    if isinstance(moment.event, Enrolled):
        return enrolling.enrol(customer, moment.event, moment)
    told = Told(moment.event)
    effects: list[Effect] = []
    ended: frozenset[str] = frozenset()
    if customer.pursuits:
        asked = Asked(customer, told, moment.definitions, moment.now)
        customer, effects, ended = pursuing.follow(asked)
    if customer.runs:
        customer, more = _runs_on(customer, moment, told, ended)
        effects += more
    watchers = moment.definitions.watching.get(type(moment.event))
    catalogue = moment.definitions.catalogue
    for live in () if watchers is None else watchers.met(moment.event, catalogue):
        customer, more = firing.follow(customer, live, moment, told)
        effects += more
    return customer, effects


def _runs_on(
    customer: Customer, moment: Moment, told: Told, ended: frozenset[str]
) -> tuple[Customer, list[Effect]]:
    """Take every run out that an exit rule ends, and on that waited for this event."""
    effects: list[Effect] = []
    for instance in customer.runs:
        walk = _walk(customer, instance, moment)
        if walk is None:
            continue
        try:
            _go_by(walk, moment, told, is_ended=instance.id in ended)
        except FAULTS as error:
            walk = failing.stays(walk, error, at=(customer, instance))
        customer = walk.customer
        effects += walk.effects
    return customer, effects


def _go_by(walk: Walk, moment: Moment, told: Told, *, is_ended: bool) -> None:
    """What the event means to one run."""
    if moment.definitions.status(walk.instance.campaign) == "stopped":
        walk.leave("campaign_stopped")
    elif is_ended:
        walk.leave("goal_reached")
    elif migrating.is_over(walk):
        pass
    elif _has_complained(moment, walk):
        walk.leave("suppressed")
    elif any(_is_out(rule, walk, told) for rule in walk.live.campaign.exit):
        walk.leave("exit_rule")
    elif not walk.instance.admits and (taken := awaiting.happened(walk, told)) is not None:
        running.branch(walk, taken)
    else:
        running.answered(walk, told.event)


def _has_complained(moment: Moment, walk: Walk) -> bool:
    """Whoever calls a message spam gets no more of what is on its way; what was bought stays so."""
    if walk.live.campaign.message_class != "marketing":
        return False
    event = moment.event
    if isinstance(event, Responded):
        return event.response == "complained"
    # Of an address that the customer had once, nothing was taken.
    return (
        isinstance(event, SuppressionChanged)
        and event.reason == "complaint"
        and walk.customer.suppressions != moment.before.suppressions
    )


def _is_out(rule: ExitRule, walk: Walk, told: Told) -> bool:
    if rule.on is None:
        return exiting.is_out(rule, walk)
    key, path = walk.instance.key, walk.live.trigger.correlation_key
    return meeting.is_met(rule.on, told, key=key, path=path) and exiting.is_out(rule, walk)


def _walk(customer: Customer, instance: Instance, moment: Moment) -> Walk | None:
    """The run on its own version; None where nobody knows that version."""
    definitions = moment.definitions
    live = definitions.trigger_of(instance.campaign, instance.version, instance.trigger)
    if live is None:
        return None
    return Walk(customer, instance, live=live, definitions=definitions, clock=moment.clock)


def _rung(customer: Customer, moment: Moment, event: TimerFired) -> tuple[Customer, list[Effect]]:
    if event.timer_id.startswith(walks.TIMER):
        return _woken(customer, moment, event)
    if event.timer_id.startswith(rechecking.TIMER):
        return rechecking.wake(customer, event, moment.definitions, now=moment.now)
    if claim_id := claims.claim_of(event.timer_id):
        return _unanswered(customer, moment, claim_id)
    return firing.ring(customer, moment, event)


def _woken(customer: Customer, moment: Moment, event: TimerFired) -> tuple[Customer, list[Effect]]:
    for instance in customer.runs:
        if walks.timer_id(instance) != event.timer_id:
            continue
        walk = _walk(customer, instance, moment)
        if walk is None:
            return customer, []
        try:
            _wake(walk)
        except FAULTS as error:
            walk = failing.stays(walk, error, at=(customer, instance), is_rung=True)
        return walk.customer, walk.effects
    return customer, []


def _wake(walk: Walk) -> None:
    if walk.definitions.status(walk.instance.campaign) == "stopped":
        walk.leave("campaign_stopped")
    elif not migrating.is_over(walk):
        running.wake(walk)


def _answered(
    customer: Customer, moment: Moment, answer: ClaimAnswer
) -> tuple[Customer, list[Effect]]:
    walk = _held(customer, moment, answer.claim_id)
    if walk is None:
        return customer, grants.given_back(answer)
    instance = walk.instance
    try:
        _hear(walk, answer)
    except FAULTS as error:
        walk = failing.leaves(walk, error, at=(customer, instance))
        walk.effects += grants.given_back(answer)
    return walk.customer, walk.effects


def _hear(walk: Walk, answer: ClaimAnswer) -> None:
    if walk.instance.admits:
        if not migrating.is_over(walk, answer):
            limiting.answered(walk, answer)
    elif walk.definitions.status(walk.instance.campaign) == "stopped":
        walk.leave("campaign_stopped")
        walk.effects += grants.given_back(answer)
    elif not migrating.is_over(walk, answer):
        running.hear(walk, answer)


def _unanswered(customer: Customer, moment: Moment, claim_id: str) -> tuple[Customer, list[Effect]]:
    walk = _held(customer, moment, claim_id)
    if walk is None:
        return customer, []
    instance = walk.instance
    try:
        _give_up(walk)
    except FAULTS as error:
        walk = failing.leaves(walk, error, at=(customer, instance))
    return walk.customer, walk.effects


def _give_up(walk: Walk) -> None:
    if walk.instance.admits:
        walk.leave("limit_unanswered")
    elif not migrating.is_over(walk):
        running.hear(walk, None)


def _held(customer: Customer, moment: Moment, claim_id: str) -> Walk | None:
    """The run that waits for a place by this claim, or whose message does."""
    for instance in customer.runs:
        if claim_id == (instance.id if instance.admits else instance.asks):
            return _walk(customer, instance, moment)
    return None

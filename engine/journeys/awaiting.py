"""A run at a wait: what has come true of what it waits for, and what it accepts of before.

    run begins ──▶ step named in `since` ──▶ arrives at the wait ──▶ waits ──▶ time is over
         └ since_entry ┄┄┄┄┄┄┄┄┄ └ since_step ┄┄┄┄┄┄┄┄ └ none ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄ ┘

From where a wait begins to look, an event that comes is met. A rule that holds there already is
held: it must cease to hold first, and is met when it holds then. With `ever` nothing is held. Time
alone can make a rule true; the run's timer goes off at that instant, so nothing is polled.
"""

from engine.definitions import waits
from engine.definitions.basestep import StepId
from engine.definitions.waits import WaitBranch, WaitStep
from engine.journeys import asking, meeting
from engine.journeys.payloads import Told
from engine.journeys.walks import Walk


def begin(walk: Walk) -> None:
    """The run has begun: remember what holds already."""
    for name, step in walk.plan.priors:
        if step.accept_prior == "since_entry":
            _forget(walk, name, step)


def pass_by(walk: Walk) -> None:
    """The run came to another step: from here on some waits may look."""
    for name, step in walk.plan.priors:
        if step.since == walk.instance.step:
            _forget(walk, name, step)


def arrive(walk: Walk, step: WaitStep, *, ends_at: int) -> WaitBranch | None:
    """Begin to wait, unless something is accepted of before."""
    name = walk.instance.step
    walk.note(ends_at=ends_at)
    if step.accept_prior == "none":
        _forget(walk, name, step)
    _look(walk, name, step, told=None)
    if step.accept_prior == "ever":
        _look_back(walk, name, step)
    return _decided(walk, step, is_over=False)


def happened(walk: Walk, told: Told) -> WaitBranch | None:
    """An event came: the branch that the run takes by it, if it waits for one."""
    instance = walk.instance
    for name, prior in walk.plan.priors:
        if name != instance.step:
            _look(walk, name, prior, told=told)
    step = walk.live.campaign.steps[instance.step]
    if not isinstance(step, WaitStep):
        return None
    _look(walk, instance.step, step, told=told)
    taken = _decided(walk, step, is_over=False)
    if taken is None:
        rest(walk, step)
    return taken


def woken(walk: Walk, step: WaitStep) -> tuple[bool, WaitBranch | None]:
    """The timer went off: whether the wait is over, and the branch that is taken."""
    is_over = walk.clock.at >= _ends_at(walk)
    _look(walk, walk.instance.step, step, told=None)
    taken = _decided(walk, step, is_over=is_over)
    return is_over or taken is not None, taken


def rest(walk: Walk, step: WaitStep) -> None:
    """Wait on, until the time is over or time makes a rule true."""
    rules = [branch.condition for branch in step.branches if branch.on is None]
    flips = (
        asking.next_flip_at(
            rule, walk.customer, walk.definitions, run=walk.instance, now=walk.clock.now
        )
        for rule in rules
        if rule is not None
    )
    due_at = min([_ends_at(walk), *(at for at in flips if at is not None)])
    if due_at != walk.instance.due_at:
        walk.wait(due_at)
    else:
        walk.keep()


def leave(walk: Walk, step: WaitStep) -> None:
    """Behind the wait nothing of it is accepted a second time."""
    walk.note(ends_at=None)
    _forget(walk, walk.instance.step, step)


def _ends_at(walk: Walk) -> int:
    """Of a run that came here under an earlier release, when its timer goes off."""
    ends_at, due_at = walk.instance.ends_at, walk.instance.due_at
    return ends_at if ends_at is not None else due_at or walk.clock.at


def _forget(walk: Walk, name: StepId, step: WaitStep) -> None:
    """Look anew: what happened is forgotten, what holds now is held."""
    own = f"{name}/"
    held = [
        f"{own}{branch.id}"
        for branch in step.branches
        if _is_state(branch) and step.accept_prior != "ever" and walk.holds(branch.condition)
    ]
    walk.note(
        met=tuple(one for one in walk.instance.met if not one.startswith(own)),
        held=(*(one for one in walk.instance.held if not one.startswith(own)), *held),
    )


def _look(walk: Walk, name: StepId, step: WaitStep, *, told: Told | None) -> None:
    """Note what came true."""
    was, met, held = walk.instance, list(walk.instance.met), set(walk.instance.held)
    for branch in step.branches:
        own = f"{name}/{branch.id}"
        if own in met:
            continue
        if not _is_state(branch):
            if _is_event(walk, branch, told):
                met.append(own)
        elif not walk.holds(branch.condition):
            held.discard(own)
        elif own not in held:
            met.append(own)
    if len(met) != len(was.met) or len(held) != len(was.held):
        walk.note(met=tuple(met), held=tuple(sorted(held)))
        walk.keep()


def _look_back(walk: Walk, name: StepId, step: WaitStep) -> None:
    """Note the events that were there before the run."""
    found = [
        f"{name}/{branch.id}"
        for branch in step.branches
        if branch.on is not None
        and walk.holds(waits.ever(branch.on))
        and walk.holds(branch.condition)
    ]
    walk.note(met=tuple(dict.fromkeys((*found, *walk.instance.met))))


def _decided(walk: Walk, step: WaitStep, *, is_over: bool) -> WaitBranch | None:
    by_name = {f"{walk.instance.step}/{branch.id}": branch for branch in step.branches}
    if step.order == "first":
        return next((by_name[one] for one in walk.instance.met if one in by_name), None)
    met = (branch for one, branch in by_name.items() if one in walk.instance.met)
    best = next(met, None)
    return best if is_over or best is step.branches[0] else None


def _is_state(branch: WaitBranch) -> bool:
    return branch.on is None


def _is_event(walk: Walk, branch: WaitBranch, told: Told | None) -> bool:
    if told is None or branch.on is None:
        return False
    path = walk.live.trigger.correlation_key
    return meeting.is_met(branch.on, told, key=walk.instance.key, path=path) and walk.holds(
        branch.condition
    )

"""Run tests: each is a story of its own, under the definitions it is given."""

from collections.abc import Iterable, Sequence

import msgspec

from engine.definitions import moments
from engine.definitions.cases import Case, Expectation, Happening
from engine.definitions.folded import Definitions
from engine.rehearsal import expecting, telling
from engine.rehearsal.expecting import Asked, Failure
from engine.rehearsal.happenings import text
from engine.rehearsal.stage import Render, Stage, StoryError
from engine.rehearsal.telling import Line
from engine.rows import Row


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a test went."""

    test: str
    passed: bool
    failures: tuple[Failure, ...]
    timeline: tuple[Line, ...]
    """Every decision, in the order they were made."""


def run(cases: Iterable[Case], definitions: Definitions, *, render: Render) -> list[Outcome]:
    """Run each; one does not know of the others."""
    return [rehearse(case, definitions, render=render) for case in cases]


def rehearse(case: Case, definitions: Definitions, *, render: Render) -> Outcome:
    """Run one."""
    stage = Stage(case, definitions, render)
    try:
        failures = _played(stage, case)
    except StoryError as error:
        failures = [Failure(path=error.path, expected="it can happen", got=str(error))]
    timeline = tuple(telling.line(entry, start=stage.start) for entry in stage.entries)
    return Outcome(test=case.test, passed=not failures, failures=tuple(failures), timeline=timeline)


def _played(stage: Stage, case: Case) -> list[Failure]:
    """Values are looked at when the clock is there, decisions once all is over."""
    asked = [_asked(case, place, one) for place, one in enumerate(case.then)]
    values = [one for one in asked if expecting.is_valued(one.one)]
    pending = sorted(
        (moments.moment(one.one.at, start=stage.start), place)
        for place, one in enumerate(values)
        if one.one.at is not None
    )
    found: list[Failure | None] = []
    end = stage.start
    for end in stage.play():
        while pending and pending[0][0] < end:
            at, place = pending.pop(0)
            stage.run_until(at)
            found.append(expecting.valued(values[place], stage, now=at))
    stage.run_until(end)
    for at, place in pending:
        stage.run_until(at)
        found.append(expecting.valued(values[place], stage, now=at))
    found += [expecting.valued(one, stage, now=end) for one in values if one.one.at is None]
    found += [expecting.decided(one, stage) for one in asked if one not in values]
    return [failure for failure in found if failure is not None]


def _asked(case: Case, place: int, one: Expectation) -> Asked:
    customer = one.customer or next(iter(case.customers), "")
    return Asked(one, f"then[{place}]", customer)


def dry_run(
    row: Row,
    happenings: Sequence[Happening],
    definitions: Definitions,
    *,
    start: int,
    until: int,
    render: Render,
) -> list[Line]:
    """What would be decided for a customer as they are now, if this happened.

    Raises:
        StoryError: something cannot happen.
    """
    name = row.customer.id
    case = Case(
        test="dry run",
        start=text(start),
        until=text(until),
        when=tuple(msgspec.structs.replace(one, customer=name) for one in happenings),
        then=(),
    )
    stage = Stage(case, definitions, render)
    stage.place(name, row)
    for at in stage.play():
        stage.run_until(at)
    return [telling.line(entry, start=start) for entry in stage.entries]

"""Tests of campaigns as their author writes them: given, when, then.

A case is one customer's story, or a few customers', on a virtual clock (`engine.rehearsal`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

import msgspec

from engine.definitions import moments
from engine.errors import Flaw
from engine.sends import Response

CASES_MAX: Final = 50
"""Saved with one campaign: all of them run when it is published, some ms each."""

CUSTOMERS_MAX: Final = 20
HAPPENINGS_MAX: Final = 500
EXPECTATIONS_MAX: Final = 200

LENGTH_MAX_MS: Final = 2 * 366 * moments.DAY_MS
"""From the beginning to the end of a case."""

Body: TypeAlias = dict[str, Any]
"""As it would be sent to a door, which checks it."""

Act: TypeAlias = Literal["publish", "pause", "resume", "stop"]


class Happening(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
):
    """One thing that happens. What it is, exactly one field says."""

    at: str
    """When it is logged: `30m`, `1d 2h`, `22:15`, an instant (`engine.definitions.moments`)."""
    occurred: str | None = None
    """When it happened, if that was earlier: news that come late."""
    customer: str | None = None
    """Public id, `ada` or `anonymous:d1`; None where there is only one customer."""
    device: str | None = None
    """With `event`, `page` and `traits`: the anonymous id that is told beside the customer's."""
    id: str | None = None
    """Of the message: the same id twice is the same message."""

    event: str | None = None
    """Name of a track call."""
    properties: Body = {}
    page: str | None = None
    """Address of a page looked at."""
    traits: Body | None = None
    """What an identify call says."""
    subscriptions: Body | None = None
    """What the customer agrees to, as an operator notes it."""
    receipt: Body | None = None
    """As `/v1/receipts` takes it, as the next those of their paths. Ids and times may be left
    out."""
    order: Body | None = None
    order_status: Body | None = None
    bonus_balance: Body | None = None
    promo_code: Body | None = None
    tags: Body | None = None
    product: Body | None = None
    category: Body | None = None
    call: str | None = None
    """What another system calls out (T47), with `payload`."""
    payload: Body = {}
    response: Response | None = None
    """What becomes of a message; `message` names its template, and `code` is the provider's."""
    message: str | None = None
    code: str | None = None
    machine: bool = False
    """With `response`: by a scanner, not by a person."""
    campaign: str | None = None
    """Its status changes as `do` says; `to` replaces its draft before that."""
    do: Act | None = None
    to: Body | None = None
    running: Literal["stay", "finish", "migrate"] = "stay"
    """With `publish`: what becomes of whoever is inside; `map` says with `migrate` where they go
    from which step, as `engine.definitions.publishing`."""
    map: dict[str, str | None] = {}


WHAT: Final = (
    "event",
    "page",
    "traits",
    "subscriptions",
    "receipt",
    "order",
    "order_status",
    "bonus_balance",
    "promo_code",
    "tags",
    "product",
    "category",
    "call",
    "response",
    "campaign",
)
"""The fields of which a happening has one."""

NOBODYS: Final = frozenset({"product", "category", "campaign"})


class Expectation(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={"value": "is"},
):
    """What must come of it. What that is, exactly one field of `EXPECTED` says."""

    customer: str | None = None
    at: str | None = None
    """Exactly then; of values: as of then. None: at any time, and values at the end."""
    after: str | None = None
    """With `before`, instead of `at`: not earlier, not later."""
    before: str | None = None
    times: int | None = None
    """Exactly so often; None: at least once."""
    in_campaign: str | None = None
    step: str | None = None
    reason: str | None = None

    sent: str | None = None
    """Template of a message."""
    contains: str | tuple[str, ...] = ()
    """With `sent`: what subject, text or HTML must show."""
    subject: str | None = None
    sends: tuple[str, ...] | None = None
    """Templates of all messages, in their order; empty: nothing at all."""
    not_sent: str | None = None
    """Reason of a refusal."""
    deferred: str | None = None
    """Reason for a wait."""
    fired: str | None = None
    """Campaign whose trigger fires, as the next three."""
    entered: str | None = None
    not_entered: str | None = None
    exited: str | None = None
    arm: str | None = None
    """Arm of a split that the customer is dealt, `holdout` or `treated` of a holdout."""
    goal: str | None = None
    """Goal of a campaign that is reached."""
    metric: str | None = None
    attribute: str | None = None
    tag: str | None = None
    segment: str | None = None
    """Live segment that the customer is in."""
    value: str | int | float | bool | tuple[str | int | float, ...] | None = None
    """Of the metric or the attribute: `is`."""
    missing: bool = False
    """There is no such value or tag, or the customer is not in that segment."""


EXPECTED: Final = (
    "sent",
    "sends",
    "not_sent",
    "deferred",
    "fired",
    "entered",
    "not_entered",
    "exited",
    "arm",
    "goal",
    "metric",
    "attribute",
    "tag",
    "segment",
)
"""The fields of which an expectation has one."""


class Given(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A customer as they are before anything happens."""

    traits: Body = {}
    subscriptions: Body = {}
    history: tuple[Happening, ...] = ()
    """What they did before: it counts, and lets nobody into a campaign."""


class Case(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One test; its name is the sentence that it protects."""

    test: str
    start: str = moments.START
    """Instant that the offsets of its times count from."""
    until: str | None = None
    """When the clock stops; None: 30 days after the last thing that happens."""
    customers: dict[str, Given] = {}
    when: tuple[Happening, ...] = ()
    then: tuple[Expectation, ...]


def flaws(cases: Sequence[Case], *, path: str) -> list[Flaw]:
    """Everything wrong that the types alone do not say."""
    found = [flaw for n, case in enumerate(cases) for flaw in _case(case, f"{path}[{n}]")]
    if len({case.test for case in cases}) != len(cases):
        found.append(Flaw(path=path, message="two tests have the same name"))
    return found


def happening_flaws(
    happenings: Sequence[Happening], *, start: int, customer: str, path: str
) -> list[Flaw]:
    """The same of things that happen to one customer, outside of a case."""
    if len(happenings) > HAPPENINGS_MAX:
        return [Flaw(path=path, message=f"at most {HAPPENINGS_MAX}")]
    customers = {customer: Given()}
    return [
        flaw
        for place, one in enumerate(happenings)
        for flaw in _happening(one, customers, start, path=f"{path}[{place}]")
    ]


def _case(case: Case, path: str) -> Iterator[Flaw]:
    if not case.test.strip():
        yield Flaw(path=f"{path}.test", message="a sentence that says what is protected")
    try:
        start = moments.instant(case.start)
    except ValueError as error:
        yield Flaw(path=f"{path}.start", message=str(error))
        return
    yield from _time(case.until, start, f"{path}.until")
    yield from _sizes(case, path)
    for name, given in case.customers.items():
        for place, one in enumerate(given.history):
            there = f"{path}.customers.{name}.history[{place}]"
            yield from _happening(one, case.customers, start, path=there, is_given=True)
    for place, one in enumerate(case.when):
        yield from _happening(one, case.customers, start, path=f"{path}.when[{place}]")
    for place, expected in enumerate(case.then):
        yield from _expectation(expected, case.customers, start, path=f"{path}.then[{place}]")


def _sizes(case: Case, path: str) -> Iterator[Flaw]:
    history_count = sum(len(given.history) for given in case.customers.values())
    for name, count, most in (
        ("customers", len(case.customers), CUSTOMERS_MAX),
        ("when", len(case.when) + history_count, HAPPENINGS_MAX),
        ("then", len(case.then), EXPECTATIONS_MAX),
    ):
        if count > most:
            yield Flaw(path=f"{path}.{name}", message=f"{count} of them, at most {most}")
    if not case.then:
        yield Flaw(path=f"{path}.then", message="a test expects something")


def _happening(
    one: Happening,
    customers: Mapping[str, Given],
    start: int,
    *,
    path: str,
    is_given: bool = False,
) -> Iterator[Flaw]:
    yield from _time(one.at, start, f"{path}.at")
    yield from _time(one.occurred, start, f"{path}.occurred")
    what = [name for name in WHAT if getattr(one, name) is not None]
    if len(what) != 1:
        yield Flaw(path=path, message=f"one of {', '.join(WHAT)}, and only one")
        return
    if (what[0] == "campaign") != (one.do is not None):
        yield Flaw(path=f"{path}.do", message="with campaign, and only with it: publish, pause ...")
    if one.running != "stay" and one.do != "publish":
        yield Flaw(path=f"{path}.running", message="with do: publish, and only with it")
    if one.map and one.running != "migrate":
        yield Flaw(path=f"{path}.map", message="with running: migrate, and only with it")
    if (what[0] == "response") != (one.message is not None):
        message = "with response, and only with it: the template of a message"
        yield Flaw(path=f"{path}.message", message=message)
    if is_given and what[0] in {"campaign", "response"}:
        yield Flaw(path=path, message=f"{what[0]} is nothing that can be given: put it under when")
    if what[0] not in NOBODYS and not is_given:
        yield from _customer(one.customer, customers, path=path)


def _expectation(
    one: Expectation, customers: Mapping[str, Given], start: int, *, path: str
) -> Iterator[Flaw]:
    for name in ("at", "after", "before"):
        yield from _time(getattr(one, name), start, f"{path}.{name}")
    what = [name for name in EXPECTED if getattr(one, name) is not None]
    if len(what) != 1:
        yield Flaw(path=path, message=f"one of {', '.join(EXPECTED)}, and only one")
        return
    is_valued = what[0] in {"metric", "attribute", "tag", "segment"}
    has_value = what[0] in {"metric", "attribute"}
    if (one.value is not None) != (has_value and not one.missing):
        message = "with metric or attribute, unless they are to be missing; and only with them"
        yield Flaw(path=f"{path}.is", message=message)
    if one.missing and not is_valued:
        yield Flaw(path=f"{path}.missing", message="goes with metric, attribute, tag and segment")
    if (one.contains or one.subject) and what[0] != "sent":
        yield Flaw(path=path, message="contains and subject go with sent")
    if one.times is not None and (is_valued or what[0] in {"sends", "not_entered"}):
        yield Flaw(path=f"{path}.times", message=f"does not go with {what[0]}")
    yield from _customer(one.customer, customers, path=path)


def _customer(named: str | None, customers: Mapping[str, Given], *, path: str) -> Iterator[Flaw]:
    if named is None and len(customers) != 1:
        message = "there is not exactly one customer, so say which"
        yield Flaw(path=f"{path}.customer", message=message)


def _time(text: str | None, start: int, path: str) -> Iterator[Flaw]:
    if text is None:
        return
    try:
        at = moments.moment(text, start=start)
    except ValueError as error:
        yield Flaw(path=path, message=str(error))
        return
    if at < 0 or abs(at - start) > LENGTH_MAX_MS:
        yield Flaw(path=path, message="further than two years from the start")

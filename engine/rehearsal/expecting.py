"""Whether what was expected came of it."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import msgspec

from engine import counting, keys
from engine.definitions import moments
from engine.definitions.cases import Expectation
from engine.metrics import builtin
from engine.rehearsal import telling
from engine.rehearsal.happenings import text
from engine.rehearsal.stage import Stage
from engine.rehearsal.telling import Entry, Unrendered


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What was expected and did not come."""

    path: str
    """Place in the test: `then[2]`."""
    expected: str
    got: str


class Asked(NamedTuple):
    """An expectation with its place and the customer it is about."""

    one: Expectation
    path: str
    customer: str


_KINDS = {
    "sent": "sent",
    "not_sent": "not_sent",
    "deferred": "deferred",
    "fired": "fired",
    "entered": "entered",
    "not_entered": "not_sent",
    "exited": "exited",
    "arm": "arm_assigned",
    "goal": "goal_reached",
}
"""Kind of fact by field."""


def is_valued(one: Expectation) -> bool:
    """Whether it asks what something is, and not what was decided."""
    return any((one.metric, one.attribute, one.tag, one.segment))


def valued(asked: Asked, stage: Stage, *, now: int) -> Failure | None:
    """Look at a metric, an attribute or a tag as it is now."""
    one = asked.one
    customer = stage.customer(asked.customer)
    if one.tag is not None or one.segment is not None:
        of = customer.tags if one.segment is None else customer.segments.inside
        is_there = (one.tag or one.segment) in of
        got = "there" if is_there else "not there"
        return None if is_there != one.missing else _failure(asked, got)
    if one.attribute is not None:
        found: object = customer.attributes
        for name in one.attribute.split("."):
            found = found.get(name) if isinstance(found, dict) else None
    else:
        known = {
            **builtin.values(customer, now=now),
            **counting.values(customer, stage.definitions.counters, now=now),
        }
        if one.metric not in known:
            return _failure(asked, f"no metric has this name: {', '.join(sorted(known))}")
        found = known[str(one.metric)]
        if str(one.metric).endswith("_at") and isinstance(found, int):
            found = text(found)
    if one.missing:
        return None if found is None else _failure(asked, str(found))
    return None if _same(found, one.value) else _failure(asked, str(found))


def decided(asked: Asked, stage: Stage) -> Failure | None:
    """Look for a decision among all of them."""
    own = keys.from_public_id(asked.customer)
    who = {asked.customer, stage.customer(asked.customer).id}
    of_customer = [entry for entry in stage.entries if entry.fact.customer in who]
    one = asked.one
    if one.sends is not None:
        sent = [entry.message.template for entry in of_customer if entry.message is not None]
        return None if tuple(sent) == one.sends else _failure(asked, f"sends: {sent}")
    field = next(name for name in _KINDS if getattr(one, name) is not None)
    alike = [entry for entry in of_customer if entry.fact.kind == _KINDS[field]]
    found = [entry for entry in alike if _fits(entry, one, field, stage.start)]
    if field == "not_entered":
        return _not_entered(asked, of_customer, found, stage.start)
    wanted = len(found) >= 1 if one.times is None else len(found) == one.times
    if not wanted:
        return _failure(asked, _others(alike, stage.start, f"nothing like it for {own[2:]}"))
    return _rendered(asked, found) if field == "sent" else None


def _not_entered(
    asked: Asked, of_customer: Sequence[Entry], refused: Sequence[Entry], start: int
) -> Failure | None:
    one = asked.one
    entered = [
        entry
        for entry in of_customer
        if entry.fact.kind == "entered"
        and entry.fact.campaign == one.not_entered
        and _in_time(entry, one, start)
    ]
    if entered:
        return _failure(asked, _others(entered, start, ""))
    if one.reason is not None and not refused:
        return _failure(asked, f"no refusal for {one.reason}")
    return None


def _fits(entry: Entry, one: Expectation, field: str, start: int) -> bool:
    fact = entry.fact
    if field == "not_entered" and fact.step is not None:
        return False
    pairs = (
        (getattr(one, field), _said(entry, field)),
        (one.in_campaign, fact.campaign),
        (one.step, fact.step),
        (one.reason, fact.reason),
    )
    is_alike = all(wanted is None or wanted == found for wanted, found in pairs)
    return is_alike and _in_time(entry, one, start)


def _said(entry: Entry, field: str) -> str | None:
    """What of a decision the field is about."""
    match field:
        case "sent":
            return None if entry.message is None else entry.message.template
        case "not_sent" | "deferred":
            return entry.fact.reason
        case "arm":
            return entry.fact.after
        case "goal":
            return entry.fact.name
        case _:
            return entry.fact.campaign


def _in_time(entry: Entry, one: Expectation, start: int) -> bool:
    at = entry.fact.at
    if one.at is not None and at != moments.moment(one.at, start=start):
        return False
    if one.after is not None and at < moments.moment(one.after, start=start):
        return False
    return one.before is None or at <= moments.moment(one.before, start=start)


def _rendered(asked: Asked, found: Sequence[Entry]) -> Failure | None:
    """Every message that fits must be one, and show what it is to show."""
    one = asked.one
    wanted = (one.contains,) if isinstance(one.contains, str) else one.contains
    for entry in found:
        if isinstance(entry.shown, Unrendered):
            return _failure(asked, f"it cannot be rendered: {entry.shown.why}")
        if entry.shown is None:
            continue
        if one.subject is not None and entry.shown.subject != one.subject:
            return _failure(asked, f"the subject {entry.shown.subject!r}")
        whole = f"{entry.shown.subject}\n{entry.shown.text}\n{entry.shown.html}"
        missing = [part for part in wanted if part not in whole]
        if missing:
            return _failure(asked, f"without {missing}:\n{whole.strip()}")
    return None


def _others(entries: Sequence[Entry], start: int, none: str) -> str:
    told = [telling.words(telling.line(entry, start=start)) for entry in entries]
    return "; ".join(told) or none


def _failure(asked: Asked, got: str) -> Failure:
    said = msgspec.to_builtins(asked.one)
    said.pop("customer", None)
    expected = ", ".join(f"{name}: {value}" for name, value in said.items())
    return Failure(path=asked.path, expected=f"{asked.customer}: {expected}", got=got)


def _same(found: object, wanted: object) -> bool:
    """Numbers by value, however they are written; lists as sets of their order."""
    if isinstance(found, tuple | list) and isinstance(wanted, tuple | list):
        return [str(one) for one in found] == [str(one) for one in wanted]
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, int | float | Decimal):
        try:
            return Decimal(str(found)) == Decimal(str(wanted))
        except InvalidOperation:
            return False
    return found is not None and str(found) == str(wanted)

"""What was decided in a test, as people and machines read it."""

from typing import NamedTuple, TypeAlias

import msgspec

from engine.definitions import moments
from engine.facts import Fact
from engine.messages import Message
from engine.sends import Rendered


class Unrendered(msgspec.Struct, frozen=True, kw_only=True):
    """The template cannot be filled with what there is: delivery would fail it."""

    why: str


Shown: TypeAlias = Rendered | Unrendered


class Entry(NamedTuple):
    """One decision."""

    fact: Fact
    message: Message | None = None
    """Of `sent`."""
    shown: Shown | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One decision as it goes out."""

    at: int
    """Epoch ms."""
    after: str
    """The same since the test began."""
    customer: str
    kind: str
    campaign: str
    trigger: str
    step: str | None
    reason: str | None
    arm: str | None = None
    template: str | None = None
    to: str | None = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    error: str | None = None


def line(entry: Entry, *, start: int) -> Line:
    """An entry as it goes out."""
    fact, message, shown = entry
    rendered = shown if isinstance(shown, Rendered) else None
    return Line(
        at=fact.at,
        after=moments.told(fact.at, start=start),
        customer=fact.customer,
        kind=fact.kind,
        campaign=fact.campaign,
        trigger=fact.trigger,
        step=fact.step,
        reason=fact.reason,
        arm=fact.after if fact.kind == "arm_assigned" else None,
        template=None if message is None else message.template,
        to=None if message is None else message.to,
        subject=None if rendered is None else rendered.subject,
        text=None if rendered is None else rendered.text,
        html=None if rendered is None else rendered.html,
        error=shown.why if isinstance(shown, Unrendered) else None,
    )


def words(one: Line) -> str:
    """A line for people: `30m ada sent cart-mail (cart/s1)`."""
    what = next((part for part in (one.template, one.arm, one.reason) if part is not None), "")
    place = f"{one.campaign}/{one.step}" if one.step else one.campaign
    error = f", but it cannot be rendered: {one.error}" if one.error else ""
    parts = (one.after, one.customer, one.kind, what, f"({place})")
    return " ".join(part for part in parts if part) + error

"""The tree of a rule: what segments, audiences, branches, filters and goals are written in.

Every node is `{"op": ..., "id"?: ...}`. A comparison with a value that is missing or of another
kind is false, whatever it asks; only `not` and `none` turn it round. What is asked of one event or
one purchase stands in `where`, in the language of `engine.conditions`.
"""

from typing import Literal, TypeAlias

import msgspec

from engine.conditions import nodes as conditions
from engine.conditions.nodes import BaseNode, Node, Operand
from engine.events import Response

Comparison: TypeAlias = Literal[
    conditions.Comparison,
    "before",
    "after",
    "on",
    "in_last",
    "in_next",
    "more_than_ago",
    "anniversary_in",
    "day_of_week",
    "same_month",
]

Zone: TypeAlias = Literal["company", "recipient", "UTC"]
"""Whose days a date is read by; a recipient whose zone nobody knows has the company's."""

Aggregate: TypeAlias = Literal["count", "distinct", "sum", "average", "min", "max"]


class Compared(
    BaseNode, frozen=True, kw_only=True, omit_defaults=True, rename={"comparison": "is"}
):
    """What every comparison has."""

    comparison: Comparison = "="
    value: Operand = None
    tz: Zone = "company"
    """Of dates only."""
    fold_case: bool = False
    """Of texts only: capital letters are as small ones, by `engine.conditions.folding`."""


class Between(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="op",
    tag="between",
):
    """From the first day up to the last, both included, as 2026-01-31; days of the company."""

    first: str
    last: str


class LastCalendar(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="op",
    tag="last_calendar",
):
    """The calendar day, week (from Monday) or month that runs, and the `count - 1` before it."""

    count: int
    unit: Literal["day", "week", "month"]


Period: TypeAlias = str | Between | LastCalendar
"""A rolling length, `90d`; or days of the calendar. None beside it: ever."""


class Every(BaseNode, frozen=True, kw_only=True, tag="all"):
    """Each holds; of nothing, true."""

    of: "tuple[Rule, ...]"


class Some(BaseNode, frozen=True, kw_only=True, tag="any"):
    """One holds at least; of nothing, false."""

    of: "tuple[Rule, ...]"


class Neither(BaseNode, frozen=True, kw_only=True, tag="none"):
    """Not one holds."""

    of: "tuple[Rule, ...]"


class Negated(BaseNode, frozen=True, kw_only=True, tag="not"):
    """It does not hold; so it is true of whoever the question finds nothing of."""

    of: "Rule"


class AtLeast(BaseNode, frozen=True, kw_only=True, tag="at_least"):
    """So many of them hold."""

    count: int
    of: "tuple[Rule, ...]"


class Attr(Compared, frozen=True, kw_only=True, omit_defaults=True, tag="attr"):
    """What the shop says of the customer, or what we derive of it: `age`, `registered_at`."""

    path: str


class MetricIs(Compared, frozen=True, kw_only=True, omit_defaults=True, tag="metric"):
    """A metric, built in or of the shop's own."""

    name: str


class Did(
    BaseNode, frozen=True, kw_only=True, omit_defaults=True, tag="did", rename={"comparison": "is"}
):
    """How often an event occurred, or what a field of those events comes to."""

    event: str
    where: Node | None = None
    aggregate: Aggregate = "count"
    field: str | None = None
    """Path of what is summed or told apart."""
    comparison: conditions.Comparison = ">="
    value: Operand = 1
    window: Period | None = None


class NeverDid(BaseNode, frozen=True, kw_only=True, omit_defaults=True, tag="never_did"):
    """No such event."""

    event: str
    where: Node | None = None
    window: Period | None = None


class First(Compared, frozen=True, kw_only=True, omit_defaults=True, tag="first"):
    """A field of the first such event; without `path` when it occurred."""

    event: str
    where: Node | None = None
    path: str | None = None


class Last(Compared, frozen=True, kw_only=True, omit_defaults=True, tag="last"):
    """A field of the last such event; without `path` when it occurred."""

    event: str
    where: Node | None = None
    path: str | None = None


class Bought(
    BaseNode,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="bought",
    rename={"comparison": "is"},
):
    """Receipts with one of these products or of these categories, net of what was given back."""

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    where: Node | None = None
    aggregate: Literal["count", "sum", "average"] = "count"
    """Sum and average of the receipts' totals, less what was given back."""
    comparison: conditions.Comparison = ">="
    value: Operand = 1
    window: Period | None = None


class InSegment(BaseNode, frozen=True, kw_only=True, tag="in_segment"):
    """The rule of that segment holds."""

    segment: str


class InAudience(BaseNode, frozen=True, kw_only=True, tag="in_audience"):
    """The customer has the tag."""

    tag: str


class Subscribed(BaseNode, frozen=True, kw_only=True, omit_defaults=True, tag="subscribed"):
    """Said yes to the channel, or to one category of it; who said nothing is not."""

    channel: str
    category: str | None = None


class ContactIs(BaseNode, frozen=True, kw_only=True, tag="contact"):
    """The state of an address, or the kind of a phone."""

    channel: Literal["email", "phone"]
    state: Literal["valid", "invalid", "missing", "unknown", "mobile", "landline"]


class Bonus(
    BaseNode,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="bonus",
    rename={"comparison": "is"},
):
    """The balance of the loyalty programme as it said it last."""

    kind: Literal["active", "pending", "expiring"] = "active"
    within: str | None = None
    """Of what expires: how far ahead, `7d`."""
    comparison: conditions.Comparison = ">="
    value: Operand = 1


class CartIs(
    BaseNode,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="cart",
    rename={"comparison": "is"},
):
    """What stands in a container: pieces, their value, or how long nobody touched it.

    `idle` is compared with a span, `30m`, and missing where the container is empty. A cart that
    nobody touched for 30 days is empty.
    """

    container: str = "cart"
    what: Literal["items", "value", "idle"] = "items"
    comparison: conditions.Comparison = ">="
    value: Operand = 1


class InterestIs(
    BaseNode,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="interest",
    rename={"comparison": "is"},
):
    """How strong the interest in a category is: views, each fading; missing without any."""

    category: str
    comparison: conditions.Comparison = ">"
    value: Operand = 0


class Messaged(
    BaseNode,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="message",
    rename={"comparison": "is"},
):
    """How many of the last 50 messages were decided, or came to an outcome."""

    channel: str | None = None
    campaign: str | None = None
    outcome: Literal["decided", Response] = "decided"
    comparison: conditions.Comparison = ">="
    value: Operand = 1
    window: str | None = None
    """A rolling length, by when they were decided."""


class PromoIs(
    BaseNode,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="promo",
    rename={"comparison": "is"},
):
    """How many of the last 50 promo codes were issued, or can still be used."""

    group: str | None = None
    state: Literal["issued", "valid"] = "issued"
    comparison: conditions.Comparison = ">="
    value: Operand = 1


class InCampaign(BaseNode, frozen=True, kw_only=True, omit_defaults=True, tag="in_campaign"):
    """The customer entered the campaign, or is in it; of the last 100 entries.

    Who is held out goes the whole way, and is in it like the others.
    """

    campaign: str
    state: Literal["entered", "inside"] = "entered"
    window: str | None = None
    """A rolling length, by when the campaign was entered last."""


class TopInterest(BaseNode, frozen=True, kw_only=True, omit_defaults=True, tag="top_interest"):
    """The category is among the strongest interests; of equal ones the latest, then by name."""

    category: str
    count: int = 1


class Sample(
    BaseNode, frozen=True, kw_only=True, tag="sample", rename={"first": "from", "last": "to"}
):
    """A stable part of everybody: percent from `from`, included, to `to`, excluded."""

    salt: str
    first: float
    last: float


Rule: TypeAlias = (
    Every
    | Some
    | Neither
    | Negated
    | AtLeast
    | Attr
    | MetricIs
    | Did
    | NeverDid
    | First
    | Last
    | Bought
    | InSegment
    | InAudience
    | Subscribed
    | ContactIs
    | Bonus
    | CartIs
    | InterestIs
    | Messaged
    | PromoIs
    | InCampaign
    | TopInterest
    | Sample
)

Counted: TypeAlias = Did | NeverDid | First | Last | Bought

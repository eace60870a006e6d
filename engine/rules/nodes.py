"""The tree of a rule: what segments, audiences, branches, filters and goals are written in.

Every node is `{"op": ..., "id"?: ...}`. A comparison with a value that is missing or of another
kind is false, whatever it asks; only `not` and `none` turn it round. What is asked of one event or
one purchase stands in `where`, in the language of `engine.conditions`.
"""

from typing import Literal, TypeAlias

from engine.conditions.nodes import BaseNode, Node
from engine.rules import held
from engine.rules.asking import Aggregate, Compared, Measured, Period


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


class Did(Measured, frozen=True, kw_only=True, omit_defaults=True, tag="did"):
    """How often an event occurred, or what a field of those events comes to."""

    event: str
    where: Node | None = None
    aggregate: Aggregate = "count"
    field: str | None = None
    """Path of what is summed or told apart."""
    approximate: bool = False
    """Of `distinct`: estimated where a row cannot tell so many values apart."""
    window: Period | None = None


class NeverDid(BaseNode, frozen=True, kw_only=True, omit_defaults=True, tag="never_did"):
    """No such event."""

    event: str
    where: Node | None = None
    window: Period | None = None


class Step(BaseNode, frozen=True, kw_only=True, omit_defaults=True, tag="step"):
    """One event of a sequence."""

    event: str
    where: Node | None = None


class Sequence(BaseNode, frozen=True, kw_only=True, omit_defaults=True, tag="sequence"):
    """One event after another, the last at most `within` after the first.

    By when they occurred, of the same millisecond by their ids.
    """

    steps: tuple[Step, ...]
    within: str
    without: Step | None = None
    """No such event lies between the first and the last."""
    window: str | None = None
    """A rolling length, by when the last of them occurred."""


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


class Bought(Measured, frozen=True, kw_only=True, omit_defaults=True, tag="bought"):
    """Receipts with one of these products, categories or brands."""

    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    where: Node | None = None
    aggregate: Literal["count", "sum", "average"] = "count"
    """Sum and average of the receipts' totals."""
    net: bool = True
    """What was given back leaves: the sums a part of a receipt, the counts a whole one. Without it
    receipts count as they were made; cancelled ones never do."""
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


class Sample(
    BaseNode, frozen=True, kw_only=True, tag="sample", rename={"first": "from", "last": "to"}
):
    """A stable part of everybody: percent from `from`, included, to `to`, excluded."""

    salt: str
    first: float
    last: float


Joined: TypeAlias = Every | Some | Neither | AtLeast
"""Of several rules."""

Logic: TypeAlias = Joined | Negated | InSegment
"""Of other rules."""

Own: TypeAlias = Attr | MetricIs | InAudience | Subscribed | ContactIs | Sample
"""What the customer is."""

Counted: TypeAlias = Did | NeverDid | Sequence | First | Last | Bought
"""For which rows keep an aggregate."""

Question: TypeAlias = Own | Counted | held.Held | held.Belonging
"""What is asked of a customer."""

Rule: TypeAlias = Logic | Question

"""Nodes about what a customer holds and is in: carts, codes, messages, campaigns, interests."""

from typing import Literal, TypeAlias

from engine.conditions import nodes as conditions
from engine.conditions.nodes import BaseNode, Operand
from engine.rules.asking import Measured
from engine.sends import Response


class Bonus(Measured, frozen=True, kw_only=True, omit_defaults=True, tag="bonus"):
    """The balance of the loyalty programme as it said it last."""

    kind: Literal["active", "pending", "expiring"] = "active"
    within: str | None = None
    """Of what expires: how far ahead, `7d`."""


class CartIs(Measured, frozen=True, kw_only=True, omit_defaults=True, tag="cart"):
    """What stands in a container: pieces, their value, or how long nobody touched it.

    `idle` is compared with a span, `30m`, and missing where the container is empty. A cart that
    nobody touched for 30 days is empty.
    """

    container: str = "cart"
    what: Literal["items", "value", "idle"] = "items"


class InterestIs(Measured, frozen=True, kw_only=True, omit_defaults=True, tag="interest"):
    """How strong the interest in a category is: views, each fading; missing without any."""

    category: str
    comparison: conditions.Comparison = ">"
    value: Operand = 0


class Messaged(Measured, frozen=True, kw_only=True, omit_defaults=True, tag="message"):
    """How many of the last 50 messages were decided, or came to an outcome."""

    channel: str | None = None
    campaign: str | None = None
    outcome: Literal["decided", Response] = "decided"
    window: str | None = None
    """A rolling length, by when they were decided."""


class PromoIs(Measured, frozen=True, kw_only=True, omit_defaults=True, tag="promo"):
    """How many of the last 50 promo codes were issued, or can still be used."""

    group: str | None = None
    state: Literal["issued", "valid"] = "issued"


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


Held: TypeAlias = Bonus | CartIs | InterestIs | Messaged | PromoIs
"""What is compared with a number."""

Belonging: TypeAlias = InCampaign | TopInterest
"""What holds or does not."""

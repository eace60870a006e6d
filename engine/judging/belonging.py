"""Questions about what a customer is in: campaigns, and the interests that lead."""

from collections.abc import Iterator
from typing import assert_never

from engine import interests, windows
from engine.interests import Bounds
from engine.judging.leaves import Leaf, Moment, Value, never
from engine.rules import held


def leaf(node: held.Belonging) -> Leaf:
    """Compile one question."""
    match node:
        case held.InCampaign():
            return campaign(node)
        case held.TopInterest():
            return interest(node)
        case _:
            assert_never(node)


def campaign(node: held.InCampaign) -> Leaf:
    """Whether the customer is inside, or when they entered last."""
    if node.state == "inside":
        return Leaf(
            str(node.id),
            lambda m: _is_inside(m, node.campaign),
            lambda value, _: value is True,
            never,
        )
    window = None if node.window is None else windows.parsed(node.window)

    def read(moment: Moment) -> Value:
        return moment.customer.entered.get(node.campaign)

    def test(value: Value, now: int) -> bool:
        if not isinstance(value, int):
            return False
        return window is None or window.bucket(value) > window.last_outside(now)

    def edges(moment: Moment) -> Iterator[int]:
        at = moment.customer.entered.get(node.campaign)
        if window is not None and at is not None:
            yield window.leaves_at(window.bucket(at))

    return Leaf(str(node.id), read, test, edges)


def interest(node: held.TopInterest) -> Leaf:
    """Whether the category is one of the strongest; the answer is what was read."""

    def read(moment: Moment) -> Value:
        window_ms = moment.definitions.settings.interest_ms
        if window_ms is None:
            return []
        strongest = interests.strongest(moment.customer, Bounds(moment.now, window_ms))
        return [one.category for one in strongest[: node.count]]

    def edges(moment: Moment) -> Iterator[int]:
        """Waiting never changes their order: only what ends makes room."""
        window_ms = moment.definitions.settings.interest_ms
        for one in moment.customer.interests.values() if window_ms is not None else ():
            yield one.last_at + (window_ms or 0)

    return Leaf(
        str(node.id),
        read,
        lambda value, _: isinstance(value, list) and node.category in value,
        edges,
    )


def _is_inside(moment: Moment, campaign_id: str) -> bool:
    return any(run.campaign == campaign_id and not run.admits for run in moment.customer.runs)

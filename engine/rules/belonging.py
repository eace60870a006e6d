"""What may be asked of campaigns entered and of the strongest interests."""

from collections.abc import Iterator
from typing import Final

from engine.errors import Flaw
from engine.rules import held, limits, periods

TOP_MAX: Final = 10
"""Interests that a profile shows, the strongest first."""


def flaws(rule: held.Belonging) -> Iterator[Flaw]:
    """What is wrong with one node, its path beginning at the node."""
    name = rule.campaign if isinstance(rule, held.InCampaign) else rule.category
    if not 0 < len(name) <= limits.TEXT_CHARS_MAX or not name.isprintable():
        place = "campaign" if isinstance(rule, held.InCampaign) else "category"
        yield Flaw(path=place, message=f"1 to {limits.TEXT_CHARS_MAX} printable characters")
    if isinstance(rule, held.TopInterest) and not 1 <= rule.count <= TOP_MAX:
        yield Flaw(path="count", message=f"from 1 to {TOP_MAX}")
    if isinstance(rule, held.InCampaign) and rule.state == "inside" and rule.window is not None:
        message = 'only of who "entered": leave it out'
        yield Flaw(path="window", message=message)
    yield from periods.flaws(rule.window if isinstance(rule, held.InCampaign) else None)

"""Rules that end a run: asked at every event, so what they read is kept only when they do."""

from engine.definitions.campaigns import ExitRule
from engine.journeys.walks import Walk


def is_out(rule: ExitRule, walk: Walk) -> bool:
    """Whether its condition ends the run now; without one its event does."""
    if rule.condition is None:
        return True
    if not walk.holds(rule.condition):
        return False
    return walk.decides(rule.condition, place=f"exit.{rule.id}.if")

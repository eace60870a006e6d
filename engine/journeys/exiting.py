"""Rules that end a run: asked at every event, so what they read is kept only when they do."""

from engine import faults
from engine.definitions.campaigns import ExitRule
from engine.faults import FAULTS
from engine.journeys.walks import Walk


def is_out(rule: ExitRule, walk: Walk) -> bool:
    """Whether its condition ends the run now; without one its event does."""
    if rule.condition is None:
        return True
    place = f"exit.{rule.id}.if"
    try:
        return walk.holds(rule.condition) and walk.decides(rule.condition, place=place)
    except FAULTS as error:
        raise faults.fault(error, place=place) from error

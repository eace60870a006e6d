"""Surveys that the customer completed, as a track call says it: `Survey Completed`."""

from collections.abc import Iterable
from typing import Final

import msgspec

from engine import properties
from engine.customer import Customer
from engine.events import Tracked
from engine.holdings import SURVEYS_MAX, Survey

NAMES: Final = frozenset({"survey completed", "poll completed", "completed survey"})


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What properties say of a survey; whatever is wrong counts as not said."""

    survey_id: object = None
    poll_id: object = None
    id: object = None
    survey_name: object = None
    name: object = None
    title: object = None
    results_url: object = None


_SAID: Final = msgspec.json.Decoder(_Said)


def complete(customer: Customer, event: Tracked) -> Customer:
    """Keep a completed survey; any other event, and one without an id, changes nothing."""
    if event.name.lower() not in NAMES:
        return customer
    said = properties.read(event, _SAID)
    survey_id = None if said is None else properties.text(said.survey_id, said.poll_id, said.id)
    if said is None or survey_id is None:
        return customer
    survey = Survey(
        survey_id=survey_id,
        completed_at=event.occurred_at,
        name=properties.text(said.survey_name, said.name, said.title),
        results_url=properties.text(said.results_url),
    )
    return msgspec.structs.replace(customer, surveys=merged(customer.surveys, (survey,)))


def merged(known: Iterable[Survey], others: Iterable[Survey]) -> tuple[Survey, ...]:
    """Each survey once, as completed last; the oldest beyond the cap leave."""
    found: dict[str, Survey] = {}
    for survey in sorted((*known, *others), key=_order):
        found[survey.survey_id] = survey
    return tuple(sorted(found.values(), key=_order))[-SURVEYS_MAX:]


def _order(survey: Survey) -> tuple[int, str, str, str]:
    return survey.completed_at, survey.survey_id, survey.name or "", survey.results_url or ""

"""Surveys that the customer completed, as a track call says it: `Survey Completed`."""

from collections.abc import Iterable
from typing import Final

import msgspec

from engine.customer import Customer
from engine.events import Tracked
from engine.holdings import SURVEYS_MAX, Survey

NAMES: Final = frozenset({"survey completed", "poll completed", "completed survey"})

TEXT_MAX_CHARS: Final = 200


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What properties say of a survey; whatever is wrong counts as not said."""

    survey_id: object = None
    poll_id: object = None
    id: object = None
    survey_name: object = None
    name: object = None
    title: object = None
    results_url: object = None


_decode: Final = msgspec.json.Decoder(_Said).decode


def complete(customer: Customer, event: Tracked) -> Customer:
    """Keep a completed survey; any other event, and one without an id, changes nothing."""
    if event.name.lower() not in NAMES:
        return customer
    try:
        said = _decode(event.properties)
    except msgspec.ValidationError:
        # No object: the door never lets it in, another writer might.
        return customer
    survey_id = _text(said.survey_id, said.poll_id, said.id)
    if survey_id is None:
        return customer
    survey = Survey(
        survey_id=survey_id,
        completed_at=event.occurred_at,
        name=_text(said.survey_name, said.name, said.title),
        results_url=_text(said.results_url),
    )
    return msgspec.structs.replace(customer, surveys=merged(customer.surveys, (survey,)))


def merged(known: Iterable[Survey], others: Iterable[Survey]) -> tuple[Survey, ...]:
    """Each survey once, as completed last; the oldest beyond the cap leave."""
    found: dict[str, Survey] = {}
    for survey in sorted((*known, *others), key=_order):
        found[survey.survey_id] = survey
    return tuple(sorted(found.values(), key=_order))[-SURVEYS_MAX:]


def _text(*candidates: object) -> str | None:
    for value in candidates:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip():
            return value[:TEXT_MAX_CHARS]
    return None


def _order(survey: Survey) -> tuple[int, str, str, str]:
    return survey.completed_at, survey.survey_id, survey.name or "", survey.results_url or ""

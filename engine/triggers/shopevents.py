"""T31, any event by name, its count or what follows it; T32, contacts with people; T45, polls."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from engine import durations
from engine.aggregates import documents
from engine.conditions import numbers
from engine.conditions.evaluation import Document
from engine.definitions.triggers.shopevents import Contacted, CustomEvent, PollAnswered
from engine.definitions.triggers.shopevents import Sequence as Follows
from engine.events import SourceEvent, Tracked
from engine.lists import surveys
from engine.triggers import repeating
from engine.triggers.machines import Fire, Keep, Machine, Outcome, Seen

ANSWERED: Final = frozenset(
    {"survey answered", "poll answered", "question answered", "answered survey"}
)

BANDS: Final = {"detractor": range(7), "passive": range(7, 9), "promoter": range(9, 11)}

_SCORES: Final = ("score", "nps", "rating")
_BETWEEN: Final = "between"


def _custom(seen: Seen[CustomEvent]) -> Iterator[Outcome]:
    """T31."""
    event, params = seen.event, seen.trigger.params
    if not isinstance(event, SourceEvent):
        return
    if params.sequence is not None:
        yield from _followed(seen, event, params.sequence)
    elif _is_named(event, params.event):
        yield from repeating.counted(
            seen.note(), event.occurred_at, times=params.count, window=params.window
        )


def _followed(seen: Seen[CustomEvent], event: SourceEvent, follows: Follows) -> Iterator[Outcome]:
    """The second before the first: one event may be both, and then ends what was begun."""
    at, began = event.occurred_at, seen.note().times
    is_end = _is_named(event, follows.then) and bool(began) and began[-1] < at
    if is_end and _is_complete(seen, at, follows):
        yield Keep()
        yield Keep(name=_BETWEEN)
        yield Fire()
        return
    if _is_named(event, seen.trigger.params.event):
        yield Keep((max(at, *began) if began else at,))
    for asked in (follows.between, follows.without):
        if asked is not None and _is_named(event, asked):
            yield Keep((*seen.note(_marked(asked)).times, at)[-1:], name=_marked(asked))


def _is_complete(seen: Seen[CustomEvent], at: int, follows: Follows) -> bool:
    first = seen.note().times[-1]
    if at - first > durations.parse_ms(seen.trigger.params.window):
        return False
    if follows.between is not None and not _came(seen, follows.between, first, at):
        return False
    return follows.without is None or not _came(seen, follows.without, first, at)


def _came(seen: Seen[CustomEvent], name: str, first: int, last: int) -> bool:
    return any(first < one < last for one in seen.note(_marked(name)).times)


def _marked(name: str) -> str:
    return f"{_BETWEEN}:{name.strip().casefold()}"


def _is_named(event: SourceEvent, wanted: str) -> bool:
    return wanted.strip().casefold() in documents.names(event)


def _contacted(seen: Seen[Contacted]) -> Iterator[Outcome]:
    """T32."""
    event, params = seen.event, seen.trigger.params
    if not isinstance(event, Tracked) or not _is_named(event, params.event):
        return
    said = documents.properties(event)
    if (
        _is_one_of(said.get("topic"), params.topics)
        and _is_one_of(said.get("result"), params.results)
        and (
            _is_one_of(said.get("operator"), params.operators)
            or _is_one_of(said.get("operator_id"), params.operators)
        )
    ):
        yield Fire()


def _poll(seen: Seen[PollAnswered]) -> Iterator[Outcome]:
    """T45: what is asked for must be true of one answer."""
    event, params = seen.event, seen.trigger.params
    names = surveys.NAMES if params.what == "completed" else ANSWERED
    if not isinstance(event, Tracked) or event.name.strip().casefold() not in names:
        return
    said = documents.properties(event)
    if params.poll is not None and params.poll not in {_text(said.get(k)) for k in _POLLS}:
        return
    if any(_is_answer(one, seen.trigger) for one in (said, *_answers(said))):
        yield Fire()


_POLLS: Final = ("survey_id", "poll_id", "id")
_QUESTIONS: Final = ("question_id", "question", "questionId")


def _answers(said: Document) -> Iterator[Document]:
    """Each answer: `answers` is a list of objects, or an object by question."""
    answers = said.get("answers")
    if isinstance(answers, dict):
        for question, answer in answers.items():
            yield {"question": question, "answer": answer, "score": answer}
    elif isinstance(answers, list):
        yield from (one for one in answers if isinstance(one, dict))


def _is_answer(answer: Document, trigger: PollAnswered) -> bool:
    params = trigger.params
    is_asked = params.question is None or params.question in {
        _text(answer.get(name)) for name in _QUESTIONS
    }
    chosen = answer.get("answer", answer.get("option"))
    options = chosen if isinstance(chosen, list) else [chosen]
    is_chosen = not params.options or any(_text(one) in params.options for one in options)
    return is_asked and is_chosen and _is_scored(answer, trigger)


def _is_scored(answer: Document, trigger: PollAnswered) -> bool:
    params = trigger.params
    if params.min_score is None and params.max_score is None and params.band is None:
        return True
    score = next(
        (n for name in _SCORES if (n := numbers.exact(answer.get(name))) is not None), None
    )
    if score is None:
        return False
    if params.band is not None and (score % 1 or int(score) not in BANDS[params.band]):
        return False
    low, high = params.min_score or Decimal("-Infinity"), params.max_score
    return low <= score and (high is None or score <= high)


def _is_one_of(value: object, wanted: tuple[str, ...]) -> bool:
    text = _text(value)
    return not wanted or (text is not None and text.casefold() in {w.casefold() for w in wanted})


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    return str(value).strip()


CUSTOM: Final = Machine(_custom)
CONTACTED: Final = Machine(_contacted)
POLL: Final = Machine(_poll)

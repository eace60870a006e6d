"""Which customers a request is about: a rule as tree or text, a segment, or ids."""

from typing import Any, Final, NamedTuple

import msgspec

from api.admin import definitions
from api.admin.errors import BadRequestError, NotFoundError
from clickhouse.rules.selecting import Context
from engine.definitions import installation
from engine.definitions.folded import Definitions
from engine.errors import Flaw, InvalidDefinitionError
from engine.rules import reading
from engine.rules.nodes import Attr, Every, InSegment, Rule

IDS_MAX: Final = 1_000
IDS_CHARS_MAX: Final = 32_000
"""More travel badly in a question to ClickHouse: they are a rule, or an audience."""


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom: exactly one of these."""

    rule: Any = None
    """Its tree, not looked at yet, so that what is wrong is told at its node."""
    text: str | None = None
    segment: str | None = None
    ids: list[str] | None = None

    @property
    def is_given(self) -> bool:
        """Whether anybody is named at all."""
        return any(getattr(self, name) is not None for name in Choice.__struct_fields__)


class Chosen(NamedTuple):
    """A rule that was checked, and what it is asked under."""

    rule: Rule
    context: Context


def chosen(choice: Choice, known: Definitions, *, now: int) -> Chosen:
    """Make a rule of the choice.

    Args:
        now: Epoch ms; the instant that the rule is asked at.

    Raises:
        BadRequestError: none or several of them, or a rule that means nothing here.
        NotFoundError: there is no such segment.
    """
    return Chosen(_checked(choice, known), context(known, now=now))


def context(known: Definitions, *, now: int) -> Context:
    """What every rule is asked under at that instant."""
    return Context(
        now=now,
        zone=known.settings.timezone,
        segments=known.segment_rules.by_id,
        metrics={name: one.latest for name, one in known.metrics.items() if not one.deleted},
        interest_ms=known.settings.interest_ms,
    )


def _checked(choice: Choice, known: Definitions) -> Rule:
    given = [name for name in Choice.__struct_fields__ if getattr(choice, name) is not None]
    if len(given) != 1:
        flaw = Flaw(path="rule", message='send one of "rule", "text", "segment" and "ids"')
        raise BadRequestError("invalid_body", flaw.message, flaws=[flaw])
    declared = installation.declared(known)
    if choice.segment is not None:
        if choice.segment not in declared.segments:
            raise NotFoundError("segment", choice.segment)
        return InSegment(id="n1", segment=choice.segment)
    if choice.ids is not None:
        return of_ids(choice.ids)
    try:
        found = (
            reading.from_text(choice.text)
            if choice.text is not None
            else reading.decoded(choice.rule)
        )
        return reading.checked(found, declared)
    except InvalidDefinitionError as error:
        raise definitions.refused(_placed(error, "rule")) from error


def of_ids(ids: list[str]) -> Rule:
    """These customers, as a rule.

    Raises:
        BadRequestError: none, or too many.
    """
    if not 1 <= len(ids) <= IDS_MAX or not all(ids) or sum(map(len, ids)) > IDS_CHARS_MAX:
        message = f"from 1 to {IDS_MAX:,} ids, none empty, {IDS_CHARS_MAX:,} characters together"
        flaw = Flaw(path="ids", message=message)
        raise BadRequestError("invalid_body", flaw.message, flaws=[flaw])
    return Attr(id="n1", path="id", comparison="in", value=tuple(sorted(set(ids))))


def everybody() -> Rule:
    """The rule that holds of all."""
    return Every(id="n1", of=())


def _placed(error: InvalidDefinitionError, place: str) -> InvalidDefinitionError:
    return InvalidDefinitionError(
        [
            msgspec.structs.replace(
                flaw, path=".".join(part for part in (place, flaw.path) if part)
            )
            for flaw in error.flaws
        ]
    )

"""A target audience: a list of customers with a tag, frozen when it is made (M050, M051)."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from engine import ids
from engine.errors import Flaw, InvalidDefinitionError
from engine.rules import reading
from engine.rules.nodes import Rule

IDS_MAX: Final = 1_000
"""Listed by hand; more come of a rule."""

IDS_CHARS_MAX: Final = 32_000
"""Of all of them."""

TEXT_CHARS_MAX: Final = 500

TAG_CHARS_MAX: Final = 100
"""Every member's row carries it."""

AUDIENCES_MAX: Final = 1_000


class Audience(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One version: only name and description change, whom it is of and its tag never."""

    id: str
    name: str = ""
    """For people."""
    description: str = ""
    tag: str
    """What its members have; no other audience's."""
    rule: Rule | None = None
    """Whom it is of: exactly one of these three, asked once, when the audience is made."""
    segment: str | None = None
    ids: tuple[str, ...] | None = None


class Said(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """The same, its rule not looked at yet, so that what is wrong is told at its node."""

    id: str
    name: str = ""
    description: str = ""
    tag: str | None = None
    rule: Any = None
    segment: str | None = None
    ids: tuple[str, ...] | None = None


class AudienceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An audience with every version since it was made."""

    revision: int
    versions: Mapping[int, Audience]
    made: int
    """The revision that made it: its members were chosen then."""
    made_at: int
    """Epoch ms."""
    deleted: bool = False
    deleted_at: int = 0

    @property
    def latest(self) -> Audience:
        """The newest version."""
        return self.versions[max(self.versions)]

    @property
    def job(self) -> str:
        """The job that tags the members; of a deleted one, that takes the tag away again."""
        what = "untag" if self.deleted else "tag"
        return ids.derived("audience", what, self.latest.id, self.made)


def of(said: Said) -> Audience:
    """Read the rule; its nodes without an id get one, and the tag is the id unless said.

    Raises:
        InvalidDefinitionError: it is none, at its node.
    """
    try:
        rule = None if said.rule is None else reading.decoded(said.rule)
    except InvalidDefinitionError as error:
        raise InvalidDefinitionError([_below(flaw) for flaw in error.flaws]) from error
    return Audience(
        id=said.id,
        name=said.name,
        description=said.description,
        tag=said.id if said.tag is None else said.tag.strip(),
        rule=rule,
        segment=said.segment,
        ids=said.ids,
    )


def flaws(audience: Audience) -> list[Flaw]:
    """Everything wrong that the types alone do not say, and no other definition."""
    found = []
    given = [one for one in (audience.rule, audience.segment, audience.ids) if one is not None]
    if len(given) != 1:
        found.append(Flaw(path="rule", message='say one of "rule", "segment" and "ids"'))
    if not 1 <= len(audience.tag) <= TAG_CHARS_MAX or not audience.tag.isprintable():
        found.append(Flaw(path="tag", message=f"1 to {TAG_CHARS_MAX} printable characters"))
    listed = audience.ids
    if listed is not None and not (1 <= len(listed) <= IDS_MAX and all(listed)):
        found.append(Flaw(path="ids", message=f"from 1 to {IDS_MAX:,} ids, none empty"))
    if listed is not None and sum(map(len, listed)) > IDS_CHARS_MAX:
        found.append(Flaw(path="ids", message=f"at most {IDS_CHARS_MAX:,} characters together"))
    found += [
        Flaw(path=name, message=f"at most {TEXT_CHARS_MAX} characters")
        for name in ("name", "description")
        if len(getattr(audience, name)) > TEXT_CHARS_MAX
    ]
    return found


def is_same(one: Audience, other: Audience) -> bool:
    """Whether both are of the same customers, under the same tag."""
    return _frozen(one) == _frozen(other)


def _frozen(audience: Audience) -> tuple[object, ...]:
    return audience.tag, audience.rule, audience.segment, audience.ids


def _below(flaw: Flaw) -> Flaw:
    path = f"rule.{flaw.path}" if flaw.path else "rule"
    return msgspec.structs.replace(flaw, path=path)

"""The jobs that audiences are made and taken back by: one of each, whoever writes it down."""

import msgspec

from api.jobs.jobs import Order
from engine.definitions.audiences import AudienceEntry
from engine.rules.nodes import Attr, InAudience, InSegment, Rule


def of_audience(entry: AudienceEntry) -> Order:
    """The job that tags the members, or that takes the tag of a deleted one away again."""
    audience = entry.latest
    if entry.deleted:
        return Order(
            id=entry.job,
            action="untag",
            asked_at=entry.deleted_at,
            rule=msgspec.to_builtins(InAudience(id="n1", tag=audience.tag)),
            tag=audience.tag,
            members_of=msgspec.structs.replace(entry, deleted=False).job,
        )
    return Order(
        id=entry.job,
        action="audience",
        asked_at=entry.made_at,
        rule=msgspec.to_builtins(_audience_rule(entry)),
        tag=audience.tag,
        listed=len(set(audience.ids or ())),
    )


def _audience_rule(entry: AudienceEntry) -> Rule:
    audience = entry.latest
    if audience.rule is not None:
        return audience.rule
    if audience.segment is not None:
        return InSegment(id="n1", segment=audience.segment)
    listed = tuple(sorted(set(audience.ids or ())))
    return Attr(id="n1", path="id", comparison="in", value=listed)

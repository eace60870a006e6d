"""Tags: words that the back office, an operator or a campaign puts on a customer."""

from collections.abc import Iterator, Mapping

import msgspec

from engine import ids
from engine.customer import Customer
from engine.effects import Effect, RecordFact
from engine.events import TagsChanged
from engine.facts import Fact
from engine.holdings import TAGS_MAX, Tag


def assigned(tags: Mapping[str, Tag]) -> dict[str, int]:
    """The tags that stand, by name, and since when."""
    return {name: tag.at for name, tag in sorted(tags.items()) if tag.is_assigned}


def change(customer: Customer, event: TagsChanged) -> Customer:
    """Assign and take away; each tag goes by the newest word of it."""
    said = {name: Tag(event.occurred_at, is_assigned=True) for name in event.added}
    said |= {name: Tag(event.occurred_at, is_assigned=False) for name in event.removed}
    return msgspec.structs.replace(customer, tags=merged(customer.tags, said))


def merged(known: Mapping[str, Tag], said: Mapping[str, Tag]) -> dict[str, Tag]:
    """Per tag the newest word; said at one time, taking away goes before assigning.

    Beyond the cap the oldest words leave, those of tags taken away first.
    """
    found = dict(known)
    for name, tag in said.items():
        before = found.get(name)
        if before is None or _order(tag) > _order(before):
            found[name] = tag
    if len(found) <= TAGS_MAX:
        return found
    kept = sorted(found.items(), key=lambda item: (item[1].is_assigned, item[1].at, item[0]))
    return dict(kept[-TAGS_MAX:])


def facts(before: Customer, after: Customer, event: TagsChanged) -> list[Effect]:
    """Each tag that came or went (M170)."""
    return [RecordFact(fact=fact) for fact in _facts(before, after, event)]


def _facts(before: Customer, after: Customer, event: TagsChanged) -> Iterator[Fact]:
    had, has = assigned(before.tags), assigned(after.tags)
    for name in sorted(had.keys() ^ has.keys()):
        yield Fact(
            id=ids.derived("tag_changed", after.id, name, event.id),
            customer=after.id,
            kind="tag_changed",
            at=event.occurred_at,
            name=name,
            before=name if name in had else None,
            after=name if name in has else None,
            cause=event.id,
        )


def _order(tag: Tag) -> tuple[int, bool]:
    return tag.at, not tag.is_assigned

"""T47: another system calls something out for customers, by the API."""

from collections.abc import Iterator
from typing import Final

from engine import ids
from engine.commands import Called
from engine.definitions.triggers.calls import CalledOut
from engine.triggers.machines import Fire, Keep, Machine, Outcome, Seen

KEYS_MAX: Final = 20
"""Calls of one name that a customer remembers: a repetition of an older one fires again."""

HASH_CHARS: Final = 12


def _called(seen: Seen[CalledOut]) -> Iterator[Outcome]:
    """Once for each key, however long ago it was said first."""
    event = seen.event
    if not isinstance(event, Called):
        return
    if event.name.strip().casefold() != seen.trigger.params.event.strip().casefold():
        return
    known = tuple(filter(None, seen.note().text.split(",")))
    told = ids.derived(event.key)[:HASH_CHARS]
    if told in known:
        return
    yield Keep(text=",".join((*known, told)[-KEYS_MAX:]))
    yield Fire()


CALLED: Final = Machine(_called)

"""What every kind of definition is asked for alike: the list of them, the versions of one."""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, paging, requests
from engine.definitions.changes import DefinitionKind
from streams.definitions import DefinitionsLog


class Entry(Protocol):
    """A definition in the fold."""

    @property
    def deleted(self) -> bool:
        """It has versions, and is no more."""


E = TypeVar("E", bound=Entry)


def page(request: Request, entries: Mapping[str, E], shape: Callable[[E], object]) -> Response:
    """One page of those that are not deleted, by id."""
    limit, after = requests.limit(request), paging.after(request, paging.BY_ID)
    found = sorted(
        (definition_id, entry)
        for definition_id, entry in entries.items()
        if not entry.deleted and (after is None or definition_id > after)
    )
    return answers.page(
        paging.page(
            found[: limit + 1],
            limit=limit,
            key=lambda one: one[0],
            shape=lambda one: shape(one[1]),
        )
    )


def versions(
    log: DefinitionsLog,
    kind: DefinitionKind,
    definition_id: str,
    read: Callable[[bytes], msgspec.Struct],
) -> Response:
    """Every version that was saved, newest first; `read` makes a definition of a change's body."""
    saved = [
        entry.change
        for entry in reversed(log.history.applied_to(kind, definition_id))
        if entry.change is not None and entry.change.action == "put"
    ]
    items = [
        {
            **answers.fields(read(bytes(change.body))),
            "version": change.based_on + 1,
            "at": answers.time(change.at),
            "by": change.by,
        }
        for change in saved
    ]
    return answers.json({"items": items, "cursor": None})

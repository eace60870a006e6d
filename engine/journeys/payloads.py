"""An event as conditions, templates and correlation keys see it."""

import functools
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from engine.aggregates import documents
from engine.commands import Called
from engine.conditions import evaluation
from engine.conditions.evaluation import Condition, Document
from engine.conditions.nodes import Node
from engine.events import Event, Responded, SourceEvent
from engine.instances import EVENT_MAX_BYTES
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued

_payload: Final = msgspec.json.Decoder(dict[str, object], float_hook=Decimal).decode

KEY_CHARS_MAX: Final = 200
"""Of a correlation key: ids of shops are shorter; a longer one is cut."""

CONDITIONS_MAX: Final = 10_000
"""Kept compiled; more are compiled again when they are met."""

_NAMES: Final[Mapping[type, str]] = {
    ReceiptIssued: "receipt issued",
    OrderPlaced: "order placed",
    OrderStatusChanged: "order status changed",
}


class Told:
    """An event for whoever may ask of it: read only when somebody does."""

    def __init__(self, event: Event) -> None:
        self._event = event

    @property
    def event(self) -> Event:
        """Itself."""
        return self._event

    @property
    def id(self) -> str:
        """Of the event."""
        return self._event.id

    @property
    def at(self) -> int:
        """When it occurred; epoch ms."""
        return self._event.occurred_at

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """See `names`."""
        return names(self._event)

    @functools.cached_property
    def document(self) -> Document:
        """See `document`."""
        return document(self._event)

    def passes(self, where: Node | None) -> bool:
        """Whether a condition holds of the event; there being none, it does."""
        return where is None or passes(where, self.document)


def passes(where: Node | None, seen: Document) -> bool:
    """Whether a condition holds of an event's fields; there being none, it does."""
    return where is None or _compiled(where)(seen)


def names(event: Event) -> tuple[str, ...]:
    """The names it may be waited for by, in lower case; none for what only we know of."""
    if isinstance(event, SourceEvent):
        return documents.names(event)
    if isinstance(event, Responded):
        return (f"message {event.response}",)
    if isinstance(event, Called):
        return (event.name.strip().casefold(),)
    known = _NAMES.get(type(event))
    return () if known is None else (known,)


def document(event: Event) -> Document:
    """Its fields by path: `properties` and `context` of a tracker's, the payload of a call."""
    if isinstance(event, SourceEvent):
        return documents.of_event(event)
    if isinstance(event, Called):
        return _payload(event.payload)
    if isinstance(event, ReceiptIssued | OrderPlaced):
        return {
            **_fields(event),
            "total": event.total,
            "shipping": event.shipping,
            "lines": documents.of_lines(event.lines),
        }
    return _fields(event)


def key(seen: Document, path: str | None) -> str:
    """The value a run is about; empty where there is none."""
    if path is None:
        return ""
    found = evaluation.found(seen, path.split("."))
    return "" if found is None or isinstance(found, dict | list) else str(found)[:KEY_CHARS_MAX]


def kept(seen: Document) -> dict[str, object]:
    """What a run remembers of the event that began it, within its bound."""
    whole = _plain(seen)
    if _size(whole) <= EVENT_MAX_BYTES:
        return whole
    flat = _without_lists(whole)
    return flat if _size(flat) <= EVENT_MAX_BYTES else {}


@functools.lru_cache(maxsize=CONDITIONS_MAX)
def _compiled(where: Node) -> Condition:
    return evaluation.compiled(where)


def _fields(event: Event) -> dict[str, object]:
    # By way of JSON: what a source sent stands in the event as raw bytes.
    found: dict[str, object] = msgspec.json.decode(msgspec.json.encode(event))
    return {name: value for name, value in found.items() if name != "properties"}


def _plain(seen: Document) -> dict[str, object]:
    """As JSON holds it: money is decimal text."""
    found: dict[str, object] = msgspec.json.decode(msgspec.json.encode(seen))
    found.pop("context", None)
    return found


def _without_lists(value: dict[str, object]) -> dict[str, object]:
    return {
        name: _without_lists(one) if isinstance(one, dict) else one
        for name, one in value.items()
        if not isinstance(one, list)
    }


def _size(value: object) -> int:
    return len(msgspec.json.encode(value))

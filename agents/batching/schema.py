"""One Faust event for a whole chunk, undecoded.

Faust decodes each record and acknowledges the ones it cannot; here nothing is decoded, so
nothing is skipped.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from faust.serializers.schemas import Schema
from faust.types import AppT, EventT, Message

from agents.batching.chunks import LogRecord


def records_of(message: Message) -> Sequence[LogRecord]:
    """Unwrap the chunk that `BatchConsumer` put where Faust declares bytes."""
    return cast("Sequence[LogRecord]", message.value)


class ChunkSchema(Schema[Any, Any]):
    """`event.value` is the list of records; `on_decode` hears of each chunk before its queue."""

    def __init__(self, *, on_decode: Callable[[Message], None] | None = None) -> None:
        super().__init__()
        self.on_decode = on_decode

    def compile(self, app: AppT, **_: object) -> Callable[..., Awaitable[EventT[Any]]]:
        """Build what the conductor calls for each chunk."""
        create_event = app.create_event
        on_decode = self.on_decode

        async def decode(message: Message, *, propagate: bool = False) -> EventT[Any]:  # noqa: ARG001 - Faust's signature
            if on_decode is not None:
                on_decode(message)
            return create_event(None, message.value, None, message)

        return decode

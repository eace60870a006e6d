"""Triggers on what became of messages."""

from collections.abc import Iterator
from typing import Literal

from engine.definitions.triggers.base import BaseTrigger, Params
from engine.events import Responded
from engine.sends import Response


class ResponseParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which response to which messages; None is any."""

    response: Response = "clicked"
    channel: str | None = None
    campaign: str | None = None
    link: str | None = None
    """Of a click: a pattern of its address, `*` is any text."""
    human_only: bool = True
    """Leave out what a machine did: scanners open and click."""


class ResponseCame(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T33"):
    """A message was delivered, opened, clicked, bounced or complained about."""

    WATCHES = (Responded,)

    params: ResponseParams = ResponseParams()


class SilenceParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which response does not come."""

    response: Literal["opened", "clicked"] = "opened"
    since: Literal["delivered", "accepted"] = "delivered"
    """`accepted` for providers that report no delivery."""
    after: str = "2d"
    channel: str | None = None
    campaign: str | None = None

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "after", self.after


class NoResponse(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T34"):
    """A message reached the customer, who did nothing with it for a while."""

    WATCHES = (Responded,)

    params: SilenceParams = SilenceParams()

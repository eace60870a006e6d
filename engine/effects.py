"""Outbound decisions. Names are imperatives: an effect is yet to be carried out."""

from typing import TypeAlias

import msgspec

from engine.facts import Fact
from engine.messages import Message


class ScheduleTimer(msgspec.Struct, frozen=True, kw_only=True):
    """Fire once at `due_at`; the same `timer_id` again replaces it."""

    timer_id: str
    due_at: int
    is_latest: bool = False
    """Only ever move a timer that is already set further away: late news never shortens a wait."""


class CancelTimer(msgspec.Struct, frozen=True, kw_only=True):
    """Forget the timer; one that is not there is no error."""

    timer_id: str


class SendMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Hand a message to delivery; its id makes the send idempotent."""

    message: Message


class RecordFact(msgspec.Struct, frozen=True, kw_only=True):
    """Keep what was decided."""

    fact: Fact


Effect: TypeAlias = ScheduleTimer | CancelTimer | SendMessage | RecordFact

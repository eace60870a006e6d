"""The ledger of what was sent: pure, folded from `sends`, alike in every process that reads it.

Per message the attempts 1, 2, 3 follow each other. The first record for (id, attempt) claims the
attempt, whoever wrote it; every later claim of the same attempt is void:

                 ┌─────────────── failed, temporary: after a pause, attempt + 1 ──────────────┐
                 ▼                                                                            │
    (nothing) ─▶ reserved by W ──▶ accepted | failed | expired        written by W: final ────┘
                     │
                     └───────────▶ in_doubt    by W, or by anybody once W was silent too long:
                                               marketing ends there, transactional tries again

Nobody sends before its own reservation has come back from the log as the claim. So two processes
that read the same messages send each once, and one that died leaves a doubt, never a second mail.
`accepted` always wins: it is the one thing only its writer can know.
"""

from collections.abc import Mapping
from typing import Final, assert_never

from agents.delivery import entries
from agents.delivery.decisions import (
    Close,
    Decision,
    Dispatch,
    Ended,
    Finished,
    Recheck,
    Reserve,
    Wait,
)
from agents.delivery.entries import Entry
from channels import outcomes
from engine.messages import Message
from engine.sends import Send

BACKOFF_MS: Final = (1_000, 10_000, 60_000)
"""After the first attempt, the second, any later one; the last wait ends in a recheck."""

STALE_AFTER_MS: Final = 60_000
"""A message older than this since its append goes back to the worker: consent may be gone."""

GOOD_FOR_MS: Final = 20_000
"""How long a reservation may wait for its own writer, who then gives it back as not sent."""

SEND_TIMEOUT_MS: Final = 31_000
"""How long one hand-over to a provider may take; SMTP bounds itself at 30 s."""

DOUBT_AFTER_MS: Final = GOOD_FOR_MS + SEND_TIMEOUT_MS + 5_000
"""When a reservation of somebody else is in doubt: by then it has ended, or its writer has.

Without the wait, a new process would doubt what an old one is sending right now.
"""

KEPT_MS: Final = 7 * 24 * 60 * 60 * 1000 + 60 * 60 * 1000
"""What is read back: a message lives 7 days at most; an hour for clocks that differ."""

PRUNE_EVERY_MS: Final = 60 * 60 * 1000


class Ledger:
    """One process's fold. No clock and no I/O: `now` comes with the question."""

    def __init__(self, *, writer: str, doubt_after_ms: int = DOUBT_AFTER_MS) -> None:
        self._writer = writer
        self._doubt_after_ms = doubt_after_ms
        self._entries: dict[str, Entry] = {}
        self._newest_at = 0
        self._pruned_at = 0

    @property
    def entries(self) -> Mapping[str, Entry]:
        """By message id."""
        return self._entries

    def apply(self, send: Send, *, logged_at: int) -> None:
        """Fold the next record of the log; every process folds the same to the same."""
        entry = self._entries.get(send.id)
        self._entries[send.id] = (
            entries.claimed(send, logged_at=logged_at)
            if entry is None
            else entries.after(entry, send, logged_at=logged_at)
        )
        self._newest_at = max(self._newest_at, logged_at)
        if self._newest_at - self._pruned_at > PRUNE_EVERY_MS:
            self._prune()

    def decide(self, message: Message, *, logged_at: int, now: int, is_certain: bool) -> Decision:
        """Say what may happen next to a message.

        Args:
            logged_at: when its record was appended to `messages`.
            is_certain: whether the channel takes the same id twice as once.
        """
        entry = self._entries.get(message.id)
        if entry is None:
            return _leave(message, attempt=1, logged_at=logged_at, now=now)
        match entry.state:
            case "accepted" | "expired":
                return _finished(entry)
            case "failed" | "in_doubt":
                return _after_end(entry, message, logged_at=logged_at, now=now)
            case "reserved" if entry.holder == self._writer:
                return _own(entry, now=now)
            case "reserved" if is_certain:
                return _leave(message, attempt=entry.attempt + 1, logged_at=logged_at, now=now)
            case "reserved":
                return self._foreign(entry, now=now)
            case _:
                assert_never(entry.state)

    def _foreign(self, entry: Entry, *, now: int) -> Decision:
        doubted_from = entry.at + self._doubt_after_ms
        if now < doubted_from:
            return Wait(until=doubted_from)
        return Close(
            attempt=entry.attempt,
            state="in_doubt",
            code="no_outcome",
            reason="reserved by a process that ended before it said what became of it",
        )

    def _prune(self) -> None:
        """Forget what no living message can ask for; insertion order is nearly that of age."""
        self._pruned_at = self._newest_at
        horizon = self._newest_at - KEPT_MS
        old = []
        for message_id, entry in self._entries.items():
            if entry.at >= horizon:
                break
            old.append(message_id)
        for message_id in old:
            del self._entries[message_id]


def _leave(message: Message, *, attempt: int, logged_at: int, now: int) -> Decision:
    """Nothing speaks against an attempt but time."""
    if now >= message.expires_at:
        return Close(
            attempt=attempt, state="expired", code="expired", reason="its time was over before"
        )
    if now - logged_at > STALE_AFTER_MS:
        return Recheck()
    return Reserve(attempt=attempt)


def _own(entry: Entry, *, now: int) -> Decision:
    if now - entry.at > GOOD_FOR_MS:
        return Close(
            attempt=entry.attempt,
            state="failed",
            code=outcomes.STALE,
            reason="we stood still between the reservation and the sending",
        )
    return Dispatch(attempt=entry.attempt)


def _after_end(entry: Entry, message: Message, *, logged_at: int, now: int) -> Decision:
    """An attempt ended, but perhaps not the message."""
    is_in_doubt = entry.state == "in_doubt"
    if not entry.may_go_on or (is_in_doubt and message.message_class == "marketing"):
        return _finished(entry)
    if is_in_doubt and now >= message.expires_at:
        return _finished(entry)
    due = entry.at + BACKOFF_MS[min(entry.pauses, len(BACKOFF_MS)) - 1]
    if now < min(due, message.expires_at):
        return Wait(until=min(due, message.expires_at))
    return _leave(message, attempt=entry.attempt + 1, logged_at=logged_at, now=now)


def _finished(entry: Entry) -> Finished:
    outcomes_heard = []
    if entry.doubted_at is not None and entry.state != "in_doubt":
        outcomes_heard.append(Ended(state="in_doubt", at=entry.doubted_at))
    if entry.state == "reserved":
        raise ValueError("a reservation is no end")
    outcomes_heard.append(
        Ended(state=entry.state, at=entry.at, code=entry.code, reason=entry.reason)
    )
    return Finished(outcomes=tuple(outcomes_heard))

"""What the ledger knows of one message, and what a further record makes of that. Pure."""

from typing import Final

import msgspec

from channels import outcomes
from engine.sends import Send, SendState

TRIES_MAX: Final = 3
"""Attempts that may end in doubt or in the provider's "not now"; a provider that cannot be talked
to at all is asked again until the message expires."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of one message; about 250 bytes with its id."""

    attempt: int
    """The newest that was claimed."""
    holder: str
    """Who claimed it."""
    state: SendState
    at: int
    """Epoch ms: when the claim or its outcome was appended."""
    pauses: int = 0
    """Attempts that may be followed by another: how often we waited."""
    tries: int = 0
    """Those of them that count against `TRIES_MAX`."""
    doubted_at: int | None = None
    """When an attempt ended in doubt; what comes later does not take that back."""
    code: str | None = None
    reason: str | None = None

    @property
    def may_go_on(self) -> bool:
        """Whether a further attempt may be claimed."""
        if self.state == "failed":
            return (
                self.tries < TRIES_MAX
                and self.code is not None
                and outcomes.is_temporary(self.code)
            )
        return self.state == "reserved" or (self.state == "in_doubt" and self.tries < TRIES_MAX)


def claimed(send: Send, *, logged_at: int, before: Entry | None = None) -> Entry:
    """Begin an attempt, or end it at once where nothing was reserved."""
    claim = Entry(
        attempt=send.attempt,
        holder=send.writer,
        state="reserved",
        at=logged_at,
        pauses=0 if before is None else before.pauses,
        tries=0 if before is None else before.tries,
        doubted_at=None if before is None else before.doubted_at,
    )
    return claim if send.state == "reserved" else _ended(claim, send, logged_at)


def after(entry: Entry, send: Send, *, logged_at: int) -> Entry:
    """What a further record makes of an entry; most that do not fit are lost races."""
    if send.state == "accepted":
        return entry if entry.state == "accepted" else _ended(entry, send, logged_at)
    if send.attempt > entry.attempt:
        return claimed(send, logged_at=logged_at, before=entry) if entry.may_go_on else entry
    if send.attempt < entry.attempt or entry.state != "reserved":
        return entry
    if send.writer == entry.holder or send.state == "in_doubt":
        return _ended(entry, send, logged_at)
    return entry


def _ended(entry: Entry, send: Send, logged_at: int) -> Entry:
    is_in_doubt = send.state == "in_doubt"
    code = send.code or ""
    is_to_follow = is_in_doubt or (send.state == "failed" and outcomes.is_temporary(code))
    is_counted = is_to_follow and code not in outcomes.OURS
    return msgspec.structs.replace(
        entry,
        state=send.state,
        at=logged_at,
        pauses=entry.pauses + is_to_follow,
        tries=entry.tries + is_counted,
        doubted_at=logged_at if is_in_doubt else entry.doubted_at,
        code=send.code,
        reason=send.reason,
    )

"""What a response says of the address: responses.md f.3, read from codes and words.

    hard    no such mailbox, domain or number         the address is suppressed at once
    soft    full, too large, not now, nobody knows    suppressed after several
            why; deferred
    block   policy, spam, DMARC, reputation           says nothing of the address

Enhanced status codes (RFC 3463) go before SMTP's replies (RFC 5321, 4.2), words before the latter.
What the provider itself calls permanent or not goes before all of them, except that a block is one.
"""

import re
from typing import Final, Literal, TypeAlias

from engine.events import Responded
from engine.suppressions import Verdict

Sort: TypeAlias = Literal["hard", "soft", "block"]

_ENHANCED: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")

_HARD: Final = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4"})
"""Of class 5: no such mailbox or domain, moved without a word, null MX (RFC 7505), disabled, no
route to the domain."""

_BLOCK_SUBJECTS: Final = frozenset({"6", "7"})
"""Of class 5: content and policy."""

_SENDERS: Final = frozenset({"1.7", "1.8"})
"""Our own address was refused."""

_BLOCKED: Final = re.compile(
    r"spam|block|black ?list|deny ?list|dnsbl|rbl|policy|policies|reputation|dmarc|spf|dkim|virus"
    r"|rate limit|not authori[sz]ed|authentication",
    re.IGNORECASE,
)
_NOBODY: Final = re.compile(
    r"(user|recipient|mailbox|account|address|domain|host)[^.]{0,40}"
    r"(unknown|not found|does ?n.t exist|do(es)? not exist|disabled|inactive|invalid|unavailable)"
    r"|(unknown|no such|invalid) (user|recipient|mailbox|account|address|domain|local)",
    re.IGNORECASE,
)
_FULL: Final = re.compile(r"full|quota|too (large|big|many)|try again|temporar", re.IGNORECASE)

_WORDS: Final[tuple[tuple[Sort, re.Pattern[str]], ...]] = (
    ("block", _BLOCKED),
    ("hard", _NOBODY),
    ("soft", _FULL),
)
"""A policy is looked for first: its refusals like to name the mailbox, too."""

_HARD_REPLIES: Final = frozenset({"550", "551", "553", "556", "521"})
_LENGTH: Final = 3


def verdict(event: Responded) -> Verdict | None:
    """What the response says of the address it went to; None: nothing."""
    match event.response:
        case "complained":
            return "complaint"
        case "delivered" | "opened" | "clicked" | "read" | "replied":
            return "delivered"
        case "bounced" | "dropped" | "deferred":
            found = _sort(event)
            return None if found == "block" else found
        case "failed":
            return _of_refusal(event)
        case _:
            return None


def is_hard(event: Responded) -> bool:
    """Whether the address is none, by this response."""
    return verdict(event) == "hard"


def _sort(event: Responded) -> Sort:
    """Sort a bounce; what nobody knows the reason of is soft, as what is only put off."""
    found = _by_enhanced(event) or _by_words(event)
    if found == "block":
        return found
    if event.is_permanent is not None:
        return "hard" if event.is_permanent else "soft"
    if event.response == "deferred":
        return "soft"
    if found is not None:
        return found
    return "hard" if event.code in _HARD_REPLIES else "soft"


def _of_refusal(event: Responded) -> Verdict | None:
    """Sort what our own delivery was told at the door: much of it is not about the address."""
    found = _by_enhanced(event)
    if found is None and _is_reply(event.code):
        found = "soft" if event.code == "552" else _by_words(event)
    if found != "block" and event.is_permanent is not None:
        return "hard" if event.is_permanent else "soft"
    return None if found == "block" else found


def _by_enhanced(event: Responded) -> Sort | None:
    met = _ENHANCED.search(f"{event.code or ''} {event.reason or ''}")
    if met is None:
        return None
    digit, subject, detail = met.groups()
    if digit != "5":
        return "soft"
    said = f"{subject}.{detail}"
    if said in _HARD:
        return "hard"
    return "block" if subject in _BLOCK_SUBJECTS or said in _SENDERS else "soft"


def _by_words(event: Responded) -> Sort | None:
    if _is_reply(event.code) and (event.code or "").startswith("4"):
        return "soft"
    reason = f"{event.subtype or ''} {event.reason or ''}"
    return next((sort for sort, said in _WORDS if said.search(reason)), None)


def _is_reply(code: str | None) -> bool:
    return code is not None and len(code) == _LENGTH and code.isdecimal()

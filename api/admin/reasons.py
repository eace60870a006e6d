"""The words for a decision: what `explain` says to people."""

from collections.abc import Mapping
from typing import Any, Final

from engine.facts import FactKind
from engine.reasons import SENTENCES

KINDS: Final[dict[FactKind, str]] = {
    "fired": "the trigger fired",
    "entered": "the customer entered the campaign",
    "sent": "a message was handed to delivery",
    "not_sent": "no message was sent",
    "deferred": "the message waits",
    "exited": "the customer left the campaign",
}

STATES: Final[dict[str, str]] = {
    "decided": "delivery has not met it yet",
    "reserved": "delivery is at it",
    "accepted": "the provider accepted it",
    "failed": "the provider refused it for good",
    "in_doubt": "the provider did not say whether it took it, and it is not sent twice",
    "expired": "delivery met it too late: its time to live had passed",
    "held": "the provider does not work; it is decided anew when it does",
}
"""By state of the newest entry in the ledger of delivery."""


ENDED: Final = "its run came to its end"
"""What `completed` means of a customer who left; of a message it means the cart was."""


def words(kind: str, reason: str) -> str:
    """Say a decision in one line; a word this version does not know is said as it is."""
    said = _said(KINDS, kind)
    if (kind, reason) == ("exited", "completed"):
        return f"{said}: {ENDED}"
    return f"{said}: {_said(SENTENCES, reason)}" if reason else said


def _said(words_for: Mapping[Any, str], word: str) -> str:
    return words_for.get(word, word)

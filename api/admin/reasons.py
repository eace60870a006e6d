"""The words for a decision: what `explain` says to people."""

from collections.abc import Mapping
from typing import Any, Final

from engine.facts import FactKind, Reason

KINDS: Final[dict[FactKind, str]] = {
    "fired": "the trigger fired",
    "entered": "the customer entered the campaign",
    "sent": "a message was handed to delivery",
    "not_sent": "no message was sent",
    "deferred": "the message waits",
    "exited": "the customer left the campaign",
}

REASONS: Final[dict[Reason, str]] = {
    "admitted": "consent and address were there, and no rule was against it",
    "no_consent": "the customer has not said yes to this channel and category",
    "no_address": "there is no address for this channel",
    "invalid_address": "the address is none, or a message to it bounced",
    "not_mobile": "the number takes no SMS: a landline or a service",
    "campaign_stopped": "the campaign was paused, stopped or deleted while the message waited",
    "no_template": "the template was deleted",
    "expired": "it came too late: its time to live had passed",
    "already_in_campaign": "the customer was in this campaign before, and may not enter again",
    "completed": "what it was about was done: bought, or emptied",
    "date_past": "the date that the step waits for was over, or there is none",
    "goal_reached": "the customer reached a goal that ends the campaign",
    "excluded": "the customer is one of those whom the trigger leaves out",
    "exit_rule": "something happened that ends this campaign for the customer",
    "exit_step": "the run came to a step that ends it",
    "holdout": "the customer is held out to compare the others with",
    "not_in_audience": "the customer is not one of those whom the trigger is for",
    "paused": "the campaign is paused: it is looked at again when it goes on",
    "quiet_hours": "the policy keeps these hours of the customer's day quiet",
    "too_many_runs": "the customer is in as many campaigns as one may be in at once",
    "limit_reached": "as many customers as the campaign takes were in it",
    "limit_unanswered": "nobody could say in time whether the campaign takes one more",
    "capped": "as many messages as a cap allows were sent to this customer or address",
    "cap_unanswered": "nobody could say in time whether the address may get one more",
    "priority": "a campaign of higher priority has the last place under a cap, or may yet take it",
    "too_many_steps": "too many steps followed one another without a wait",
    "throttled": "the trigger let the customer in a short while ago, and it is throttled",
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
    return f"{said}: {_said(REASONS, reason)}" if reason else said


def _said(words_for: Mapping[Any, str], word: str) -> str:
    return words_for.get(word, word)

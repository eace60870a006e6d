"""Why something was decided: the one closed list, each with its sentence.

The documentation of the API, the view `reasons` of ClickHouse and what `explain` says are made of
it; `docs/glossary.md` says each at length.
"""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

REASONS_MAX: Final = 60
"""More than that nobody can tell apart; a test holds the list to it."""

Reason: TypeAlias = Literal[
    "admitted",
    "suppressed",
    "no_consent",
    "no_address",
    "invalid_address",
    "not_mobile",
    "campaign_stopped",
    "no_template",
    "expired",
    "already_in_campaign",
    "completed",
    "date_past",
    "excluded",
    "goal_reached",
    "exit_rule",
    "exit_step",
    "holdout",
    "not_in_audience",
    "paused",
    "quiet_hours",
    "too_many_runs",
    "limit_reached",
    "limit_unanswered",
    "too_many_steps",
    "capped",
    "cap_unanswered",
    "priority",
    "throttled",
    "superseded",
    "best_hour",
    "late",
    "not_valid",
    "filtered",
    "campaign_failed",
    "volume_guard",
]

SENTENCES: Final[Mapping[Reason, str]] = {
    "admitted": "consent and address were there, and no rule was against it",
    "suppressed": "the address bounced or was reported, or somebody said that it gets nothing",
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
    "too_many_steps": "too many steps followed one another without a wait",
    "capped": "as many messages as a cap allows were sent to this customer or address",
    "cap_unanswered": "nobody could say in time whether the address may get one more",
    "priority": "a campaign of higher priority has the last place under a cap, or may yet take it",
    "best_hour": "the message waits for the hour at which the customer opens and clicks most",
    "superseded": "a newer version was published, and it says that whoever was inside leaves",
    "throttled": "the trigger let the customer in a short while ago, and it is throttled",
    "not_valid": "the trigger fired at a time for which it is not meant",
    "late": "the event came to be known later than the trigger still cares for",
    "filtered": "the event is not one of those that the trigger's filter lets through",
    "campaign_failed": "the campaign could not be worked out here: it is switched off until a "
    "version that works is published",
    "volume_guard": "more customers came than the trigger lets in within its time: the campaign is "
    "paused until somebody confirms",
}

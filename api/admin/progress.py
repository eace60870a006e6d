"""A job as it goes out."""

from collections.abc import Sequence

from api.admin import answers
from api.jobs.jobs import Job
from clickhouse.queries.jobs import Outcome


def shape(job: Job) -> dict[str, object]:
    """How far it is: total = done + skipped + left, at every moment."""
    order, progress = job.order, job.progress
    skipped = sum(progress.skipped.values())
    return {
        "id": order.id,
        "action": order.action,
        "state": "cancelling" if job.is_cancelled and not progress.is_ended else progress.state,
        "tag": order.tag or None,
        "campaign": order.campaign or None,
        "asked_at": answers.time(order.asked_at),
        "begun_at": answers.time_or_none(progress.begun_at or None),
        "ended_at": answers.time_or_none(progress.ended_at or None),
        "expires_at": answers.time_or_none(order.expires_at),
        "total": progress.total,
        "done": progress.done,
        "skipped": progress.skipped,
        "left": max(progress.total - progress.done - skipped, 0),
        "wave": progress.wave + 1 if order.waves > 1 else None,
        "by": order.by,
    }


def balance(job: Job, found: Sequence[Outcome]) -> dict[str, object]:
    """The closing balance of an enrolment: eligible = entered + each reason + what is on its way.

    It is closed once nothing is on its way (g02): every customer is accounted for.
    """
    progress = job.progress
    entered = sum(one.count for one in found if one.kind == "entered")
    refused = {one.reason: one.count for one in found if one.kind == "not_sent" and one.is_entry}
    for reason, count in progress.skipped.items():
        refused[reason] = refused.get(reason, 0) + count
    pending = progress.total - entered - sum(refused.values())
    messages = [one for one in found if not one.is_entry]
    return {
        "eligible": progress.total,
        "entered": entered,
        "not_entered": refused,
        "pending": pending,
        "is_closed": progress.is_ended and pending == 0,
        "messages": {
            "sent": sum(one.count for one in messages if one.kind == "sent"),
            "not_sent": {one.reason: one.count for one in messages if one.kind == "not_sent"},
            "deferred": {one.reason: one.count for one in messages if one.kind == "deferred"},
        },
    }

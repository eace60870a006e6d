"""What became of messages: T33 a response, T34 none for a while."""

from collections.abc import Iterator
from typing import Final

from engine import durations
from engine.conditions.evaluation import Document
from engine.customer import Customer, SentMessage
from engine.definitions.triggers.responses import NoResponse, ResponseCame
from engine.events import Responded
from engine.triggers import matching
from engine.triggers.machines import Arm, Disarm, Fire, Machine, Outcome, Rung, Seen


def _response(seen: Seen[ResponseCame]) -> Iterator[Outcome]:
    """T33: once a message, but each click is one, since links differ."""
    event, params = seen.event, seen.trigger.params
    if not isinstance(event, Responded) or event.response != params.response:
        return
    if not _is_about(event, params.channel, params.campaign):
        return
    if params.link is not None and not matching.is_like(event.url or "", params.link):
        return
    if params.human_only and event.is_machine:
        return
    known = _message(seen.before, event.message_id)
    is_repeated = known is not None and event.response in known.responses
    if event.response == "clicked" or not is_repeated:
        yield Fire()


def _silence(seen: Seen[NoResponse]) -> Iterator[Outcome]:
    """T34."""
    event, params = seen.event, seen.trigger.params
    if not isinstance(event, Responded) or not _is_about(event, params.channel, params.campaign):
        return
    if event.response == params.response and not event.is_machine:
        yield Disarm(event.message_id)
    elif event.response == params.since:
        due_at = event.occurred_at + durations.parse_ms(params.after)
        yield Arm(due_at, name=event.message_id)


def _silent(rung: Rung[NoResponse]) -> Document | None:
    """A message no longer remembered is one that nobody waits for."""
    known = _message(rung.customer, rung.name)
    if known is None:
        return None
    return {"message_id": known.message_id, "campaign": known.campaign, "channel": known.channel}


def _is_about(event: Responded, channel: str | None, campaign: str | None) -> bool:
    return channel in {None, event.channel} and campaign in {None, event.campaign}


def _message(customer: Customer, message_id: str) -> SentMessage | None:
    return next((one for one in customer.messages if one.message_id == message_id), None)


RESPONSE: Final = Machine(_response)
SILENCE: Final = Machine(_silence, _silent)

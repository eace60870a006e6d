"""What became of a message, told by whoever carried it: the third door of intake.

Fields are called as in Segment's messages (`occurredAt`); the names of our specification
(`occurred_at`, `type`, `machine`) mean the same, so a provider's mapping needs no second one.
"""

from collections.abc import Mapping
from typing import Final, get_args

from engine import events, ids, keys
from engine.errors import RejectedError
from engine.events import Responded
from engine.intake import emails, identities, limits, phones, structure, times, values
from engine.intake.arrivals import Arrival, Origin
from engine.intake.values import Object
from engine.sends import Response

OURS: Final[frozenset[Response]] = frozenset({"in_doubt", "expired"})
"""Only our own delivery can know these."""

TOLD: Final[tuple[Response, ...]] = tuple(word for word in get_args(Response) if word not in OURS)

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "messageId": ("sendId", "send_id", "message_id"),
    "customerId": ("customer_id",),
    "response": ("type",),
    "occurredAt": ("occurred_at",),
    "reason": ("reasonText", "reason_text"),
    "userAgent": ("user_agent",),
    "isMachine": ("machine", "is_machine"),
    "isPermanent": ("permanent", "is_permanent"),
    "providerEventId": ("provider_event_id",),
}
"""Other names of a field, each for where those before it are not given."""

CODE_MAX_CHARS: Final = 100
REASON_MAX_CHARS: Final = 500
"""Of what a provider says, as delivery cuts it; some answer with a page."""

USER_AGENT_MAX_CHARS: Final = 256

_REPEATED: Final = frozenset({"clicked", "deferred", "replied"})
"""Responses that one message may get many of."""


def arrive(response: dict[str, object], /, *, origin: Origin) -> Arrival:
    """Check and normalise one response; told twice it has the same id, and counts once.

    The customer must be named: a row is found by its key, never by what it holds.

    Raises:
        RejectedError: its path leads from the response.
    """
    structure.check(response)
    said = {**response, **{name: _given(response, name) for name in ALIASES}}
    message_id = _required(said, "messageId")
    told = _told(said["response"])
    occurred_at = times.instant(said["occurredAt"], path="occurredAt")
    event = Responded(
        id=_id(said, message_id, told),
        occurred_at=times.clamped(occurred_at, received_at=origin.received_at),
        source=origin.source,
        message_id=message_id,
        channel=values.name(said.get("channel"), path="channel"),
        campaign=values.name(said.get("campaign"), path="campaign"),
        response=told,
        code=_cut(said.get("code"), CODE_MAX_CHARS),
        reason=_cut(said["reason"], REASON_MAX_CHARS),
        url=values.url(said.get("url")),
        user_agent=_cut(said["userAgent"], USER_AGENT_MAX_CHARS),
        is_machine=_flag(said["isMachine"]),
        is_permanent=_flag(said["isPermanent"]),
        subtype=_cut(said.get("subtype"), CODE_MAX_CHARS),
        recipient=_recipient(said.get("recipient"), region=origin.region),
        provider=_cut(said.get("provider"), CODE_MAX_CHARS),
    )
    return Arrival(key=_key(said), kind=events.KINDS[Responded], event=event)


def _given(response: Object, name: str) -> object:
    for known in (name, *ALIASES[name]):
        value = response.get(known)
        if value is not None:
            return value
    return None


def _key(response: Object) -> str:
    """The row of the public id that the message carried: `17`, `anonymous:ID`."""
    customer_id = identities.known(response.get("customerId"), "customerId")
    if customer_id is None:
        raise RejectedError(
            "missing_identifier",
            "a response needs the customerId of its message",
            path="customerId",
        )
    key = keys.from_public_id(customer_id)
    if not key.partition(":")[2]:
        raise RejectedError("invalid_id", "the customerId names nobody", path="customerId")
    return key


def _told(value: object) -> Response:
    for word in TOLD:
        if value == word:
            return word
    raise RejectedError(
        "unknown_response", f"{values.shown(value)} is none of {', '.join(TOLD)}", path="response"
    )


def _id(response: Object, message_id: str, told: Response) -> str:
    """A response has one id however often it is told, but a message may be clicked many times.

    By the source's own id, or by the provider's, or by what it says.
    """
    chosen = values.identifier(response.get("id"), path="id", max_chars=limits.MESSAGE_ID_MAX_CHARS)
    if chosen is not None:
        return chosen
    of_provider = values.identifier(response.get("providerEventId"), path="providerEventId")
    if of_provider is not None:
        provider = _cut(response.get("provider"), CODE_MAX_CHARS) or ""
        return ids.derived("provider_event", provider, of_provider)
    if told not in _REPEATED:
        return ids.derived(message_id, told)
    at = times.instant(response.get("occurredAt"), path="occurredAt")
    url = values.url(response.get("url"))
    return ids.derived(message_id, told, "at", at, *(() if url is None else (url,)))


def _recipient(value: object, *, region: str | None) -> str | None:
    """Normalise the address it went to; what is none says nothing."""
    return emails.normalised(value) or phones.identifier(value, region=region)


def _required(response: Object, name: str) -> str:
    value = values.identifier(response.get(name), path=name)
    if value is None:
        raise RejectedError("missing_id", f"a response needs a {name}", path=name)
    return value


def _cut(value: object, max_chars: int) -> str | None:
    """Take what a provider said; a number is its text, anything else adorns nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value:
        return None
    return value[:max_chars]


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None

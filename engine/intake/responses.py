"""What became of a message, told by whoever carried it: the third door of intake."""

from typing import Final, get_args

from engine import events, ids, keys
from engine.errors import RejectedError
from engine.events import Responded, Response
from engine.intake import identities, limits, structure, times, values
from engine.intake.arrivals import Arrival, Origin
from engine.intake.values import Object

OURS: Final[frozenset[Response]] = frozenset({"in_doubt", "expired"})
"""Only our own delivery can know these."""

TOLD: Final[tuple[Response, ...]] = tuple(word for word in get_args(Response) if word not in OURS)

CODE_MAX_CHARS: Final = 100
REASON_MAX_CHARS: Final = 500
"""Of what a provider says, as delivery cuts it; some answer with a page."""

USER_AGENT_MAX_CHARS: Final = 256


def arrive(response: dict[str, object], /, *, origin: Origin) -> Arrival:
    """Check and normalise one response; told twice it has the same id, and counts once.

    The customer must be named: a row is found by its key, never by what it holds.

    Raises:
        RejectedError: its path leads from the response.
    """
    structure.check(response)
    message_id = _required(response, "messageId")
    told = _told(response.get("response"))
    occurred_at = times.instant(response.get("occurredAt"), path="occurredAt")
    event = Responded(
        id=_id(response, message_id, told),
        occurred_at=times.clamped(occurred_at, received_at=origin.received_at),
        source=origin.source,
        message_id=message_id,
        channel=values.name(response.get("channel"), path="channel"),
        campaign=values.name(response.get("campaign"), path="campaign"),
        response=told,
        code=_cut(response.get("code"), CODE_MAX_CHARS),
        reason=_cut(response.get("reason"), REASON_MAX_CHARS),
        url=values.url(response.get("url")),
        user_agent=_cut(response.get("userAgent"), USER_AGENT_MAX_CHARS),
        is_machine=_flag(response.get("isMachine")),
    )
    return Arrival(key=_key(response), kind=events.KINDS[Responded], event=event)


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
    """A response has one id however often it is told, but a message may be clicked many times."""
    chosen = values.identifier(response.get("id"), path="id", max_chars=limits.MESSAGE_ID_MAX_CHARS)
    if chosen is not None:
        return chosen
    if told != "clicked":
        return ids.derived(message_id, told)
    at = times.instant(response.get("occurredAt"), path="occurredAt")
    return ids.derived(message_id, told, "at", at)


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

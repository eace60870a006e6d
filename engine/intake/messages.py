"""The door of intake: one tracker message in, an arrival or a refusal out."""

from collections.abc import Callable
from typing import Final, Literal, TypeAlias, assert_never

from engine import events, ids
from engine.addresses import ZoneSource
from engine.errors import RejectedError
from engine.events import (
    NOTHING,
    Aliased,
    Event,
    Grouped,
    Identified,
    PageViewed,
    Tracked,
    TrackerEvent,
)
from engine.intake import (
    adaptors,
    decoding,
    ecommerce,
    externals,
    identities,
    limits,
    mails,
    profiles,
    structure,
    times,
    tokens,
    values,
    zones,
)
from engine.intake.arrivals import Arrival, Origin
from engine.intake.ecommerce import Common
from engine.intake.identities import Identity
from engine.intake.values import Object

Call: TypeAlias = Literal["identify", "track", "page", "screen", "group", "alias"]
Make: TypeAlias = Callable[[Object, Common, Origin], TrackerEvent]


def arrive(
    message: dict[str, object], *, origin: Origin, position: int = 0, call: Call | None = None
) -> Arrival:
    """Check and normalise one message.

    Args:
        message: As `decoding.message` gives it.
        origin: What its request or record says of it.
        position: Its place in the request.
        call: What the path says; without it, the message's own `type`.

    Raises:
        RejectedError: its path leads from the message.
    """
    structure.check(message)
    make = _maker(call or message.get("type"))
    identity = identities.of_message(message)
    found = times.of_message(message, received_at=origin.received_at, sent_at=origin.sent_at)
    context = _context(message, origin)
    common = Common(
        id=_id(message, origin, position),
        occurred_at=found.occurred_at,
        said_at=found.said_at,
        name="",
        source=origin.source,
        user_id=identity.user_id,
        anonymous_id=identity.anonymous_id,
        properties=NOTHING,
        context=decoding.canonical(context) if context else NOTHING,
        zones=_zones(context),
        token=tokens.of_context(context, at=found.occurred_at),
        shows=_shown(identity, context, origin),
    )
    made = make(message, common, origin)
    event: Event = made
    if origin.is_trusted and isinstance(made, Tracked):
        event = mails.responded(made, values.fields(message, "properties"))
    return Arrival(key=identity.key, kind=events.KINDS[type(event)], event=event)


def _maker(call: object) -> Make:
    make = _BY_CALL.get(call) if isinstance(call, str) else None
    if make is None:
        raise RejectedError(
            "unknown_type", f"{values.shown(call)} is none of {', '.join(_BY_CALL)}", path="type"
        )
    return make


def _id(message: Object, origin: Origin, position: int) -> str:
    """A repetition of the same body gives the same ids, whoever sends it again."""
    chosen = values.identifier(
        message.get("messageId"), path="messageId", max_chars=limits.MESSAGE_ID_MAX_CHARS
    )
    return ids.derived(origin.seed, position) if chosen is None else chosen


def _context(message: Object, origin: Origin) -> Object:
    context = values.fields(message, "context")
    return {**origin.context, **context} if origin.context else context


def _shown(identity: Identity, context: Object, origin: Origin) -> tuple[str, ...]:
    """Of users only: what a visitor names beside an anonymous id proves nothing."""
    if identity.user_id is None:
        return ()
    return externals.of_context(context, region=origin.region)


def _zones(context: Object) -> dict[ZoneSource, str | None]:
    """Where a browser or an app says its clock stands; a name nobody knows says nothing."""
    name = context.get("timezone")
    return {"browser": str(name)} if name is not None and zones.is_known(name) else {}


def _track(message: Object, common: Common, origin: Origin) -> TrackerEvent:
    name = values.name(message.get("event"), path="event")
    if not name or name.isspace():
        raise RejectedError("missing_event", "a track call names its event", path="event")
    properties = values.fields(message, "properties")
    adapted = adaptors.adapted(name, properties)
    common["name"] = adapted.name
    common["properties"] = decoding.canonical(properties)
    match adapted.call:
        case "track":
            return ecommerce.event(adapted.properties, common)
        case "page":
            return PageViewed(url=values.url(properties.get("url")), **common)
        case "identify":
            return _identified(values.fields(properties, "traits"), common, origin)
        case _:
            assert_never(adapted.call)


def _identify(message: Object, common: Common, origin: Origin) -> TrackerEvent:
    said = values.fields(message, "traits")
    if not said:
        # RudderStack's browser bundle has them there, and only there.
        said = values.fields(values.fields(message, "context"), "traits")
    common["properties"] = decoding.canonical(said)
    return _identified(said, common, origin)


def _identified(said: Object, common: Common, origin: Origin) -> TrackerEvent:
    """A bad address costs the address only: the rest of the person is as good as before."""
    profile = profiles.read(said, path="traits", region=origin.region)
    common["zones"] = {**common["zones"], **profile.zones}
    return Identified(
        traits=profile.traits,
        addresses=profile.addresses,
        subscriptions=profile.subscriptions,
        preferred=profile.preferred,
        **common,
    )


def _page(message: Object, common: Common, _: Origin) -> TrackerEvent:
    return _viewed(message, common, is_screen=False)


def _screen(message: Object, common: Common, _: Origin) -> TrackerEvent:
    return _viewed(message, common, is_screen=True)


def _viewed(message: Object, common: Common, *, is_screen: bool) -> TrackerEvent:
    """A category beside the properties is kept among them."""
    properties = values.fields(message, "properties")
    category = message.get("category")
    if isinstance(category, str) and "category" not in properties:
        properties = {**properties, "category": category}
    common["name"] = values.name(message.get("name"), path="name")
    common["properties"] = decoding.canonical(properties)
    return PageViewed(url=values.url(properties.get("url")), is_screen=is_screen, **common)


def _group(message: Object, common: Common, _: Origin) -> TrackerEvent:
    group_id = values.identifier(message.get("groupId"), path="groupId")
    if group_id is None:
        raise RejectedError("missing_group_id", "a group call names its group", path="groupId")
    traits = values.fields(message, "traits")
    common["name"] = "group"
    common["properties"] = decoding.canonical({"groupId": group_id, "traits": traits})
    plain = {name: values.plain(value) for name, value in traits.items()}
    return Grouped(group_id=group_id, traits=plain, **common)


def _alias(message: Object, common: Common, _: Origin) -> TrackerEvent:
    """The id it was known by before; one that stands for nobody is none."""
    previous_id = identities.known(message.get("previousId"), "previousId")
    if previous_id is None:
        raise RejectedError(
            "missing_previous_id", "an alias call names the previous id", path="previousId"
        )
    common["name"] = "alias"
    common["properties"] = decoding.canonical({"previousId": previous_id})
    return Aliased(previous_id=previous_id, **common)


_BY_CALL: Final[dict[str, Make]] = {
    "identify": _identify,
    "track": _track,
    "page": _page,
    "screen": _screen,
    "group": _group,
    "alias": _alias,
}

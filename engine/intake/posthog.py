"""PostHog's events as tracker messages: other names for the same things, and `$` before its own.

    $identify, $set     identify; traits are `$set`
    $pageview, $screen  page, screen
    $create_alias       alias: `alias` is folded into the distinct id
    $groupidentify      group
    anything else       track; `$set` of such an event is a message of its own (`traits_of`)

`$set_once` changes nothing: what it asks for is known only where the traits are, and overwriting
the first value with the last would be wrong.
"""

from collections.abc import Callable, Mapping
from typing import Final

from engine.intake import decoding
from engine.intake.values import Object

IDENTIFYING: Final = ("$identify", "$set")
"""No set: an event's name may be anything, a list too."""

DIRECT: Final = "$direct"
"""What stands for "no referrer"."""

_OURS: Final = frozenset({"token", "distinct_id"})
"""Properties that say nothing of the event."""

_CONTEXT: Final[Mapping[str, tuple[str, str]]] = {
    "$current_url": ("page", "url"),
    "$pathname": ("page", "path"),
    "$referrer": ("page", "referrer"),
    "title": ("page", "title"),
    "$lib": ("library", "name"),
    "$lib_version": ("library", "version"),
    "$session_id": ("session", "id"),
    "$device_id": ("device", "id"),
    "$device_type": ("device", "type"),
    "$os": ("os", "name"),
    "$os_version": ("os", "version"),
    "$screen_width": ("screen", "width"),
    "$screen_height": ("screen", "height"),
    "utm_source": ("campaign", "source"),
    "utm_medium": ("campaign", "medium"),
    "utm_campaign": ("campaign", "name"),
    "utm_term": ("campaign", "term"),
    "utm_content": ("campaign", "content"),
}
_CONTEXT_PLAIN: Final[Mapping[str, str]] = {
    "$timezone": "timezone",
    "$browser_language": "locale",
    "$raw_user_agent": "userAgent",
    "$ip": "ip",
    "$groups": "groups",
}


def message(payload: bytes) -> dict[str, object]:
    """Read one event of PostHog, or a message as `decoding.message`, whose errors it has."""
    said = decoding.message(payload)
    return converted(said) if is_posthog(said) else said


def is_posthog(said: Object) -> bool:
    """Whether it names a person as PostHog does: one id, known or not."""
    if "userId" in said or "anonymousId" in said:
        return False
    return "distinct_id" in said or "distinct_id" in _object(said.get("properties"))


def converted(said: Object) -> dict[str, object]:
    """Write an event in the words of `messages.arrive`."""
    properties = _object(said.get("properties"))
    name = said.get("event")
    make = _BY_EVENT.get(name) if isinstance(name, str) else None
    return {
        "messageId": said.get("uuid"),
        "timestamp": said.get("timestamp"),
        "sentAt": said.get("sent_at"),
        "context": _context(properties),
        **_who(said, properties),
        **(_track(said, properties) if make is None else make(said, properties)),
    }


def traits_of(said: Object) -> dict[str, object] | None:
    """The event that tells the traits another one brings along; None where it brings none."""
    properties = _object(said.get("properties"))
    traits = _set(said, properties)
    if said.get("event") in IDENTIFYING or not traits:
        return None
    kept = {name: said[name] for name in ("distinct_id", "timestamp", "sent_at") if name in said}
    uuid = said.get("uuid")
    about = {key: value for key, value in properties.items() if key.startswith("$")}
    if "distinct_id" in properties:
        about["distinct_id"] = properties["distinct_id"]
    return {
        **kept,
        "uuid": f"{uuid}:set" if isinstance(uuid, str) else None,
        "event": "$set",
        "properties": {**about, "$set": traits},
    }


def _who(said: Object, properties: Object) -> dict[str, object]:
    """Whose event: browsers say whether they know; servers name customers, unless they say not."""
    distinct_id = said.get("distinct_id", properties.get("distinct_id"))
    is_known = properties.get("$is_identified")
    if is_known is None:
        is_known = properties.get("$process_person_profile") is not False and (
            "$device_id" not in properties or distinct_id != properties["$device_id"]
        )
    if is_known:
        return {"userId": distinct_id, "anonymousId": properties.get("$anon_distinct_id")}
    return {"anonymousId": distinct_id}


def _context(properties: Object) -> dict[str, object]:
    context: dict[str, object] = {
        ours: properties[theirs] for theirs, ours in _CONTEXT_PLAIN.items() if theirs in properties
    }
    nested: dict[str, dict[str, object]] = {}
    for theirs, (group, ours) in _CONTEXT.items():
        value = properties.get(theirs)
        if value is not None and value not in (DIRECT, ""):
            nested.setdefault(group, {})[ours] = value
    return {**context, **nested}


def _track(said: Object, properties: Object) -> dict[str, object]:
    return {"type": "track", "event": said.get("event"), "properties": _plain(properties)}


def _identify(said: Object, properties: Object) -> dict[str, object]:
    return {"type": "identify", "traits": _set(said, properties)}


def _page(_: Object, properties: Object) -> dict[str, object]:
    shown = _object(_context(properties).get("page"))
    return {"type": "page", "properties": {**shown, **_plain(properties)}}


def _screen(_: Object, properties: Object) -> dict[str, object]:
    name = properties.get("$screen_name")
    return {"type": "screen", "name": name, "properties": _plain(properties)}


def _alias(_: Object, properties: Object) -> dict[str, object]:
    return {"type": "alias", "previousId": properties.get("alias")}


def _group(said: Object, properties: Object) -> dict[str, object]:
    """From a server, the group's own id stands where a customer's would: then it is nobody's."""
    key = properties.get("$group_key")
    found = {"type": "group", "groupId": key, "traits": _object(properties.get("$group_set"))}
    is_nobodys = said.get("distinct_id") == f"${properties.get('$group_type')}_{key}"
    return {**found, "userId": None} if is_nobodys else found


_BY_EVENT: Final[dict[str, Callable[[Object, Object], dict[str, object]]]] = {
    "$identify": _identify,
    "$set": _identify,
    "$pageview": _page,
    "$screen": _screen,
    "$create_alias": _alias,
    "$groupidentify": _group,
}


def _set(said: Object, properties: Object) -> dict[str, object]:
    """Traits, which stand beside the properties or among them; `$` is what the SDK adds itself."""
    traits = {**_object(said.get("$set")), **_object(properties.get("$set"))}
    return {name: value for name, value in traits.items() if not name.startswith("$")}


def _plain(properties: Object) -> dict[str, object]:
    return {
        name: value
        for name, value in properties.items()
        if not name.startswith("$") and name not in _OURS
    }


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}

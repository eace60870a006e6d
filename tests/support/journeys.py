"""Campaigns of several steps, for stories."""

from collections.abc import Mapping

import msgspec

from engine.events import Tracked
from tests.support.story import MINUTE, Book, Story, campaign

MAILS = ("first", "second", "third")


def journey(
    steps: Mapping[str, object], *, trigger: Mapping[str, object] | None = None, **fields: object
) -> dict[str, object]:
    """A campaign on the abandoned cart, by way of these steps."""
    return {
        **campaign(),
        "triggers": [{"id": "t", "type": "T01", **(trigger or {})}],
        "start": next(iter(steps)),
        "steps": steps,
        **fields,
    }


def mail(template: str, then: str | None = None, **fields: object) -> dict[str, object]:
    return {"type": "send", "channel": "email", "template": template, "next": then, **fields}


def delay(length: str, then: str | None) -> dict[str, object]:
    return {"type": "delay", "for": length, "next": then}


def told(body: dict[str, object]) -> Story:
    """A story of a customer who said yes, with three mails to send."""
    return Story(book(body).definitions).consents()


def book(body: dict[str, object]) -> Book:
    found = Book()
    for name in MAILS:
        found.change("templates", name, "put", {"id": name, "subject": name, "text": name})
    return found.publish(body)


def triggered(kind: str, **params: object) -> Story:
    """A story with one campaign on this type of trigger, that sends the first mail."""
    return told(journey({"one": mail("first")}, trigger={"type": kind, "params": params}))


SERIES = {
    "one": mail("first", "day"),
    "day": delay("1d", "two"),
    "two": mail("second"),
}


def opens_lookbook(story: Story, *, at: int, name: str = "Lookbook Opened", **said: str) -> Story:
    properties = "{" + ",".join(f'"{key}":"{value}"' for key, value in said.items()) + "}"
    return story.event(
        Tracked(
            id=f"lookbook-{at}",
            occurred_at=at * MINUTE,
            name=name,
            properties=msgspec.Raw(properties.encode()),
        )
    )


def set_up(kind: str, params: Mapping[str, object] | None = None, **common: object) -> Story:
    """As `triggered`, with parameters that every trigger has."""
    trigger = {"type": kind, "params": params or {}, **common}
    return told(journey({"one": mail("first")}, trigger=trigger))


def fired(story: Story) -> int:
    """How often the campaign's trigger fired."""
    return story.reasons.count("fired")


def tracks(story: Story, name: str, *, at: int, **said: object) -> Story:
    """An event of the shop's own, with these properties."""
    return story.event(
        Tracked(
            id=f"{name}-{at}",
            occurred_at=at * MINUTE,
            name=name,
            properties=msgspec.Raw(msgspec.json.encode(said)),
        )
    )

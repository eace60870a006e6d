"""What a customer agreed to, as it goes out."""

from collections.abc import Sequence

from api.admin import answers
from engine import consent
from engine.consent import NEVER, WHOLE
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.intake.subscriptions import PREFERRED


def active(definitions: Definitions) -> list[str]:
    """Categories that a campaign not yet stopped, or a template, is about."""
    campaigns = (
        entry.draft.category
        for entry in definitions.campaigns.values()
        if not entry.deleted and entry.status != "stopped"
    )
    templates = (
        entry.latest.category for entry in definitions.templates.values() if not entry.deleted
    )
    return sorted({category for category in (*campaigns, *templates) if category})


def told(known: Customer) -> dict[str, object]:
    """As it was said: by channel and category, and the preferred channels if there are any."""
    preferred = {
        category: preference.channel
        for category, preference in known.preferred.items()
        if preference.channel is not None
    }
    return {**known.subscriptions, **({PREFERRED: preferred} if preferred else {})}


def shape(known: Customer, categories: Sequence[str], channels: Sequence[str]) -> object:
    """The state of each channel as a whole, and of each category on each channel."""
    return {
        "channels": {channel: _answer(known, channel, WHOLE) for channel in channels},
        "items": [
            {
                "category": category,
                "preferred": _preferred(known, category),
                "channels": {channel: _answer(known, channel, category) for channel in channels},
            }
            for category in categories
        ],
    }


def _answer(known: Customer, channel: str, category: str) -> dict[str, object]:
    """Yes, no or unknown; when it was said and who says so."""
    said = known.answers.get(channel, {})
    whole, own = said.get(WHOLE), said.get(category)
    deciding = whole if own is None or (whole is not None and not whole.is_yes) else own
    at = None if deciding is None or deciding.at == NEVER else deciding.at
    return {
        "state": consent.state(known.subscriptions, channel, category),
        "at": answers.time_or_none(at),
        "origin": None if deciding is None else deciding.origin,
    }


def _preferred(known: Customer, category: str) -> str | None:
    preference = known.preferred.get(category)
    return None if preference is None else preference.channel

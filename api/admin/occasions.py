"""What a decision was about, by the type of its trigger: a cart left behind, a message to many.

**Mass** is what goes to many at once at a chosen time: a date of the calendar (T44) and a batch
(T49), quick actions among them. Everything else answers to what one customer did or is, and is
**campaign-based**, however many are answered to (M213).
"""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from clickhouse.queries.activity import Activity, Decided
from engine.definitions.folded import Definitions
from engine.definitions.triggers.batches import AudienceBatch
from engine.definitions.triggers.carts import CartAbandoned
from engine.definitions.triggers.dates import CalendarDate
from engine.definitions.triggers.types import Trigger

Kind: TypeAlias = Literal["mass", "campaign_based"]


def carts(fired: Iterable[Decided], definitions: Definitions) -> list[Decided]:
    """Those that are the abandonment of a cart: not of a wishlist, not any other trigger."""
    return [one for one in fired if _is_cart(one, definitions)]


def kind_of_entry(item: Activity, definitions: Definitions) -> Kind | None:
    """Of an entry of the feed; a response knows only its campaign."""
    if item.category != "campaigns" or not item.campaign:
        return None
    live = definitions.trigger_of(item.campaign, item.version, item.trigger)
    if live is not None:
        return _kind(live.trigger)
    return kind_of(item.campaign, item.version, definitions)


def kind_of(campaign: str, version: int, definitions: Definitions) -> Kind | None:
    """Of a campaign: mass, when each of its triggers is; None: nobody knows its triggers.

    Args:
        version: That the customer was in; the newest goes for one that never ran.
    """
    known = definitions.campaigns.get(campaign)
    if known is None:
        return None
    triggers = known.versions.get(version, known.draft).triggers
    kinds = {_kind(trigger) for trigger in triggers}
    return "mass" if kinds == {"mass"} else "campaign_based"


def _kind(trigger: Trigger) -> Kind:
    return "mass" if isinstance(trigger, (AudienceBatch, CalendarDate)) else "campaign_based"


def _is_cart(one: Decided, definitions: Definitions) -> bool:
    live = definitions.trigger_of(*one)
    return (
        live is not None
        and isinstance(live.trigger, CartAbandoned)
        and live.trigger.params.container == "cart"
    )

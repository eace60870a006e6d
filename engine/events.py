"""Inbound facts: what `events` holds, one log per customer. Names are past participles.

An event is JSON, tagged by `type`; its kind travels in a header, so that a reader can pass over
what is not for it without decoding.
"""

from decimal import Decimal
from typing import Final, Literal, TypeAlias

import msgspec

from engine.holdings import Expiring
from engine.messages import Message
from engine.products import Product

Kind: TypeAlias = Literal[
    "tracker",
    "transaction",
    "response",
    "profile",
    "consent",
    "timer",
    "command",
    "merge",
    "switch",
]

NOTHING: Final = msgspec.Raw(b"{}")


class BaseEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """What every event carries."""

    id: str
    """Chosen by the producer, or a hash of the request; the same id twice is the same event."""

    occurred_at: int
    """Epoch ms UTC, by the source's clock: may be late or ahead of ours."""

    name: str = ""
    """As the source called it: `Product Viewed`."""

    source: str = ""
    """Name of the write key or door it came through."""


class SourceEvent(BaseEvent, frozen=True, kw_only=True, omit_defaults=True):
    """From a tracker: also whatever else the source said, kept for ClickHouse."""

    user_id: str | None = None
    anonymous_id: str | None = None
    properties: msgspec.Raw = NOTHING
    context: msgspec.Raw = NOTHING


Subscriptions: TypeAlias = dict[str, bool | dict[str, bool]]
"""By channel: yes or no for all of it, or by category. What is absent is unknown."""


class Identified(SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="identified"):
    """Traits of the customer; a trait set to null is removed."""

    traits: dict[str, object] = {}
    subscriptions: Subscriptions = {}


class PageViewed(SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="page_viewed"):
    """A page or a screen."""

    url: str | None = None


class ProductViewed(
    SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="product_viewed"
):
    """A product's page was looked at."""

    product: Product


class CartItemAdded(
    SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="cart_item_added"
):
    """A delta: `quantity` more of the product."""

    product: Product
    container: str = "cart"
    cart_id: str | None = None
    currency: str | None = None


class CartItemRemoved(
    SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="cart_item_removed"
):
    """A delta; removing more than present clamps to zero."""

    product: Product
    container: str = "cart"
    cart_id: str | None = None


class CartReplaced(SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="cart_replaced"):
    """Cart Viewed with products: the whole cart as it is now."""

    products: tuple[Product, ...] = ()
    container: str = "cart"
    cart_id: str | None = None
    currency: str | None = None


class OrderCompleted(
    SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="order_completed"
):
    """A purchase seen by the tracker."""

    order_id: str
    cart_id: str | None = None
    total: Decimal | None = None
    """None: the sum of price x quantity over the products that have a price."""
    currency: str | None = None
    products: tuple[Product, ...] = ()


class Tracked(SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="tracked"):
    """Any other track call, under its own name."""


class Aliased(SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="aliased"):
    """Whoever had the previous id is this customer: an anonymous id, for two users never merge."""

    previous_id: str


class ReceiptIssued(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="receipt_issued"):
    """A purchase or a return, by the back office; upserted by `receipt_id` and `updated_at`."""

    receipt_id: str
    updated_at: int
    total: Decimal
    currency: str | None = None
    return_of: str | None = None
    lines: tuple[Product, ...] = ()
    properties: msgspec.Raw = NOTHING


class BonusBalanceChanged(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="bonus_balance_changed"
):
    """The loyalty programme says the whole balance; the newest `updated_at` counts."""

    updated_at: int
    active: Decimal
    pending: Decimal = Decimal(0)
    expiring: tuple[Expiring, ...] = ()


class PromoCodeIssued(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="promo_code_issued"
):
    """A code for this customer; upserted by `code` and `updated_at`."""

    updated_at: int
    code: str
    group: str | None = None
    campaign: str | None = None
    expires_at: int | None = None
    is_reissued: bool = False


class TagsChanged(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="tags_changed"):
    """Tags assigned and taken away, by whom `origin` says; the others stay."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    origin: Literal["operator", "import"]


HoldingEvent: TypeAlias = BonusBalanceChanged | PromoCodeIssued | TagsChanged


class SubscriptionsChanged(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="subscriptions_changed"
):
    """Consent given or withdrawn, by whom `origin` says."""

    subscriptions: Subscriptions
    origin: Literal["customer", "operator", "complaint", "import"]


Response: TypeAlias = Literal[
    "accepted",
    "failed",
    "in_doubt",
    "expired",
    "delivered",
    "bounced",
    "opened",
    "clicked",
    "unsubscribed",
    "complained",
]


class Responded(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="responded"):
    """What became of a message; `id` is a hash of the message's id and the outcome."""

    message_id: str
    channel: str
    campaign: str
    response: Response
    code: str | None = None
    """The provider's: `550`, `5.1.1`, `render_failed`."""
    reason: str | None = None
    url: str | None = None
    """Where a click went."""
    user_agent: str | None = None
    is_machine: bool | None = None


class TimerFired(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="timer_fired"):
    """A timer the engine asked for came due. `occurred_at` is when it was due."""

    timer_id: str
    generation: int


class RecheckRequested(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="recheck_requested"
):
    """Delivery held the message too long: it leaves again only by a new admission, same id."""

    message: Message


class RewriteRequested(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="rewrite_requested"
):
    """The mirror saw a lower record after a higher one: write the row again before compaction."""


MergeReason: TypeAlias = Literal[
    "two_users",
    "other_users",
    "too_many",
    "too_large",
    "already_merged",
    "turned_round",
]
"""Why two identities were not merged: `docs/glossary.md` says each in words."""


class MergeRequested(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="merge_requested"
):
    """The weaker of two identities was told of the other: the stronger one is to ask for it."""

    merge_id: str
    weaker: str
    """Row key."""


class ReleaseRequested(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="release_requested"
):
    """The stronger identity asks the weaker one for everything it knows."""

    merge_id: str
    survivor: str
    """Row key of who asks."""
    merges_count: int = 0
    """Merges the survivor went through: with the other's they stay within the limit."""
    is_guess: bool = False
    """The id may belong to nobody: then there is nothing to answer."""


class Moved(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="moved"):
    """The weaker identity's answer: its state. From here on it is a forward."""

    merge_id: str
    origin: str
    """Row key of whose state it is."""
    state: bytes
    """`engine.merges.moving.State` in msgpack, as a row is stored; base64 in JSON."""


class MergeRefused(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="merge_refused"):
    """The weaker identity's answer: no, and why."""

    merge_id: str
    origin: str
    reason: MergeReason


class Unlinked(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="unlinked"):
    """The device is another user's from now on; what it did before stays where it is."""

    origin: str
    """Row key of the device."""


class Switched(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="switched"):
    """From here on the partition decides under the definitions up to this offset, inclusive.

    No customer's: it stands in the partition's log without a key. -1: nothing folded yet.
    """

    definitions_offset: int


TrackerEvent: TypeAlias = (
    Identified
    | PageViewed
    | ProductViewed
    | CartItemAdded
    | CartItemRemoved
    | CartReplaced
    | OrderCompleted
    | Tracked
    | Aliased
)

MergeEvent: TypeAlias = MergeRequested | ReleaseRequested | Moved | MergeRefused | Unlinked

Event: TypeAlias = (
    TrackerEvent
    | ReceiptIssued
    | HoldingEvent
    | SubscriptionsChanged
    | Responded
    | TimerFired
    | RecheckRequested
    | RewriteRequested
    | MergeEvent
)

KINDS: Final[dict[type[BaseEvent], Kind]] = {
    Identified: "tracker",
    PageViewed: "tracker",
    ProductViewed: "tracker",
    CartItemAdded: "tracker",
    CartItemRemoved: "tracker",
    CartReplaced: "tracker",
    OrderCompleted: "tracker",
    Tracked: "tracker",
    Aliased: "tracker",
    ReceiptIssued: "transaction",
    BonusBalanceChanged: "profile",
    PromoCodeIssued: "profile",
    TagsChanged: "profile",
    SubscriptionsChanged: "consent",
    Responded: "response",
    TimerFired: "timer",
    RecheckRequested: "command",
    RewriteRequested: "command",
    MergeRequested: "merge",
    ReleaseRequested: "merge",
    Moved: "merge",
    MergeRefused: "merge",
    Unlinked: "merge",
    Switched: "switch",
}

"""Inbound facts: what `events` holds, one log per customer. Names are past participles.

An event is JSON, tagged by `type`; its kind travels in a header, so that a reader can pass over
what is not for it without decoding.
"""

from decimal import Decimal
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from engine.addresses import Address, AddressType, Token, ZoneSource
from engine.baseevent import BaseEvent
from engine.claims import ClaimAnswer
from engine.commands import Command
from engine.declarations import Preferred, ProfileUpdated, Subscriptions, SubscriptionsChanged
from engine.holdings import Expiring
from engine.mergers import MergeEvent, Unmerged, UnmergeRequested
from engine.messages import Message
from engine.points import PointsChanged
from engine.products import Product
from engine.sends import Response
from engine.suppressions import SuppressionChanged
from engine.transactions import OrderPlaced, OrderStatusChanged, ReceiptIssued

Kind: TypeAlias = Literal[
    "tracker",
    "transaction",
    "response",
    "profile",
    "consent",
    "timer",
    "command",
    "merge",
    "catalogue",
    "switch",
]

NOTHING: Final = msgspec.Raw(b"{}")


class SourceEvent(BaseEvent, frozen=True, kw_only=True, omit_defaults=True):
    """From a tracker: also whatever else the source said, kept for ClickHouse."""

    user_id: str | None = None
    anonymous_id: str | None = None
    properties: msgspec.Raw = NOTHING
    context: msgspec.Raw = NOTHING
    said_at: int | None = None
    """Epoch ms as the source said, where `occurred_at` is corrected; None: the same."""
    zones: dict[ZoneSource, str | None] = msgspec.field(default_factory=dict)
    """What this says of the customer's time zone, by IANA's names; None: no more, by that."""
    shows: tuple[str, ...] = ()
    """Row keys of other identifiers the source names beside a user id."""
    token: Token | None = None
    """Of the app that tells it: where a push reaches this device."""


class Identified(SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="identified"):
    """Traits of the customer; a trait set to null is removed."""

    traits: dict[str, object] = msgspec.field(default_factory=dict)
    addresses: dict[AddressType, Address] = msgspec.field(default_factory=dict)
    """What intake found of the traits `email` and `phone`."""
    subscriptions: Subscriptions = msgspec.field(default_factory=dict)
    preferred: Preferred = msgspec.field(default_factory=dict)


class PageViewed(SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="page_viewed"):
    """A page, or a screen of an app."""

    url: str | None = None
    is_screen: bool = False


class Grouped(SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="grouped"):
    """The customer belongs to a company; a trait of it set to null is removed."""

    group_id: str
    traits: dict[str, object] = msgspec.field(default_factory=dict)


class Aliased(SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="aliased"):
    """What is known under the previous id, of a user or a device, belongs to this customer."""

    previous_id: str


class ProductViewed(
    SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="product_viewed"
):
    """A product's page was looked at."""

    product: Product


class CategoryViewed(
    SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="category_viewed"
):
    """A list of a category's products was looked at."""

    category: str
    """As products name theirs: an id or a name, whatever the shop uses."""


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


class OrderUpdated(SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="order_updated"):
    """What the order is now, seen by the tracker; replaces what it was."""

    order_id: str
    total: Decimal | None = None
    currency: str | None = None
    products: tuple[Product, ...] = ()


class OrderRefunded(
    SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="order_refunded"
):
    """Money given back; without total and products all of it."""

    order_id: str
    total: Decimal | None = None
    """Given back, not what is left."""
    currency: str | None = None
    products: tuple[Product, ...] = ()
    """Given back, with positive quantities."""


class OrderCancelled(
    SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="order_cancelled"
):
    """The order will not be."""

    order_id: str


class Tracked(SourceEvent, frozen=True, kw_only=True, omit_defaults=True, tag="tracked"):
    """Any other track call, under its own name."""


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
    used_at: int | None = None


class TagsChanged(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="tags_changed"):
    """Tags assigned and taken away, by whom `origin` says; the others stay."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    origin: Literal["operator", "import", "campaign"]


HoldingEvent: TypeAlias = BonusBalanceChanged | PromoCodeIssued | TagsChanged | PointsChanged


class ProductListed(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="product_listed"):
    """A product of the catalogue, whole; no customer's. The newest `updated_at` stands."""

    product_id: str
    updated_at: int
    title: str | None = None
    category_id: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    stock: Decimal | None = None
    url: str | None = None
    image_url: str | None = None


class CategoryListed(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="category_listed"
):
    """A node of the category tree; no customer's. The newest `updated_at` stands."""

    category_id: str
    updated_at: int
    title: str | None = None
    parent_id: str | None = None


Listed: TypeAlias = ProductListed | CategoryListed
"""What the topic `catalogue` holds."""


class Responded(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="responded"):
    """What became of a message; `id` is a hash of the message's id and the outcome."""

    message_id: str
    channel: str
    """Empty: that of the message."""
    campaign: str
    response: Response
    code: str | None = None
    """The provider's: `550`, `5.1.1`, `render_failed`."""
    reason: str | None = None
    url: str | None = None
    """Where a click went."""
    user_agent: str | None = None
    is_machine: bool | None = None
    is_permanent: bool | None = None
    """Of a bounce, as the provider sorts it; None: it does not say."""
    subtype: str | None = None
    """The provider's own word for the sort of it: `MailboxFull`."""
    recipient: str | None = None
    """The address it went to, normalised."""
    provider: str | None = None


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


class ErasureRequested(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="erasure_requested"
):
    """The customer is to be forgotten everywhere; `id` is the erasure's."""

    survivor: str = ""
    """Row key of who was erased, where this is another identity of the same person."""


class Switched(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="switched"):
    """From here on the partition decides under definitions and catalogue up to these offsets.

    Inclusive. No customer's: it stands in the partition's log without a key. -1: nothing
    folded yet.
    """

    definitions_offset: int
    catalogue_offset: int = -1


TrackerEvent: TypeAlias = (
    Identified
    | Grouped
    | Aliased
    | PageViewed
    | ProductViewed
    | CategoryViewed
    | CartItemAdded
    | CartItemRemoved
    | CartReplaced
    | OrderCompleted
    | OrderUpdated
    | OrderRefunded
    | OrderCancelled
    | Tracked
)

Event: TypeAlias = (
    TrackerEvent
    | ReceiptIssued
    | OrderPlaced
    | OrderStatusChanged
    | HoldingEvent
    | ProfileUpdated
    | SubscriptionsChanged
    | Responded
    | TimerFired
    | RecheckRequested
    | RewriteRequested
    | Command
    | ErasureRequested
    | MergeEvent
    | ClaimAnswer
    | SuppressionChanged
)

_MERGE: Final[Kind] = "merge"
_COMMAND: Final[Kind] = "command"

KINDS: Final[dict[type[BaseEvent], Kind]] = {
    Identified: "tracker",
    Grouped: "tracker",
    Aliased: "tracker",
    PageViewed: "tracker",
    ProductViewed: "tracker",
    CategoryViewed: "tracker",
    CartItemAdded: "tracker",
    CartItemRemoved: "tracker",
    CartReplaced: "tracker",
    OrderCompleted: "tracker",
    OrderUpdated: "tracker",
    OrderRefunded: "tracker",
    OrderCancelled: "tracker",
    Tracked: "tracker",
    ReceiptIssued: "transaction",
    OrderPlaced: "transaction",
    OrderStatusChanged: "transaction",
    BonusBalanceChanged: "profile",
    PromoCodeIssued: "profile",
    TagsChanged: "profile",
    PointsChanged: "profile",
    ProfileUpdated: "profile",
    SubscriptionsChanged: "consent",
    Responded: "response",
    TimerFired: "timer",
    RecheckRequested: "command",
    RewriteRequested: "command",
    **dict.fromkeys(get_args(Command), _COMMAND),
    ErasureRequested: "command",
    **dict.fromkeys(get_args(ClaimAnswer | SuppressionChanged), _COMMAND),
    **dict.fromkeys(get_args(MergeEvent), _MERGE),
    UnmergeRequested: "command",
    Unmerged: "command",
    ProductListed: "catalogue",
    CategoryListed: "catalogue",
    Switched: "switch",
}

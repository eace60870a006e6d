"""One customer's state: everything the engine may remember between two events.

Bounded: every list has a cap, stated with its cost in bytes; 1-4 KB encoded for an active shopper.
"""

from decimal import Decimal
from typing import Final, Literal, TypeAlias

import msgspec

from engine import traits
from engine.addresses import AddressType, PhoneKind, Token, ZoneSource
from engine.aggregates.tallies import Tally
from engine.baskets import Baskets
from engine.capping import Counts
from engine.consent import Answers
from engine.declarations import Subscriptions
from engine.holdings import Interest, Loyalty, PromoCode, Survey, Tag
from engine.instances import Instance, Pursuit
from engine.memberships import Memberships
from engine.messages import Message
from engine.notes import Note
from engine.points import Points
from engine.products import Product
from engine.sends import Response
from engine.suppressions import Scope, SuppressionReason

ATTRIBUTES_MAX: Final = 300
"""Attributes kept; about 40 bytes each. More are refused at the door, as Segment does."""

RECENT_VIEWS_MAX: Final = 20
"""About 60 bytes each."""

MESSAGES_MAX: Final = 50
"""Last messages with their outcomes; about 120 bytes each."""

ENTERED_MAX: Final = 100
"""Entries into campaigns remembered; about 30 bytes each."""

ARMS_MAX: Final = 30
"""Arms of A/B tests remembered; at most 310 bytes each, about 60 as a rule. The oldest leaves."""

HELD_MAX: Final = 10
"""Messages that delivery gave back and that wait for the end of quiet hours or of a pause; 600
bytes each, and with the triggering event at most 2.7 KB."""

CART_ITEMS_MAX: Final = 100
"""Distinct products of one container; about 100 bytes each. The oldest leaves first."""

CONTAINERS_MAX: Final = 10
"""Containers of one customer: cart, wishlist and others. Anybody may name one, so there must be an
end; ten full ones are 100 KB."""


class CartItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One product of a container."""

    product: Product
    added_at: int


class Cart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A container as it stands."""

    items: tuple[CartItem, ...] = ()
    changed_at: int = 0
    cart_id: str | None = None
    currency: str | None = None


class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A product looked at; the same product again moves to the end."""

    product_id: str
    category: str | None = None
    viewed_at: int


class OtherCurrency(msgspec.Struct, frozen=True, array_like=True):
    """Purchases in a currency that is not the customer's: counted and added up apart."""

    currency: str
    count: int
    total: Decimal


class Purchases(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Sums over purchases in one currency, net of returns; read them by `engine.metrics`."""

    count: int = 0
    total: Decimal = Decimal(0)
    first_at: int | None = None
    last_at: int | None = None
    last_amount: Decimal | None = None
    currency: str | None = None
    """Of the earliest purchase that named one, receipts before orders."""
    units_count: int = 0
    """Pieces, net of those given back."""
    with_units_count: int = 0
    """Purchases among `count` that said their lines."""
    prices_total: Decimal = Decimal(0)
    """Sum over the next of total by pieces, each rounded to six decimals."""
    priced_count: int = 0
    others: tuple[OtherCurrency, ...] = ()


ORDERS_WATCHED_MAX: Final = 10
"""Orders whose statuses are remembered; about 130 bytes each."""


class Standing(msgspec.Struct, frozen=True, array_like=True):
    """A status, and since when by the source's clock."""

    value: str
    at: int


class OrderStatuses(msgspec.Struct, frozen=True, array_like=True):
    """The three of an order; None was never said."""

    general: Standing | None = None
    payment: Standing | None = None
    delivery: Standing | None = None

    @property
    def each(self) -> tuple[Standing | None, ...]:
        """All three, in order."""
        return self.general, self.payment, self.delivery

    @property
    def changed_at(self) -> int:
        """Of the newest."""
        return max((one.at for one in self.each if one is not None), default=0)


class Checkout(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A checkout that no purchase has ended; about 80 bytes."""

    checkout_id: str
    at: int
    """Of the last step, epoch ms."""
    step: int = 1
    """The furthest."""
    cart_id: str | None = None


class SentMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message of ours and what became of it."""

    message_id: str
    campaign: str
    channel: str
    decided_at: int
    responses: tuple[Response, ...] = ()
    address: bytes = b""
    """Hash of where it went (`engine.suppressions`), 18 bytes; empty of a push."""


ContactState: TypeAlias = Literal["valid", "invalid", "missing", "unknown"]
"""Unknown: given before anybody checked."""


class Contact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of the email or the phone beside its value; about 150 bytes."""

    state: ContactState = "missing"
    changed_at: int = 0
    """When the state or the value became what it is, by the source."""
    cause: str = ""
    """Id of the event that made it so."""
    origin: str = ""
    """`identify`, `back_office`, `bounce`."""
    given_at: int = 0
    """Log time of the value: what was decided before it went to another address."""
    provider: str | None = None
    suggestion: str | None = None
    kind: PhoneKind | None = None
    region: str | None = None
    operator: str | None = None


class Suppression(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the row of an address says of it; about 50 bytes, kept once anything was said."""

    revision: int
    """Of the address's row: an older word that comes later is passed over."""
    scope: Scope | Literal[""] = ""
    """What is not sent there; empty: everything is."""
    reason: SuppressionReason | Literal[""] = ""
    is_soft: bool = False
    """Soft bounces are counted: a delivered message ends that."""


class Zone(msgspec.Struct, frozen=True, array_like=True):
    """A time zone by its IANA name, and when its source said so; None: it has none any more."""

    name: str | None
    at: int


class Preference(msgspec.Struct, frozen=True, array_like=True):
    """The channel preferred for a category, and when that was said; None: none any more."""

    channel: str | None
    at: int


class Customer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Immutable, so a reducer that fails half-way leaves nothing behind."""

    id: str
    """Public id: `engine.keys`."""
    attributes: dict[str, object] = {}
    attribute_changes: dict[str, int] = {}
    """When each became what it is, by the source; of those that rows have had since we keep it.
    About 20 bytes each."""
    email: str | None = None
    phone: str | None = None
    subscriptions: Subscriptions = {}
    """What stands of `answers`, for whoever only asks."""
    attribute_times: dict[str, int] = {}
    """When each attribute was said last, by the source; of removed ones too, as far as there is
    room below `ATTRIBUTES_MAX`. About 20 bytes each."""
    contacts: dict[AddressType, Contact] = {}
    suppressions: dict[AddressType, Suppression] = {}
    """What stands against the addresses above (`engine.suppressing`)."""
    tokens: tuple[Token, ...] = ()
    zones: dict[ZoneSource, Zone] = {}
    """At most four; `engine.contacts.timezone` chooses. About 35 bytes each."""
    answers: Answers = {}
    preferred: dict[str, Preference] = {}
    containers: dict[str, Cart] = {}
    views: tuple[View, ...] = ()
    orders: Purchases = Purchases()
    order_ledger: bytes = b""
    """`engine.ledger`: 61 bytes an order, at most 92 KB; read through `engine.purchases`."""
    receipts: Purchases = Purchases()
    receipt_ledger: bytes = b""
    """The same of receipts and returns."""
    order_statuses: dict[str, OrderStatuses] = {}
    """By order id, the last `ORDERS_WATCHED_MAX`: `engine.orderstatuses`."""
    checkout: Checkout | None = None
    source: str = ""
    """Where the customer was first heard of: a write key, a door, a till."""
    messages: tuple[SentMessage, ...] = ()
    counts: Counts = ()
    """What frequency caps count, while there are any: 11 KB at most (`engine.capping`)."""
    active_hours: tuple[int, ...] = ()
    """Opens and clicks by the hour of the customer's clock: `engine.rhythm`; 30 bytes."""
    held: tuple[Message, ...] = ()
    """`engine.journeys.rechecking`; the first to expire stands first."""
    entered: dict[str, int] = {}
    """When each campaign was last entered, and each value that one lets in once; the oldest
    leaves."""
    arms: dict[str, str] = {}
    """Of A/B tests, by experiment, the last dealt last: nobody is shown two variants
    (`engine.journeys.trying`)."""
    runs: tuple[Instance, ...] = ()
    """Where the customer is in each campaign: `engine.instances`."""
    notes: dict[str, Note] = {}
    """What triggers remember: `engine.notes`."""
    pursuits: tuple[Pursuit, ...] = ()
    """Goals of campaigns entered lately: at most 7.5 KB (`engine.instances`)."""
    first_seen_at: int | None = None
    last_seen_at: int | None = None
    events_count: int = 0
    loyalty: Loyalty | None = None
    """None: the programme never said anything."""
    points: Points = ()
    """The ledger of the shop's own points: `engine.points`."""
    promo_codes: tuple[PromoCode, ...] = ()
    tags: dict[str, Tag] = {}
    surveys: tuple[Survey, ...] = ()
    interests: dict[str, Interest] = {}
    """By category, while category interest is switched on (`engine.interests`)."""
    bought_in: dict[str, int] = {}
    """When something was bought in a category last, or below it; for `interests`."""
    receipt_baskets: Baskets = Baskets()
    """What was bought by product (`engine.baskets`): about 6 KB, and again of orders."""
    order_baskets: Baskets = Baskets()
    segments: Memberships = Memberships()
    """Who is in which live segment: `engine.segments.members`."""
    tallies: dict[str, Tally] = {}
    """Of the metrics that were defined, by id: 64 KiB at most (`engine.aggregates.shares`)."""

    @property
    def registered_at(self) -> int | None:
        """When the shop first had the customer, by its own word; epoch ms."""
        return traits.registered_at(self.attributes)

"""The rows of the tables, field by field as the migrations make the columns.

Times are epoch ms UTC. Absent text is empty, an absent number is None. The place in Kafka
(`log_partition`, `log_offset`) decides which of two rows with one id is the first.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias

from clickhouse.jobrows import JobMemberRow, JobRow

EARLIEST_AT: Final = 0
LATEST_AT: Final = 10_413_791_999_999
"""The end of 2299, where ClickHouse's DateTime64 ends; the payload keeps what was said."""

Line: TypeAlias = tuple[str, str, str, Decimal | None, int]
"""Product id, name, category, price of one piece, quantity."""

TallyCell: TypeAlias = tuple[str, int, int, int, str, int, str]
"""Metric, version, bucket, count, value as text, the instant and tie of what is remembered."""


class EventRow(NamedTuple):
    """A record of `events`, whole, with what reports ask for in columns of their own."""

    log_partition: int
    log_offset: int
    logged_at: int
    key: str
    customer: str
    kind: str
    cause: str
    payload: str
    type: str
    id: str
    at: int
    name: str = ""
    source: str = ""
    user_id: str = ""
    anonymous_id: str = ""
    product_id: str = ""
    product_name: str = ""
    category: str = ""
    price: Decimal | None = None
    quantity: int | None = None
    currency: str = ""
    order_id: str = ""
    cart_id: str = ""
    total: Decimal | None = None
    url: str = ""
    lines: tuple[Line, ...] = ()
    receipt_id: str = ""
    return_of: str = ""
    message_id: str = ""
    campaign: str = ""
    channel: str = ""
    response: str = ""
    code: str = ""
    reason: str = ""
    user_agent: str = ""
    is_machine: bool | None = None
    updated_at: int | None = None
    number: str = ""
    status: str = ""
    payment_status: str = ""
    delivery_status: str = ""
    store_id: str = ""
    store_name: str = ""
    shipping: Decimal | None = None
    custom: str = ""
    """JSON."""
    line_external_ids: tuple[str, ...] = ()
    line_totals: tuple[Decimal | None, ...] = ()


class MessageRow(NamedTuple):
    """A record of `messages`; what the template may use stays in the payload."""

    log_partition: int
    log_offset: int
    logged_at: int
    key: str
    payload: str
    id: str
    customer: str
    at: int
    caused_at: int
    expires_at: int
    channel: str
    to: str
    campaign: str
    version: int
    trigger: str
    instance: str
    step: str
    template: str
    template_version: int
    message_class: str
    category: str


class SendRow(NamedTuple):
    """A record of `sends`, with the message as rendered where the sandbox took it."""

    log_partition: int
    log_offset: int
    logged_at: int
    id: str
    attempt: int
    state: str
    at: int
    customer: str
    channel: str
    campaign: str
    version: int
    step: str
    template: str
    writer: str
    provider: str
    code: str
    reason: str
    is_rendered: bool
    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str]


class FactRow(NamedTuple):
    """A record of `facts`."""

    log_partition: int
    log_offset: int
    logged_at: int
    id: str
    customer: str
    kind: str
    at: int
    campaign: str
    version: int
    trigger: str
    instance: str
    step: str
    message_id: str
    reason: str
    name: str
    before: str | None
    after: str | None
    cause: str
    origin: str
    why: str = ""
    """JSON: `engine.why.Why`."""


class DeadLetterRow(NamedTuple):
    """A record of `dead-letters`; the payload's bytes as they came."""

    log_partition: int
    log_offset: int
    logged_at: int
    id: str
    place: str
    code: str
    message: str
    path: str
    payload: bytes
    source: str
    at: int
    customer: str
    """Whose record it was, where its key says so; else empty."""


class ErasureRow(NamedTuple):
    """Part of the receipt of an erasure."""

    id: str
    erased: str
    """Public id."""
    store: str
    """The table that holds nothing of it any more; empty: keep it out from here on."""
    at: int


class CustomerRow(NamedTuple):
    """A customer as of one write of the row: the highest (epoch, version, offset) is true."""

    row_epoch: int
    row_version: int
    row_offset: int
    logged_at: int
    key: str
    id: str
    at: int
    email: str
    phone: str
    orders_count: int
    orders_total: Decimal
    receipts_count: int
    receipts_total: Decimal
    currency: str
    cart_items: int
    """Pieces in the container `cart`."""
    cart_value: Decimal
    """Of the pieces whose price is known."""
    first_seen_at: int | None
    last_seen_at: int | None
    events_count: int
    attributes: str
    """JSON."""
    subscriptions: str
    """JSON."""
    row: bytes
    """As the changelog holds it."""
    is_erased: bool
    forward: str
    """Public id of the customer this identity was merged into; empty of a customer."""
    search: str
    """`clickhouse.searching`."""
    first_name: str
    last_name: str
    gender: str
    birthday: str
    city: str
    address: str
    receipts_first_at: int | None = None
    receipts_last_at: int | None = None
    receipts_last_amount: Decimal | None = None
    receipts_average: Decimal | None = None
    receipts_average_products: Decimal | None = None
    receipts_average_price: Decimal | None = None
    orders_average: Decimal | None = None
    orders_average_products: Decimal | None = None
    ltv: Decimal | None = None
    favourite_products: Sequence[str] = ()
    registered_at: int | None = None
    tags: Sequence[str] = ()
    bonuses_active: Decimal | None = None
    bonuses_pending: Decimal | None = None
    standing: str = ""
    """JSON: `agents.mirror.standing`."""
    email_state: str = ""
    provider: str = ""
    phone_state: str = ""
    phone_kind: str = ""
    region: str = ""
    operator: str = ""
    timezone: str = ""
    country: str = ""
    source: str = ""
    email_suppressed: str = ""
    phone_suppressed: str = ""
    tallies: Sequence[TallyCell] = ()
    segments: Sequence[str] = ()
    segments_at: int = -1


class SharedRow(NamedTuple):
    """A record of `shared`: a claim on a counter, a place given back, a word on an address."""

    log_partition: int
    log_offset: int
    logged_at: int
    id: str
    counter: str
    type: str
    """`claimed`, `released`, `suppression_recorded`, ..."""
    at: int
    customer: str = ""
    claim_id: str = ""
    number: int = 0
    """Of the claim; of a place given back that of the claim it was granted to."""
    places: int | None = None
    """The limit of a claim."""
    window_ms: int | None = None
    kind: str = ""
    """Of an address: `email`, `phone`."""
    revision: int = 0
    scope: str = ""
    reason: str = ""
    reasons: Sequence[str] = ()
    because: str = ""
    message_id: str = ""
    code: str = ""
    origin: str = ""
    note: str = ""


class CatalogueRow(NamedTuple):
    """A record of `catalogue`: a product or a category."""

    log_partition: int
    log_offset: int
    logged_at: int
    kind: str
    id: str
    at: int
    source: str = ""
    name: str = ""
    category_id: str = ""
    parent_id: str = ""
    price: Decimal | None = None
    currency: str = ""
    stock: Decimal | None = None
    url: str = ""
    image_url: str = ""


class RfmRow(NamedTuple):
    """The cut points of one version of RFM; the latest computed go."""

    revision: int
    computed_at: int
    recency_days: list[int]
    frequency: list[int]
    monetary: list[Decimal]
    customers: int


class MetricRow(NamedTuple):
    """One revision of a metric of the shop's own: how its cells are summed up."""

    id: str
    revision: int
    version: int
    """That of the tallies that count."""
    since: int
    name: str
    aggregate: str
    length_ms: int
    """Of the window; 0: ever."""
    step_ms: int
    is_instant: bool
    is_deleted: bool


class SegmentMetricsRow(NamedTuple):
    """What the customers of a segment came to at an instant, in one currency."""

    segment: str
    version: int
    at: int
    currency: str
    profiles: int
    customers: int
    receipts: int
    revenue: Decimal
    ltv: Decimal
    took_ms: int


LogRow: TypeAlias = (
    EventRow
    | MessageRow
    | SendRow
    | FactRow
    | DeadLetterRow
    | ErasureRow
    | CustomerRow
    | SharedRow
    | CatalogueRow
    | RfmRow
    | MetricRow
    | SegmentMetricsRow
    | JobRow
    | JobMemberRow
)

TABLES: Final[Mapping[type[LogRow], str]] = {
    EventRow: "events_log",
    MessageRow: "messages_log",
    SendRow: "sends_log",
    FactRow: "facts_log",
    DeadLetterRow: "dead_letters_log",
    ErasureRow: "erasures_log",
    CustomerRow: "customers_log",
    SharedRow: "shared_log",
    CatalogueRow: "catalogue_log",
    RfmRow: "rfm_log",
    MetricRow: "metrics_log",
    SegmentMetricsRow: "segment_metrics_log",
    JobRow: "jobs_log",
    JobMemberRow: "job_members_log",
}


def within_bounds(at: int) -> int:
    """The nearest time a DateTime64 can hold: the driver would write another year unnoticed."""
    return min(max(at, EARLIEST_AT), LATEST_AT)

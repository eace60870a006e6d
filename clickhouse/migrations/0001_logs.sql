-- What is stored of each topic: append-only, at least once, made exact by key and FINAL
-- (docs/decisions/0010). Ours to change: everybody else asks the views of 0002.
--
-- `rank` makes the first record of an id win: ReplacingMergeTree keeps the highest.
-- No partitions: under FINAL none is pruned, and two rows of an id in two of them would never merge.

CREATE TABLE IF NOT EXISTS oncue.events_log
(
    log_partition UInt16 COMMENT 'partition of the topic events',
    log_offset UInt64 COMMENT 'offset in it: the order of the log',
    logged_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD) COMMENT 'when our writer appended it',
    key String COMMENT 'row key: u:ID, a:ID, e:EMAIL, p:PHONE, c:CARD; empty on a switch',
    customer String COMMENT 'public id',
    kind LowCardinality(String) COMMENT 'tracker, transaction, response, consent, timer, command, switch',
    cause LowCardinality(String) COMMENT 'topic/partition/offset/n of what made us append it; empty on client events',
    payload String CODEC(ZSTD(3)) COMMENT 'the event as it stands in the log, JSON',
    type LowCardinality(String) COMMENT 'product_viewed, order_completed, ...',
    id String COMMENT 'unique within its kind',
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD) COMMENT 'when it happened, by the corrected clock of the source',
    name LowCardinality(String) COMMENT 'as the source called it: Product Viewed',
    source LowCardinality(String) COMMENT 'write key or door',
    user_id String,
    anonymous_id String,
    product_id String,
    product_name String,
    category String,
    price Nullable(Decimal(18, 4)) COMMENT 'of one piece',
    quantity Nullable(Int64),
    currency LowCardinality(String),
    order_id String,
    cart_id String,
    total Nullable(Decimal(18, 4)),
    url String COMMENT 'of the page, the product or the click',
    lines Array(Tuple(product_id String, name String, category String, price Nullable(Decimal(18, 4)), quantity Int64)) COMMENT 'products of an order, a cart or a receipt',
    receipt_id String,
    return_of String COMMENT 'receipt that this one takes back',
    message_id String,
    campaign LowCardinality(String),
    channel LowCardinality(String),
    response LowCardinality(String) COMMENT 'accepted, delivered, bounced, opened, clicked, ...',
    code LowCardinality(String) COMMENT 'the provider''s',
    reason String,
    user_agent String,
    is_machine Nullable(Bool) COMMENT 'opened or clicked by a scanner',
    rank UInt64 MATERIALIZED 18446744073709551615 - (log_offset * 65536 + log_partition) COMMENT 'the first record has the highest',
    INDEX by_customer customer TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_time logged_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY (kind, id);

CREATE TABLE IF NOT EXISTS oncue.messages_log
(
    log_partition UInt16,
    log_offset UInt64,
    logged_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    key String,
    payload String CODEC(ZSTD(3)) COMMENT 'the message as it stands in the log, JSON',
    id String COMMENT 'hash of campaign version, customer, instance and step',
    customer String,
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD) COMMENT 'when it was decided',
    caused_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD) COMMENT 'when the event that led here was due or logged',
    expires_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD) COMMENT 'not sent at or after it',
    channel LowCardinality(String),
    to String COMMENT 'address on the channel',
    campaign LowCardinality(String),
    version UInt32 COMMENT 'of the campaign',
    trigger LowCardinality(String),
    instance String,
    step LowCardinality(String),
    template LowCardinality(String),
    template_version UInt32,
    message_class LowCardinality(String) COMMENT 'marketing, transactional',
    category LowCardinality(String),
    rank UInt64 MATERIALIZED 18446744073709551615 - (log_offset * 65536 + log_partition),
    INDEX by_customer customer TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY id;

CREATE TABLE IF NOT EXISTS oncue.sends_log
(
    log_partition UInt16,
    log_offset UInt64,
    logged_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    id String COMMENT 'the message''s',
    attempt UInt32,
    state LowCardinality(String) COMMENT 'reserved, accepted, failed, in_doubt, expired',
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD) COMMENT 'delivery''s clock',
    customer String,
    channel LowCardinality(String),
    campaign LowCardinality(String),
    version UInt32,
    step LowCardinality(String),
    template LowCardinality(String),
    writer LowCardinality(String) COMMENT 'the run of delivery that wrote it',
    provider LowCardinality(String) COMMENT 'sandbox, smtp',
    code LowCardinality(String),
    reason String,
    is_rendered Bool COMMENT 'the sandbox took it: the columns below are its mailbox',
    to String,
    subject String,
    text String CODEC(ZSTD(3)),
    html String CODEC(ZSTD(3)),
    headers Map(String, String),
    rank UInt64 MATERIALIZED 18446744073709551615 - (log_offset * 65536 + log_partition),
    INDEX by_customer customer TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY (id, attempt, state);

CREATE TABLE IF NOT EXISTS oncue.facts_log
(
    log_partition UInt16,
    log_offset UInt64,
    logged_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    id String,
    customer String,
    kind LowCardinality(String) COMMENT 'fired, entered, sent, not_sent, deferred, exited',
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    campaign LowCardinality(String),
    version UInt32,
    trigger LowCardinality(String),
    instance String,
    step LowCardinality(String),
    message_id String,
    reason LowCardinality(String),
    rank UInt64 MATERIALIZED 18446744073709551615 - (log_offset * 65536 + log_partition),
    INDEX by_customer customer TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY id;

CREATE TABLE IF NOT EXISTS oncue.dead_letters_log
(
    log_partition UInt16,
    log_offset UInt64,
    logged_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    id String COMMENT 'hash of the place and of where the payload stood',
    place LowCardinality(String) COMMENT 'collector, tracker, worker, delivery, sink',
    code LowCardinality(String),
    message String,
    path String COMMENT 'batch[3].userId',
    payload String CODEC(ZSTD(3)) COMMENT 'the refused bytes as they came, at most 32 KiB',
    source LowCardinality(String) COMMENT 'write key, or topic/partition/offset',
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    rank UInt64 MATERIALIZED 18446744073709551615 - (log_offset * 65536 + log_partition)
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY id;

CREATE TABLE IF NOT EXISTS oncue.customers_log
(
    row_epoch UInt64 COMMENT 'of the owner that wrote the row',
    row_version UInt64 COMMENT 'writes of the row so far',
    row_offset UInt64 COMMENT 'the last events offset applied',
    logged_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD) COMMENT 'when the row was written',
    key String COMMENT 'row key',
    id String COMMENT 'public id',
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD) COMMENT 'last seen, or written',
    email String,
    phone String,
    orders_count UInt64,
    orders_total Decimal(18, 4),
    receipts_count Int64,
    receipts_total Decimal(18, 4),
    currency LowCardinality(String),
    cart_items Int64 COMMENT 'pieces in the cart',
    cart_value Decimal(18, 4) COMMENT 'of the pieces whose price is known',
    first_seen_at Nullable(DateTime64(3, 'UTC')),
    last_seen_at Nullable(DateTime64(3, 'UTC')),
    events_count UInt64,
    attributes String CODEC(ZSTD(3)) COMMENT 'JSON',
    subscriptions String CODEC(ZSTD(3)) COMMENT 'JSON',
    rank UInt256 MATERIALIZED bitShiftLeft(toUInt256(row_epoch), 128) + bitShiftLeft(toUInt256(row_version), 64) + row_offset COMMENT 'the order of writes: the highest is true'
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY id;

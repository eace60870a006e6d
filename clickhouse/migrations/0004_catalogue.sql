-- Products and categories of the back office: the newest by source time is the one that FINAL shows.

CREATE TABLE IF NOT EXISTS oncue.catalogue_log
(
    log_partition UInt16,
    log_offset UInt64,
    logged_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    kind LowCardinality(String) COMMENT 'product, category',
    id String,
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD) COMMENT 'updatedAt of the source',
    source LowCardinality(String),
    name String,
    category_id String COMMENT 'of a product',
    parent_id String COMMENT 'of a category',
    price Nullable(Decimal(18, 4)),
    currency LowCardinality(String),
    stock Nullable(Decimal(18, 4)),
    url String,
    image_url String,
    rank UInt128 MATERIALIZED bitShiftLeft(toUInt128(toUnixTimestamp64Milli(at)), 64) + log_offset COMMENT 'the newest by source time, then by the log'
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY (kind, id);

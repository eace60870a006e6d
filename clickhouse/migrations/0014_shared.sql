-- What was claimed of what is counted across customers, and what was given back. The answers are
-- events of kind command.

CREATE TABLE IF NOT EXISTS oncue.shared_log
(
    log_partition UInt16 COMMENT 'partition of the topic shared',
    log_offset UInt64,
    logged_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    id String,
    counter String COMMENT 'what is counted: campaign:ID:limit, address:HASH:RULE',
    type LowCardinality(String) COMMENT 'claimed, released',
    at DateTime64(3, 'UTC') CODEC(Delta, ZSTD) COMMENT 'when the customer''s row decided it',
    customer String COMMENT 'public id',
    claim_id String COMMENT 'hash of what the place is for',
    number UInt64 COMMENT 'of the claim; of a place given back that of the claim it was granted to',
    places Nullable(Int64) COMMENT 'the limit of a claim',
    window_ms Nullable(Int64) COMMENT 'of a claim; 0: places are never free by themselves',
    rank UInt64 MATERIALIZED 18446744073709551615 - (log_offset * 65536 + log_partition),
    INDEX by_customer customer TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(rank)
ORDER BY (counter, id);

-- Where a customer came from, and what is counted by metrics of the shop's own.

ALTER TABLE oncue.customers_log
    ADD COLUMN IF NOT EXISTS source LowCardinality(String) COMMENT 'where the customer was first heard of',
    ADD COLUMN IF NOT EXISTS tallies Array(Tuple(metric String, version UInt64, bucket Int64, count Int64, value String, at Int64, tie String)) CODEC(ZSTD(3)) COMMENT 'one for each bucket of each metric';

CREATE TABLE IF NOT EXISTS oncue.metrics_log
(
    id String COMMENT 'of the metric',
    revision UInt64 COMMENT 'of the definition; the highest goes',
    version UInt64 COMMENT 'revision since which it means what it means now: that of the tallies that count',
    since DateTime64(3, 'UTC') COMMENT 'of that version',
    name String COMMENT 'for people',
    aggregate LowCardinality(String),
    length_ms Int64 COMMENT 'of the rolling window; 0: ever',
    step_ms Int64 COMMENT 'of its buckets; 0: there is one',
    is_instant Bool COMMENT 'its value is epoch ms',
    is_deleted Bool
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY id;

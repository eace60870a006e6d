-- Who is in which live segment, and by which definitions the row was judged; what segments came to.

ALTER TABLE oncue.customers_log
    ADD COLUMN IF NOT EXISTS segments Array(LowCardinality(String)) COMMENT 'live segments the customer is in, by id',
    ADD COLUMN IF NOT EXISTS segments_at Int64 DEFAULT -1 COMMENT 'offset of the definitions they are told by; -1: by none';

CREATE TABLE IF NOT EXISTS oncue.segment_metrics_log
(
    segment String,
    version UInt64 COMMENT 'of the definition',
    at DateTime64(3, 'UTC') COMMENT 'when it was computed',
    currency LowCardinality(String) COMMENT 'of the money; empty: nobody bought anything',
    profiles UInt64 COMMENT 'customers in the segment, of every currency',
    customers UInt64 COMMENT 'of this currency',
    receipts Int64 COMMENT 'net of returns',
    revenue Decimal(38, 4) COMMENT 'of receipts, net of returns',
    ltv Decimal(38, 4) COMMENT 'what was paid and not given back, together',
    took_ms UInt32 COMMENT 'how long the question took'
)
ENGINE = ReplacingMergeTree
ORDER BY (segment, at, currency);

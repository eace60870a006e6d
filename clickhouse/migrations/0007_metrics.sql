-- What a customer comes to, as of the write of the row, and the cut points of RFM.

ALTER TABLE oncue.customers_log
    ADD COLUMN IF NOT EXISTS receipts_first_at Nullable(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS receipts_last_at Nullable(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS receipts_last_amount Nullable(Decimal(18, 4)),
    ADD COLUMN IF NOT EXISTS receipts_average Nullable(Decimal(18, 4)),
    ADD COLUMN IF NOT EXISTS receipts_average_products Nullable(Decimal(18, 4)) COMMENT 'pieces of a receipt',
    ADD COLUMN IF NOT EXISTS receipts_average_price Nullable(Decimal(18, 4)) COMMENT 'mean over receipts of total by pieces',
    ADD COLUMN IF NOT EXISTS orders_average Nullable(Decimal(18, 4)),
    ADD COLUMN IF NOT EXISTS orders_average_products Nullable(Decimal(18, 4)),
    ADD COLUMN IF NOT EXISTS ltv Nullable(Decimal(18, 4)) COMMENT 'what was paid and not given back',
    ADD COLUMN IF NOT EXISTS favourite_products Array(String) COMMENT 'ids, the most bought first',
    ADD COLUMN IF NOT EXISTS registered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'as the shop said it';

CREATE TABLE IF NOT EXISTS oncue.rfm_log
(
    revision UInt64 COMMENT 'of the definition rfm',
    computed_at DateTime64(3, 'UTC'),
    recency_days Array(Int64) COMMENT 'greatest value of each fifth but the last',
    frequency Array(Int64) COMMENT 'of receipts_count',
    monetary Array(Decimal(18, 4)) COMMENT 'of receipts_total',
    customers UInt64 COMMENT 'compared'
)
ENGINE = ReplacingMergeTree
ORDER BY (computed_at, revision);

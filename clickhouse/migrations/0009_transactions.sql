-- What receipts and orders say beyond their totals. Of a line, what the tuple in `lines` has no room
-- for stands beside it, at the same place.

ALTER TABLE oncue.events_log
    ADD COLUMN IF NOT EXISTS updated_at Nullable(DateTime64(3, 'UTC')) COMMENT 'source time of this version',
    ADD COLUMN IF NOT EXISTS number String COMMENT 'of the receipt or order, for people' AFTER updated_at,
    ADD COLUMN IF NOT EXISTS status LowCardinality(String) AFTER number,
    ADD COLUMN IF NOT EXISTS payment_status LowCardinality(String) AFTER status,
    ADD COLUMN IF NOT EXISTS delivery_status LowCardinality(String) AFTER payment_status,
    ADD COLUMN IF NOT EXISTS store_id String AFTER delivery_status,
    ADD COLUMN IF NOT EXISTS store_name String AFTER store_id,
    ADD COLUMN IF NOT EXISTS shipping Nullable(Decimal(18, 4)) COMMENT 'cost of delivery' AFTER store_name,
    ADD COLUMN IF NOT EXISTS custom String COMMENT 'fields of the shop''s own, JSON object' AFTER shipping,
    ADD COLUMN IF NOT EXISTS line_external_ids Array(String) AFTER custom,
    ADD COLUMN IF NOT EXISTS line_totals Array(Nullable(Decimal(18, 4))) AFTER line_external_ids;

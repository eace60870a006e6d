-- What is not sent to an address, and why; of the address only its hash is here.

ALTER TABLE oncue.shared_log
    ADD COLUMN IF NOT EXISTS kind LowCardinality(String) COMMENT 'of an address: email, phone',
    ADD COLUMN IF NOT EXISTS revision UInt64 COMMENT 'how often what stands against the address has changed',
    ADD COLUMN IF NOT EXISTS scope LowCardinality(String) COMMENT 'marketing, all; empty: nothing stands against it',
    ADD COLUMN IF NOT EXISTS reason LowCardinality(String) COMMENT 'hard_bounce, soft_bounces, complaint, operator, import; of a report hard, soft, complaint, delivered',
    ADD COLUMN IF NOT EXISTS reasons Array(LowCardinality(String)) COMMENT 'all of them',
    ADD COLUMN IF NOT EXISTS because String COMMENT 'id of the record that changed it',
    ADD COLUMN IF NOT EXISTS message_id String,
    ADD COLUMN IF NOT EXISTS code LowCardinality(String) COMMENT 'the provider''s',
    ADD COLUMN IF NOT EXISTS origin LowCardinality(String) COMMENT 'response, operator, import',
    ADD COLUMN IF NOT EXISTS note String;

ALTER TABLE oncue.customers_log
    ADD COLUMN IF NOT EXISTS email_suppressed LowCardinality(String) COMMENT 'marketing, all; empty: nothing stands against the address',
    ADD COLUMN IF NOT EXISTS phone_suppressed LowCardinality(String) COMMENT 'the same of the phone';

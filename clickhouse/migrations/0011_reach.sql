-- How a customer can be reached, as of the write of the row.

ALTER TABLE oncue.customers_log
    ADD COLUMN IF NOT EXISTS email_state LowCardinality(String) COMMENT 'valid, invalid, missing, unknown',
    ADD COLUMN IF NOT EXISTS provider LowCardinality(String) COMMENT 'of the email, by its domain',
    ADD COLUMN IF NOT EXISTS phone_state LowCardinality(String) COMMENT 'valid, invalid, missing, unknown',
    ADD COLUMN IF NOT EXISTS phone_kind LowCardinality(String) COMMENT 'mobile, landline, ...',
    ADD COLUMN IF NOT EXISTS region LowCardinality(String) COMMENT 'of the phone, ISO 3166',
    ADD COLUMN IF NOT EXISTS operator LowCardinality(String) COMMENT 'whom the number range was given to',
    ADD COLUMN IF NOT EXISTS timezone LowCardinality(String) COMMENT 'IANA name',
    ADD COLUMN IF NOT EXISTS country LowCardinality(String) COMMENT 'as the shop said it';

-- What a customer holds at the write of the row, for the rules that ask for it.

ALTER TABLE oncue.customers_log
    ADD COLUMN IF NOT EXISTS standing String CODEC(ZSTD(3)) COMMENT 'containers, interests, expiring bonuses, promo codes, messages: JSON object';

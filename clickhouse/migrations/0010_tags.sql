-- Tags and bonuses of a customer, to list everybody who has one.

ALTER TABLE oncue.customers_log
    ADD COLUMN IF NOT EXISTS tags Array(String) COMMENT 'those that stand, by name',
    ADD COLUMN IF NOT EXISTS bonuses_active Nullable(Decimal(18, 4)) COMMENT 'as the loyalty programme said last' AFTER tags,
    ADD COLUMN IF NOT EXISTS bonuses_pending Nullable(Decimal(18, 4)) AFTER bonuses_active;

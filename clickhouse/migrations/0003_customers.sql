-- A customer's row whole, so that ClickHouse answers as Redis does, and what lists search in.

ALTER TABLE oncue.customers_log
    ADD COLUMN IF NOT EXISTS row String CODEC(ZSTD(3)) COMMENT 'as the changelog holds it: header, msgpack',
    ADD COLUMN IF NOT EXISTS is_erased Bool COMMENT 'nothing is left but this' AFTER row,
    ADD COLUMN IF NOT EXISTS search String CODEC(ZSTD(1)) COMMENT 'what q is looked for in: lower case, a line each' AFTER is_erased,
    ADD COLUMN IF NOT EXISTS first_name String AFTER search,
    ADD COLUMN IF NOT EXISTS last_name String AFTER first_name,
    ADD COLUMN IF NOT EXISTS gender LowCardinality(String) AFTER last_name,
    ADD COLUMN IF NOT EXISTS birthday String COMMENT 'as the shop said it' AFTER gender,
    ADD COLUMN IF NOT EXISTS city LowCardinality(String) AFTER birthday,
    ADD COLUMN IF NOT EXISTS address String COMMENT 'what of it the shop said, in a line' AFTER city;

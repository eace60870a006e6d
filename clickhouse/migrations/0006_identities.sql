-- Which customer an identity belongs to, and since when: what the views resolve `customer` by.

ALTER TABLE oncue.customers_log
    ADD COLUMN IF NOT EXISTS forward String COMMENT 'public id of the customer this identity was merged into' AFTER is_erased;

CREATE TABLE IF NOT EXISTS oncue.identities_log
(
    id String COMMENT 'public id of the identity: anonymous:ID, email:ADDRESS, ...',
    since DateTime64(3, 'UTC') COMMENT 'what was logged from then on is the customer''s; 1970 is everything',
    customer String COMMENT 'public id of the customer',
    version UInt64 COMMENT 'log time of the merge: the last one is true',
    INDEX by_customer customer TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (id, since);

CREATE MATERIALIZED VIEW IF NOT EXISTS oncue.identities_feed TO oncue.identities_log
AS SELECT
    name AS id,
    if(kind = 'linked', at, toDateTime64(0, 3, 'UTC')) AS since,
    customer,
    toUInt64(toUnixTimestamp64Milli(at)) AS version
FROM oncue.facts_log
WHERE kind IN ('merged', 'linked');

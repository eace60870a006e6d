-- Actions on many customers: what was asked, how far it is, and whom it is about. The last of each
-- part of a job counts; members are chosen once, when the job begins.

CREATE TABLE IF NOT EXISTS oncue.jobs_log
(
    id String,
    part LowCardinality(String) COMMENT 'spec, progress, cancel',
    version UInt64 COMMENT 'the highest counts',
    at DateTime64(3, 'UTC'),
    body String COMMENT 'JSON'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (id, part);

CREATE TABLE IF NOT EXISTS oncue.job_members_log
(
    job String,
    customer String COMMENT 'public id',
    chosen_at DateTime('UTC') MATERIALIZED now()
)
ENGINE = ReplacingMergeTree
ORDER BY (job, customer)
TTL chosen_at + INTERVAL 90 DAY;

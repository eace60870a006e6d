-- Who was erased, and from which table when: what keeps late records out, and the receipt.

CREATE TABLE IF NOT EXISTS oncue.erasures_log
(
    id String COMMENT 'of the erasure',
    erased String COMMENT 'public id',
    store LowCardinality(String) COMMENT 'table that holds nothing of it any more; empty: keep it out from here on',
    at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (id, erased, store);

ALTER TABLE oncue.dead_letters_log
    ADD COLUMN IF NOT EXISTS customer String COMMENT 'whose record it was, where its key says so';

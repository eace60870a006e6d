-- What a decision rests on (docs/glossary.md: operand).

ALTER TABLE oncue.facts_log
    ADD COLUMN IF NOT EXISTS why String CODEC(ZSTD(3)) COMMENT 'of a decision: what it rests on, JSON';

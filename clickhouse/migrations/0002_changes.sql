-- Facts also say what changed in a customer: a metric, a contact, consent.

ALTER TABLE oncue.facts_log
    ADD COLUMN IF NOT EXISTS name LowCardinality(String) AFTER reason,
    ADD COLUMN IF NOT EXISTS before Nullable(String) AFTER name,
    ADD COLUMN IF NOT EXISTS after Nullable(String) AFTER before,
    ADD COLUMN IF NOT EXISTS cause String AFTER after;

-- Facts say who says so; customers have columns for how they can be reached and who they are.

ALTER TABLE oncue.facts_log
    ADD COLUMN IF NOT EXISTS origin LowCardinality(String) AFTER cause;

-- An identity that an operator split off belongs to itself again, or to whom it was split off with:
-- for everything it ever did, as the merge before had taken everything.

CREATE MATERIALIZED VIEW IF NOT EXISTS oncue.identities_split_feed TO oncue.identities_log
AS SELECT
    name AS id,
    toDateTime64(0, 3, 'UTC') AS since,
    ifNull(after, name) AS customer,
    toUInt64(toUnixTimestamp64Milli(at)) AS version
FROM oncue.facts_log
WHERE kind = 'unmerged';

"""Back-tests: a campaign over what happened, out of ClickHouse. Nothing in here can send."""

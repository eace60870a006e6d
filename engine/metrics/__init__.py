"""Metrics of one customer: what rules, campaigns, the API and ClickHouse may ask for by name."""

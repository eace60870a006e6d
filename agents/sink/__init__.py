"""Stores what the log says in ClickHouse: every record once, however often it is written."""

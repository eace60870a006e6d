"""The past of new definitions, out of ClickHouse: what the rows would have counted."""

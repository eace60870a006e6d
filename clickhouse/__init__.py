"""What is remembered for analysis: tables, views, two ways in. ClickHouse lives here only."""

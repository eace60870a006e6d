"""What the API asks ClickHouse: one module for each noun, values only as parameters."""

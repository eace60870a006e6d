"""Actions on many customers: kept in ClickHouse, carried out as events, resumed."""

"""Counts, sums and the like over what a customer did: kept in the row as buckets of time."""

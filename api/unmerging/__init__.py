"""Splitting an identity off a customer: what the api does between two records of the log."""

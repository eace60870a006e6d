"""Copies the customers' rows out of the changelog: to Redis for now, to ClickHouse for reports.

Two followers of one log, each at its own pace: neither store waits for the other.
"""

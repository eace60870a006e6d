"""Copies rows out of the changelogs: to Redis for now, customers also to ClickHouse for reports.

Each follower goes at its own pace: no store waits for another.
"""

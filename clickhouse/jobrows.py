"""The rows of the tables of jobs; see `clickhouse.tables`."""

from typing import NamedTuple


class JobRow(NamedTuple):
    """One part of an action on many customers; the highest version of each part counts."""

    id: str
    part: str
    """`spec`, `progress`, `cancel`."""
    version: int
    at: int
    body: str
    """JSON."""


class JobMemberRow(NamedTuple):
    """One of the customers that a job is about."""

    job: str
    customer: str

"""Metrics for tests: written like a marketer would, folded like the log does."""

from engine.definitions.folded import Definitions
from tests.support.story import Book


def metric(metric_id: str = "m", /, **fields: object) -> dict[str, object]:
    """A count of every event, unless the test says more."""
    return {"id": metric_id, "aggregate": "count", **fields}


def defined(*metrics: dict[str, object]) -> Definitions:
    """Definitions with these metrics and nothing else."""
    book = Book()
    for body in metrics:
        book.change("metrics", str(body["id"]), "put", body)
    return book.definitions

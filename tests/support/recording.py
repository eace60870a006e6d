"""A crowd whose logs are kept as ClickHouse has them: without what forwards passed on."""

from collections.abc import Iterator

from engine.definitions.folded import Definitions
from engine.events import Event
from engine.rehearsal.past import LogEvent, Past
from engine.replay import Decision
from engine.rows import Cause, Ignored, Row
from tests.support.crowd import Crowd


class Recorder(Crowd):
    """Notes every record that is stored."""

    def __init__(self, definitions: Definitions) -> None:
        super().__init__(definitions)
        self.log: list[LogEvent] = []

    def arrive(
        self, key: str, event: Event, cause: Cause | None, origin: str = ""
    ) -> Ignored | None:
        """As the crowd's; a record that was passed on is stored with the original alone."""
        if not origin:
            self.log.append(LogEvent(key, event, self.now, cause))
        return super().arrive(key, event, cause, origin)


class Kept:
    """Rows in a dict."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    def get(self, key: str) -> Row | None:
        """Find a row."""
        return self.rows.get(key)

    def put(self, key: str, row: Row) -> None:
        """Keep it."""
        self.rows[key] = row

    def __iter__(self) -> Iterator[str]:
        """All of them."""
        return iter(list(self.rows))


def again(
    log: list[LogEvent],
    definitions: Definitions,
    *,
    campaign: str = "none",
    until: int | None = None,
    supposes: bool = False,
) -> list[Decision]:
    """Every decision of a second pass over a log."""
    past = Past(Kept(), campaign=campaign)
    past.is_supposing = supposes
    found = [one for record in log for one in past.apply(record, definitions)]
    return found if until is None else [*found, *past.run_until(until)]

"""What a merge or an unmerge changed in the customer, as facts: metrics, contacts and consent.

A merge is an event like any other here: without its facts the history of a metric would go from
one value to a third with nothing between (M010).
"""

from engine import agreement, contacts, emissions, metric_changes
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.effects import RecordFact
from engine.emissions import Emission
from engine.events import Event
from engine.rows import Row


def standing(row: Row) -> Customer:
    """The customer as decided: without the events that wait."""
    return row.customer if row.freeze is None else row.freeze.base


def changes(
    before: Customer, after: Customer, event: Event, definitions: Definitions, *, now: int
) -> list[Emission]:
    """The facts of one merge; its id is their cause."""
    effects = [
        *contacts.changes(before, after, event),
        *agreement.changes(before, after, event),
        *metric_changes.effects(
            before, after, event, definitions.counters, rfm=definitions.rfm, now=now
        ),
    ]
    return [
        emissions.emission("facts", effect.fact)
        for effect in effects
        if isinstance(effect, RecordFact)
    ]

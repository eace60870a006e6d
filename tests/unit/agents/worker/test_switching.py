"""Promise 7: what a partition decides under only ever moves on, in each of the two logs."""

import msgspec
import pytest

from agents.worker.batches import LogRecord
from agents.worker.partition import Partition
from agents.worker.recovery import Recovery
from engine.catalogue.shelf import Shelf
from engine.definitions.changes import Change
from engine.definitions.folded import Definitions
from engine.definitions.history import History
from engine.events import KINDS, Event, ProductListed, ProductViewed, Switched
from engine.products import Product
from tables.rows import Switch
from tests.support import replaying


def with_catalogue(definitions: int, catalogue: int) -> Definitions:
    shelf = Shelf()
    for offset in range(catalogue + 1):
        shelf.apply(None, offset=offset)
    return Definitions(offset=definitions, catalogue=shelf.at(catalogue))


@pytest.mark.parametrize(
    ("switch", "after"),
    [
        ((9, 5), Switch(9, 5)),
        ((9, 3), Switch(9, 4)),
        ((7, 5), Switch(8, 5)),
        ((8, 5), Switch(8, 5)),
        ((7, 3), None),
        ((7, 4), None),
    ],
)
def test_neither_definitions_nor_catalogue_ever_lead_back(
    switch: tuple[int, int], after: Switch | None
) -> None:
    partition = Partition(epoch=1, restored=Recovery())
    partition.switch(with_catalogue(8, 4), offset=1)

    row = partition.switch(with_catalogue(*switch), offset=2)

    assert (row is None) == (after is None)
    decided_under = (partition.definitions.offset, partition.definitions.catalogue.offset)
    assert decided_under == tuple(msgspec.to_builtins(after or Switch(8, 4)))
    assert partition.switched_to == (after or Switch(8, 4))


def viewed(offset: int) -> LogRecord:
    event = ProductViewed(id=f"v{offset}", occurred_at=offset, product=Product(id="lamp"))
    return logged(event, offset, key=b"u:ada")


def logged(event: Event | Switched, offset: int, *, key: bytes | None = None) -> LogRecord:
    return LogRecord(
        key=key,
        value=msgspec.json.encode(event),
        kind=KINDS[type(event)].encode(),
        cause=None,
        offset=offset,
        logged_at=offset,
    )


def switched(catalogue: int, offset: int) -> LogRecord:
    event = Switched(
        id=str(offset), occurred_at=offset, definitions_offset=0, catalogue_offset=catalogue
    )
    return logged(event, offset)


def move(shelf: Shelf, category: str) -> None:
    at = shelf.offset + 1
    listed = ProductListed(
        id=str(at), occurred_at=at, product_id="lamp", updated_at=at, category_id=category
    )
    shelf.apply(listed, offset=at)


def test_what_a_view_counts_for_depends_on_the_log_alone() -> None:
    """A replay that knows the whole catalogue decides as the owner who met it bit by bit."""
    settings = {"features": {"category_interest": True}, "interest_days": 30}
    change = Change(
        change_id="s",
        kind="settings",
        id="settings",
        action="put",
        based_on=0,
        body=msgspec.Raw(msgspec.json.encode(settings)),
        at=0,
    )
    history, growing = History(), Shelf()
    history.append(change, offset=0)
    move(growing, "light")
    log = [switched(0, 0), viewed(1), switched(1, 2), viewed(3)]

    live = Partition(epoch=1, restored=Recovery())
    live.fold(log[:1], now=9)
    live.switch(replaying.folded(history, growing, Switch(0, 0)), offset=0)
    live.fold(log[1:2], now=9)
    move(growing, "lamps")
    live.fold(log[2:3], now=9)
    live.switch(replaying.folded(history, growing, Switch(0, 1)), offset=2)
    live.fold(log[3:], now=9)
    again = replaying.replay(log, history, growing).partition

    assert set(live.row(b"u:ada").customer.interests) == {"light", "lamps"}
    assert again.row(b"u:ada") == live.row(b"u:ada")

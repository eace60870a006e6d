"""Promise 7: what a partition decides under only ever moves on, in each of the two logs."""

import msgspec
import pytest

from agents.worker.partition import Partition
from agents.worker.recovery import Recovery
from engine.catalogue.shelf import Shelf
from engine.definitions.folded import Definitions
from tables.rows import Switch


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

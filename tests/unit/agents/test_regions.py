"""The region of a door's record is that of its time, however often it is read."""

import msgspec
import pytest

from agents.regions import Regions
from engine.definitions import settings
from engine.definitions.changes import Change
from engine.definitions.history import History


def said(history: History, region: str | None, *, at: int) -> None:
    change = Change(
        change_id=str(at),
        kind="settings",
        id=settings.ID,
        action="put",
        based_on=history.current.settings_revision,
        body=msgspec.Raw(msgspec.json.encode({"region": region})),
        at=at,
    )
    entry = history.append(change, offset=history.current.offset + 1)
    assert not entry.is_void


@pytest.mark.parametrize(
    ("at", "region"), [(-1, "DE"), (0, "DE"), (10, "DE"), (19, "DE"), (20, "FR"), (30, None)]
)
def test_a_record_is_read_by_the_region_of_its_time(at: int, region: str | None) -> None:
    history = History()
    regions = Regions(history)
    assert regions.at(at) is None

    said(history, None, at=5)
    said(history, "DE", at=10)
    said(history, "FR", at=20)
    said(history, None, at=30)

    assert regions.at(at) == region

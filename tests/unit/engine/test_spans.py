"""Which part of a device's log is a customer's, when it changed hands (e.5)."""

import pytest

from engine.links import Link, LinkState
from engine.mergers import MergeEvent, MergeReason, MergeRefused, Moved, Unlinked
from engine.merges import spans
from engine.merges.spans import LAST, Span

DEVICE = "a:d1"
MOVED = Moved(id="x", occurred_at=0, merge_id="m", origin=DEVICE, state=b"")
LOST = Unlinked(id="x", occurred_at=0, origin=DEVICE)


def refused(reason: MergeReason) -> MergeRefused:
    return MergeRefused(id="x", occurred_at=0, merge_id="m", origin=DEVICE, reason=reason)


LINKED, NOT_OURS = refused("other_users"), refused("too_many")


@pytest.mark.parametrize(
    ("state", "told", "expected"),
    [
        ("merged", [], [Span(0, LAST)]),
        ("claimed", [], [Span(0, LAST)]),
        ("refused", [], None),
        ("linked", [(LINKED, 7)], [Span(8, LAST)]),
        ("lost", [(MOVED, 3), (LOST, 9)], [Span(0, 9)]),
        ("lost", [(LINKED, 7), (LOST, 9)], [Span(8, 9)]),
        ("linked", [(MOVED, 3), (LOST, 9), (LINKED, 20)], [Span(0, 9), Span(21, LAST)]),
        ("merged", [(MOVED, 3)], [Span(0, LAST)]),
        ("refused", [(NOT_OURS, 3)], None),
    ],
)
def test_a_device_is_the_customers_from_then_to_then(
    state: LinkState, told: list[tuple[MergeEvent, int]], expected: list[Span] | None
) -> None:
    found = spans.of_links({DEVICE: Link(state, "m", 0)}, told)

    assert found.get(DEVICE) == expected


def test_a_span_holds_its_first_offset_and_not_its_end() -> None:
    assert [n for n in range(12) if spans.is_within([Span(3, 5), Span(8, 9)], n)] == [3, 4, 8]

"""T32: somebody of the shop spoke with the customer."""

import pytest

from tests.support.journeys import fired, tracks, triggered


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 1),
        ({"topics": ["Complaint"]}, 1),
        ({"topics": ["Delivery"]}, 0),
        ({"results": ["solved", "open"]}, 1),
        ({"operators": ["17"]}, 1),
        ({"operators": ["18"]}, 0),
        ({"event": "Store Visited"}, 0),
    ],
)
def test_t32_by_topic_result_and_operator(params: dict[str, object], count: int) -> None:
    story = triggered("T32", **params)
    tracks(story, "Customer Contacted", at=1, topic="complaint", result="open", operator_id=17)

    assert fired(story) == count

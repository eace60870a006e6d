"""T45: a poll was completed, or answered so."""

import pytest

from tests.support.journeys import fired, tracks, triggered

ANSWERS = [{"question": "taste", "answer": ["sweet", "salty"]}, {"question": "nps", "score": 9}]


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 1),
        ({"poll": "p1"}, 1),
        ({"poll": "p2"}, 0),
        ({"question": "taste", "options": ["salty"]}, 1),
        ({"question": "taste", "options": ["sour"]}, 0),
        ({"question": "nps", "options": ["salty"]}, 0),
        ({"question": "nps", "band": "promoter"}, 1),
        ({"question": "taste", "band": "promoter"}, 0),
        ({"band": "passive"}, 0),
        ({"min_score": "9", "max_score": "9"}, 1),
        ({"min_score": "9.5"}, 0),
        ({"what": "answered"}, 0),
    ],
)
def test_t45_a_completed_poll(params: dict[str, object], count: int) -> None:
    story = triggered("T45", **params)

    tracks(story, "Survey Completed", at=1, survey_id="p1", answers=ANSWERS)

    assert fired(story) == count


@pytest.mark.parametrize(("score", "count"), [(6, 1), (7, 0), (0, 1), (6.5, 0), ("6", 1)])
def test_t45_the_band_of_an_answer(score: object, count: int) -> None:
    story = triggered("T45", what="answered", band="detractor")

    assert fired(tracks(story, "Poll Answered", at=1, poll_id="p1", score=score)) == count

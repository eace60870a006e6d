"""What holds of a counter, whatever is claimed and given back in whatever order."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from engine.claims import ClaimGranted
from engine.shared import counters
from tests.support.claims import Desk

LIMIT = 3

actions = st.lists(
    st.tuples(st.sampled_from("cr"), st.sampled_from("abcdefgh"), st.integers(0, 40)), max_size=60
)


@contextmanager
def held(at_most: int) -> Iterator[None]:
    """A counter that folds after a few grants."""
    with mock.patch.object(counters, "HELD_MAX", at_most):
        yield


class Books:
    """Who has a place by the rules in words, kept beside the counter."""

    def __init__(self, window_ms: int) -> None:
        self.window_ms = window_ms
        self.places: dict[tuple[str, int], int] = {}
        self.now = 0

    @property
    def taken(self) -> int:
        """Grants that were not given back and whose window has not passed."""
        return sum(
            not self.window_ms or at > self.now - self.window_ms for at in self.places.values()
        )

    def has(self, claim_id: str) -> bool:
        """Whether one of them is this claim's."""
        return any(
            name == claim_id and (not self.window_ms or at > self.now - self.window_ms)
            for (name, _), at in self.places.items()
        )


def run(happened: list[tuple[str, str, int]], *, window_ms: int) -> Iterator[tuple[Books, bool]]:
    """The books before each claim, and whether it was granted anew."""
    desk, books = Desk(limit=LIMIT, window_ms=window_ms), Books(window_ms)
    for action, name, wait_ms in happened:
        books.now += wait_ms
        if action == "r":
            if name in desk.granted:
                desk.release(name, at=books.now)
                books.places.pop((name, desk.granted.pop(name).grant), None)
            continue
        had = books.has(name)
        answer = desk.claim(name, at=books.now)
        is_new = isinstance(answer, ClaimGranted) and answer.is_fresh
        if not had:
            yield books, is_new
        if isinstance(answer, ClaimGranted):
            books.places[name, answer.grant] = answer.granted_at


@given(actions, st.sampled_from([0, 50]))
def test_a_claim_is_granted_when_a_place_is_free_and_only_then(
    happened: list[tuple[str, str, int]], window_ms: int
) -> None:
    for books, is_granted in run(happened, window_ms=window_ms):
        assert is_granted == (books.taken < LIMIT)


@given(actions, st.sampled_from([0, 50, 1_000]), st.integers(1, 2))
def test_folded_grants_never_let_the_limit_be_exceeded(
    happened: list[tuple[str, str, int]], window_ms: int, at_most: int
) -> None:
    with held(at_most):
        for books, is_granted in run(happened, window_ms=window_ms):
            assert not is_granted or books.taken < LIMIT

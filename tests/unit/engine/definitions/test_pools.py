"""Pools of promo codes: each place has a code of its own, for good."""

from typing import Any

import msgspec
import pytest

from engine.definitions import changes, pools
from engine.definitions.pools import CODES_MAX, Pool
from engine.errors import InvalidDefinitionError
from tests.support.story import Book

WORDS = "sixteen characters"
OTHER_WORDS = "another text to make them from"


def masked(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 as JSON has them
    return {"id": "spring", "mask": "SPRING-#######", "size": 1_000, "secret": WORDS, **fields}


def pool(**fields: Any) -> Pool:  # noqa: ANN401
    return msgspec.convert(masked(**fields), Pool)


def test_a_listed_code_stands_at_its_place() -> None:
    listed = Pool(id="p", codes=("ONE", "TWO"))

    assert [pools.code_at(listed, place) for place in (0, 1)] == ["ONE", "TWO"]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_of_every_text_of_a_mask_each_place_has_one(count: int) -> None:
    """Nobody gets the code of another: not by luck, by construction."""
    mask = "#" * count
    found = {pools.code_at(pool(mask=mask), place) for place in range(32**count)}

    assert len(found) == 32**count


def test_what_is_no_mark_stays_as_it_is() -> None:
    code = pools.code_at(pool(mask="A-##-B#"), 5)

    assert (code[:2], code[4:6], len(code)) == ("A-", "-B", 7)
    assert set(code.replace("A-", "").replace("-B", "")) <= set(pools.ALPHABET)


def test_codes_are_those_of_the_secret() -> None:
    """In the open: whoever has the definition has the codes, and nobody else."""
    first = [pools.code_at(pool(), place) for place in range(3)]

    assert first == ["SPRING-P2KJXTS", "SPRING-AFU6U7Z", "SPRING-88K3M5W"]
    assert first != [pools.code_at(pool(secret=OTHER_WORDS), n) for n in range(3)]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"id": "p"}, "codes"),
        (masked(codes=["A"]), "codes"),
        ({"id": "p", "codes": ["A", "A"]}, "codes[1]"),
        ({"id": "p", "codes": ["A", " "]}, "codes[1]"),
        ({"id": "p", "codes": ["A", "x" * 65]}, "codes[1]"),
        ({"id": "p", "codes": [str(n) for n in range(CODES_MAX + 1)]}, "codes"),
        ({"id": "p", "codes": ["A"], "size": 1}, "size"),
        (masked(size=0), "size"),
        (masked(size=10_000_001), "size"),
        (masked(mask="###"), "mask"),
        (masked(mask="#" * 65), "mask"),
        (masked(secret=WORDS[:15]), "secret"),
        (masked(low=1_000), "low"),
        (masked(low=-1), "low"),
        (masked(expires_in="soon"), "expires_in"),
        (masked(expires_at="2026-11-22T09:00:00"), "expires_at"),
        (masked(expires_at="tomorrow"), "expires_at"),
        (masked(expires_in="1d", expires_at="2026-11-22T09:00:00Z"), "expires_at"),
    ],
)
def test_a_pool_that_cannot_be_is_refused_with_its_place(body: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidDefinitionError) as refused:
        changes.decode_pool(msgspec.json.encode(body))

    assert path in [flaw.path for flaw in refused.value.flaws]


@pytest.mark.parametrize(
    ("after", "path"),
    [
        (masked(mask="SUMMER-#######"), "mask"),
        (masked(secret=OTHER_WORDS), "secret"),
        (masked(size=999), "size"),
        (masked(size=1_001, low=5, name="more"), None),
    ],
)
def test_what_stands_at_a_place_never_changes(after: dict[str, Any], path: str | None) -> None:
    book = Book().change("pools", "spring", "put", masked())

    found = pools.flaws_after(msgspec.convert(after, Pool), book.definitions.pools)

    assert [flaw.path for flaw in found] == ([] if path is None else [path])


def test_codes_are_added_behind_the_others() -> None:
    book = Book().change("pools", "p", "put", {"id": "p", "codes": ["A", "B"]})
    known = book.definitions.pools

    assert pools.flaws_after(Pool(id="p", codes=("A", "B", "C")), known) == []
    for codes in (("A",), ("B", "A"), ("C", "A", "B")):
        assert [flaw.path for flaw in pools.flaws_after(Pool(id="p", codes=codes), known)] == [
            "codes"
        ]


def test_a_pool_that_was_deleted_comes_back_with_its_places() -> None:
    book = Book().change("pools", "p", "put", {"id": "p", "codes": ["A"]})
    book.change("pools", "p", "delete")
    known = book.definitions.pools

    assert known["p"].deleted
    assert pools.flaws_after(Pool(id="p", codes=("B",)), known) != []
    assert (
        not book.change("pools", "p", "put", {"id": "p", "codes": ["A", "B"]})
        .definitions.pools["p"]
        .deleted
    )

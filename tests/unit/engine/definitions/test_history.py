"""The log of changes can be folded again up to any offset."""

import msgspec
import pytest

from engine.definitions.changes import Change
from engine.definitions.folded import Definitions
from engine.definitions.history import CHECKPOINT_EVERY, History


def template_put(*, based_on: int) -> Change:
    return Change(
        change_id=f"c{based_on}",
        kind="templates",
        id="mail",
        action="put",
        based_on=based_on,
        body=msgspec.Raw(b'{"id": "mail", "subject": "%d", "text": "t"}' % based_on),
        at=based_on,
    )


@pytest.fixture
def history() -> History:
    """Three times what one checkpoint covers; every tenth change is void."""
    told = History()
    applied = 0
    for offset in range(3 * CHECKPOINT_EVERY):
        entry = told.append(
            template_put(based_on=0 if offset % 10 == 9 else applied), offset=offset
        )
        applied += not entry.is_void
    return told


@pytest.mark.parametrize(
    "offset",
    [
        -1,
        0,
        1,
        CHECKPOINT_EVERY - 1,
        CHECKPOINT_EVERY,
        CHECKPOINT_EVERY + 1,
        3 * CHECKPOINT_EVERY - 1,
    ],
)
def test_the_fold_at_an_offset_is_the_fold_of_that_much_of_the_log(
    history: History, offset: int
) -> None:
    short = History()
    for entry in history.after(-1)[: offset + 1]:
        short.append(entry.change, offset=entry.offset)

    assert history.at(offset) == short.current


def test_before_the_first_change_there_is_nothing(history: History) -> None:
    assert history.at(-1) == Definitions()


def test_an_offset_not_yet_folded_is_refused(history: History) -> None:
    with pytest.raises(LookupError):
        history.at(3 * CHECKPOINT_EVERY)


def test_an_unreadable_record_moves_the_offset_and_nothing_else() -> None:
    history = History()
    history.append(template_put(based_on=0), offset=0)
    before = history.current

    entry = history.append(None, offset=1)

    assert entry.is_void
    assert history.current == msgspec.structs.replace(before, offset=1)


def test_what_changed_a_definition_leaves_out_the_void(history: History) -> None:
    entries = history.applied_to("templates", "mail")

    assert len(entries) == 3 * CHECKPOINT_EVERY - len(range(9, 3 * CHECKPOINT_EVERY, 10))
    assert history.applied_to("campaigns", "mail") == []


def test_a_log_that_runs_backwards_is_a_bug() -> None:
    history = History()
    history.append(None, offset=5)

    with pytest.raises(ValueError, match="offset 5 after 5"):
        history.append(None, offset=5)

"""What a record of `messages` must be, and the ids of what comes of it."""

import msgspec
import pytest

from agents.delivery import jobs
from agents.delivery.decisions import Ended
from agents.delivery.jobs import MESSAGE_MAX_BYTES
from engine.errors import RejectedError
from engine.events import Responded
from streams.records import Received
from tests.support import decided
from tests.unit.agents.delivery.test_ledger import NOW

MESSAGE = msgspec.json.encode(decided.message("m", at=NOW))


def received(
    value: bytes | None = MESSAGE, *, key: bytes | None = b"u:ann", offset: int = 5
) -> Received:
    return Received(
        topic="messages",
        partition=1,
        offset=offset,
        key=key,
        value=value,
        headers={},
        logged_at=NOW,
    )


def id_of(value: bytes | None) -> str:
    return str(msgspec.json.decode(value or b"")["id"])


@pytest.mark.parametrize(
    "record",
    [
        received(None),
        received(b"{"),
        received(b"{}"),
        received(b"\xff"),
        received(key=None),
        received(key=b""),
        received(key=b"\xff"),
        received(MESSAGE[:-1] + b',"more":"' + b"x" * MESSAGE_MAX_BYTES + b'"}'),
    ],
    ids=["nothing", "half", "empty", "no text", "no key", "empty key", "bad key", "too large"],
)
def test_what_is_no_message_is_refused(record: Received) -> None:
    with pytest.raises(RejectedError):
        jobs.read(record)


def test_a_response_has_one_id_for_an_outcome_and_goes_to_the_customers_log() -> None:
    job, later = jobs.read(received()), jobs.read(received(offset=9))
    ended = Ended(state="failed", at=NOW, code="550", reason="no")

    record = jobs.response(job, ended)

    event = msgspec.json.decode(record.value or b"", type=Responded)
    assert (record.topic, record.key, record.headers) == (
        "events",
        b"u:ann",
        (("kind", b"response"),),
    )
    assert (event.response, event.code, event.reason, event.occurred_at) == (
        "failed",
        "550",
        "no",
        NOW,
    )
    assert id_of(jobs.response(later, ended).value) == event.id
    assert id_of(jobs.response(job, Ended(state="in_doubt", at=NOW)).value) != event.id


def test_a_recheck_is_asked_once_for_each_time_a_message_was_appended() -> None:
    first, again, later = (
        jobs.recheck(jobs.read(received(offset=offset)), at=at)
        for offset, at in ((5, 1), (5, 2), (6, 2))
    )

    assert first.headers == (("kind", b"command"),)
    assert id_of(first.value) == id_of(again.value)
    assert id_of(later.value) != id_of(first.value)

"""A record of `shared` as a row of ClickHouse."""

import pytest

from agents.sink import shared
from engine.claims import Claimed, CounterRewriteRequested, Released, SharedEvent
from engine.errors import RejectedError
from engine.faults import CampaignFailed
from streams.records import Received
from streams.wire import shared_record

COUNTER = "campaign:cart:limit"


def received(event: SharedEvent, *, key: bytes = COUNTER.encode()) -> Received:
    record = shared_record(COUNTER, event)
    return Received(
        topic=record.topic,
        partition=2,
        offset=7,
        key=key,
        value=record.value,
        headers={},
        logged_at=9,
    )


def test_a_claim_is_a_row() -> None:
    event = Claimed(
        id="i", occurred_at=5, claim_id="x", customer="a:d1", number=3, limit=10, window_ms=60
    )

    row = shared.row_of(received(event))

    assert (row.log_partition, row.log_offset, row.logged_at, row.at) == (2, 7, 9, 5)
    assert (row.id, row.counter, row.type, row.customer) == (
        "i",
        COUNTER,
        "claimed",
        "anonymous:d1",
    )
    assert (row.claim_id, row.number, row.places, row.window_ms) == ("x", 3, 10, 60)


def test_a_place_given_back_is_a_row() -> None:
    event = Released(id="i", occurred_at=5, claim_id="x", customer="u:c1", grant=3, granted_at=4)

    row = shared.row_of(received(event))

    assert (row.type, row.customer, row.claim_id, row.number) == ("released", "c1", "x", 3)
    assert (row.places, row.window_ms) == (None, None)


def test_a_campaign_that_failed_is_a_row_that_says_where_and_why() -> None:
    event = CampaignFailed(
        id="i",
        occurred_at=5,
        campaign="cart",
        version=1,
        revision=2,
        place="steps.count",
        code="not_computable",
        event="e1",
    )

    row = shared.row_of(received(event))

    assert (row.type, row.revision, row.code) == ("failed", 2, "not_computable")
    assert (row.note, row.because, row.customer) == ("steps.count", "e1", "")


def test_a_rewrite_is_nobodys() -> None:
    row = shared.row_of(received(CounterRewriteRequested(id="r", occurred_at=5)))

    assert (row.type, row.customer) == ("counter_rewrite_requested", "")


def test_a_counter_whose_name_is_no_text_is_refused() -> None:
    with pytest.raises(RejectedError, match="utf-8"):
        shared.row_of(received(CounterRewriteRequested(id="r", occurred_at=5), key=b"\xff"))

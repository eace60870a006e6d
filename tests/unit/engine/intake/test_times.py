"""When it happened, whatever the source's clock says."""

from typing import Final

import pytest

from engine.errors import RejectedError
from engine.intake import limits, times

NOON: Final = 1_795_348_800_000
"""2026-11-22T12:00:00Z: when the collector received it."""


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-11-22T12:00:00Z", NOON),
        ("2026-11-22T12:00:00.000Z", NOON),
        ("2026-11-22T12:00:00.123456789Z", NOON + 123),
        ("2026-11-22T14:30:00+02:30", NOON),
        ("2026-11-22T00:00:00-12:00", NOON),
        ("2026-11-23T02:00:00+14:00", NOON),
        ("2026-11-22 12:00:00", NOON),
        ("20261122T120000Z", NOON),
        ("2026-11-22", NOON - 12 * 3_600_000),
        ("1970-01-01T00:00:00Z", 0),
    ],
)
def test_a_time_may_have_any_offset(text: str, ms: int) -> None:
    assert times.instant(text, path="timestamp") == ms


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-02-30",
        "2026-11-22T25:00:00Z",
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "1795348800000",
        NOON,
        None,
        True,
        {},
        "Sun, 22 Nov 2026 12:00:00 GMT",
    ],
)
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(RejectedError) as refusal:
        times.instant(value, path="timestamp")

    assert (refusal.value.code, refusal.value.path) == ("invalid_timestamp", "timestamp")


@pytest.mark.parametrize(
    ("message", "sent_at", "occurred_at"),
    [
        pytest.param({}, None, NOON, id="nothing said: now"),
        pytest.param({"timestamp": None}, None, NOON, id="null is nothing"),
        pytest.param({"timestamp": "2026-11-22T11:00:00Z"}, None, NOON - 3_600_000, id="trusted"),
        pytest.param(
            {"timestamp": "2019-10-01T00:00:00Z"}, None, 1_569_888_000_000, id="imports stay old"
        ),
        pytest.param(
            {"timestamp": "2026-11-22T12:01:00Z"}, None, NOON + 60_000, id="ahead, at the bound"
        ),
        pytest.param(
            {"timestamp": "2026-11-22T12:01:00.001Z"}, None, NOON + 60_000, id="beyond: clamped"
        ),
        pytest.param({"timestamp": "9999-12-31"}, None, NOON + 60_000, id="far ahead: clamped"),
        pytest.param(
            {"originalTimestamp": "2031-01-01T00:00:00Z", "sentAt": "2031-01-01T00:00:05Z"},
            None,
            NOON - 5_000,
            id="a clock years ahead cancels out",
        ),
        pytest.param(
            {"timestamp": "2001-01-01T00:00:00Z", "sentAt": "2001-01-01T00:00:05Z"},
            None,
            NOON - 5_000,
            id="a clock years behind cancels out",
        ),
        pytest.param(
            {"timestamp": "2026-11-22T11:59:50Z"},
            "2026-11-22T11:59:55Z",
            NOON - 5_000,
            id="the batch says when it was sent",
        ),
        pytest.param(
            {"timestamp": "2026-11-22T11:59:50Z", "sentAt": "2026-11-22T11:59:58Z"},
            "2026-11-22T11:59:55Z",
            NOON - 8_000,
            id="the message's own word goes first",
        ),
        pytest.param(
            {"timestamp": "2026-11-22T11:00:00Z", "originalTimestamp": "2031-01-01"},
            None,
            NOON - 3_600_000,
            id="not sent at: the timestamp is trusted",
        ),
        pytest.param(
            {"timestamp": "2026-11-22T11:00:00Z", "sentAt": "soon"},
            None,
            NOON - 3_600_000,
            id="a sentAt nobody can read corrects nothing",
        ),
        pytest.param(
            {"timestamp": "2026-11-22T12:00:10Z", "sentAt": "2026-11-22T12:00:00Z"},
            None,
            NOON + 10_000,
            id="after it was sent",
        ),
        pytest.param(
            {"timestamp": "2027-01-01", "sentAt": "2026-01-01"},
            None,
            NOON + limits.AHEAD_MAX_MS,
            id="long after it was sent: clamped",
        ),
    ],
)
def test_the_error_of_the_sources_clock_cancels_out(
    message: dict[str, object], sent_at: object, occurred_at: int
) -> None:
    assert times.occurred_at(message, received_at=NOON, sent_at=sent_at) == occurred_at


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ({"timestamp": "nonsense"}, "timestamp"),
        ({"timestamp": NOON}, "timestamp"),
        ({"originalTimestamp": "nonsense"}, "originalTimestamp"),
        ({"originalTimestamp": "2026-01-01", "timestamp": "nonsense"}, "timestamp"),
        ({"timestamp": "1971-01-01", "sentAt": "2190-01-01"}, "timestamp"),
    ],
)
def test_nonsense_is_refused(message: dict[str, object], path: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        times.occurred_at(message, received_at=NOON, sent_at=None)

    assert (refusal.value.code, refusal.value.path) == ("invalid_timestamp", path)

"""What holds for every input: a refusal or an event, and nothing else."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from engine import events
from engine.errors import RejectedError
from engine.events import Event
from engine.intake import adaptors, decoding, limits, messages, names, receipts, responses
from engine.intake.arrivals import Arrival, Origin

NOON: Final = 1_795_348_800_000
decoded: Final[Callable[[bytes], Event]] = msgspec.json.Decoder(Event).decode
ORIGIN: Final = Origin(source="web", received_at=NOON, seed="seed", sent_at="2026-11-22T12:00:01Z")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-5, 5)
    | st.floats(allow_nan=True)
    | st.decimals(allow_nan=False, places=2, min_value=-10, max_value=10_000).map(str)
    | st.text(max_size=12)
    | st.datetimes().map(str)
    | st.sampled_from(["eur", "a@b.example", "2026-11-22T12:00:00Z", "undefined"])
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)
products = st.fixed_dictionaries(
    {"product_id": st.text(max_size=5) | st.integers()},
    optional={
        "price": json_values,
        "quantity": st.integers(-2, 5) | json_values,
        "name": json_values,
        "url": json_values,
    },
)
properties = st.dictionaries(st.text(max_size=6), json_values, max_size=4) | products.flatmap(
    lambda product: st.fixed_dictionaries(
        {},
        optional={
            **{name: st.just(value) for name, value in product.items()},
            "products": st.lists(products, max_size=3) | json_values,
            "order_id": st.integers() | st.text(max_size=4),
            "type": st.sampled_from(list(adaptors.ACTIONS)) | json_values,
            "product": products | json_values,
            "transaction": json_values,
            "container": json_values,
            "category": json_values,
            "email_id": json_values,
            "total": json_values,
            "currency": json_values,
        },
    )
)
tracker_messages = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["track", "identify", "page", "screen", "group", "alias"]),
        "userId": st.text(min_size=1, max_size=8) | st.integers() | json_values,
    },
    optional={
        "event": st.sampled_from(
            [*names.NAMES, *adaptors.ACTIONS, adaptors.ECOMMERCE_ACTION, "Other"]
        )
        | json_values,
        "groupId": json_values,
        "previousId": json_values,
        "properties": properties | json_values,
        "traits": st.dictionaries(
            st.sampled_from(["email", "age", "subscriptions"]) | st.text(max_size=5),
            json_values,
            max_size=4,
        )
        | json_values,
        "context": json_values,
        "messageId": json_values,
        "anonymousId": json_values,
        "timestamp": json_values,
        "originalTimestamp": json_values,
        "sentAt": json_values,
        "name": json_values,
    },
)
response_messages = st.fixed_dictionaries(
    {
        "messageId": st.text(min_size=1, max_size=8) | json_values,
        "customerId": st.text(min_size=1, max_size=8) | json_values,
        "response": st.sampled_from(responses.TOLD) | json_values,
        "occurredAt": st.datetimes().map(str) | json_values,
    },
    optional=dict.fromkeys(
        ("id", "channel", "campaign", "code", "reason", "url", "userAgent", "isMachine"),
        json_values,
    ),
)
receipt_messages = st.fixed_dictionaries(
    {
        "id": st.integers() | json_values,
        "customerId": st.text(min_size=1, max_size=8) | json_values,
        "occurredAt": st.datetimes().map(str) | json_values,
        "updatedAt": st.datetimes().map(str) | json_values,
        "total": json_values,
    },
    optional={
        "lines": st.lists(json_values, max_size=3) | json_values,
        "currency": json_values,
        "returnOf": json_values,
    },
)


def message_outcome(payload: bytes, *, is_trusted: bool = False) -> Arrival | str:
    origin = msgspec.structs.replace(ORIGIN, is_trusted=is_trusted)
    try:
        return messages.arrive(decoding.message(payload), origin=origin)
    except RejectedError as error:
        return error.code


def receipt_outcome(payload: bytes) -> Arrival | str:
    try:
        return receipts.arrive(decoding.message(payload), origin=ORIGIN)
    except RejectedError as error:
        return error.code


def response_outcome(payload: bytes) -> Arrival | str:
    try:
        return responses.arrive(decoding.message(payload), origin=ORIGIN)
    except RejectedError as error:
        return error.code


def check_outcome(outcome: Arrival | str) -> None:
    """An event survives the log; a refusal has a code."""
    if isinstance(outcome, str):
        assert outcome
        return
    event = outcome.event
    assert decoded(msgspec.json.encode(event)) == event
    assert outcome.kind == events.KINDS[type(event)]
    assert 0 <= event.occurred_at <= NOON + limits.AHEAD_MAX_MS
    assert 2 < len(outcome.key) <= limits.ID_MAX_CHARS + 2


@given(tracker_messages, st.booleans())
def test_any_tracker_message_is_an_event_that_survives_the_log_or_a_refusal(
    message: dict[str, object],
    is_trusted: bool,  # noqa: FBT001 drawn
) -> None:
    check_outcome(message_outcome(json.dumps(message).encode(), is_trusted=is_trusted))


@given(receipt_messages)
def test_any_receipt_is_an_event_that_survives_the_log_or_a_refusal(
    message: dict[str, object],
) -> None:
    check_outcome(receipt_outcome(json.dumps(message).encode()))


@given(response_messages)
def test_any_response_is_an_event_that_survives_the_log_or_a_refusal(
    message: dict[str, object],
) -> None:
    check_outcome(response_outcome(json.dumps(message).encode()))


@given(json_values)
def test_any_json_is_an_event_or_a_refusal(value: object) -> None:
    check_outcome(message_outcome(json.dumps(value).encode()))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(payload: bytes) -> None:
    check_outcome(message_outcome(payload))


@given(tracker_messages)
def test_the_same_message_gives_the_same_outcome(message: dict[str, object]) -> None:
    payload = json.dumps(message).encode()

    assert message_outcome(payload) == message_outcome(payload)


@given(st.decimals(allow_nan=False, min_value=0, max_value=10**9, places=4))
def test_money_reaches_the_log_digit_by_digit(price: Decimal) -> None:
    payload = (
        '{"type":"track","userId":"17","event":"Product Viewed",'
        f'"properties":{{"product_id":"p","price":{price:f}}}}}'
    )

    outcome = message_outcome(payload.encode())

    assert isinstance(outcome, Arrival)
    event = msgspec.json.decode(msgspec.json.encode(outcome.event))
    assert event["product"]["price"] == f"{price:f}"

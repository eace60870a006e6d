"""Bytes of any kind become a message, or a refusal with a code."""

from decimal import Decimal

import pytest

from engine.errors import RejectedError
from engine.intake import decoding, limits


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b'{"a": 1} x', "invalid_json"),
        (b'{"a": NaN}', "invalid_json"),
        (b'{"a": Infinity}', "invalid_json"),
        (b'\xef\xbb\xbf{"a": 1}', "invalid_json"),
        (b'{"a": "\xff"}', "invalid_json"),
        (b'{"a": "\\ud800"}', "invalid_json"),
        (b'{"a": "\xed\xa0\x80"}', "invalid_json"),
        (b'{"a": "\x01"}', "invalid_json"),
        (b"[]", "invalid_shape"),
        (b"null", "invalid_shape"),
        (b'"text"', "invalid_shape"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "invalid_shape"),
        (b'{"a": 1e99999999999999999999}', "number_out_of_range"),
        (b'{"a": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "too_deep"),
    ],
)
def test_what_is_no_message_is_refused_with_a_code(payload: bytes, code: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        decoding.message(payload)

    assert refusal.value.code == code


@pytest.mark.parametrize("text", ["33.20", "0.1", "1.10", "12345678901234567.89", "1E+5", "0.000"])
def test_numbers_stay_digit_by_digit_as_they_came(text: str) -> None:
    message = decoding.message(b'{"price":' + text.encode() + b"}")

    assert message == {"price": Decimal(text)}
    assert bytes(decoding.canonical(message)) == b'{"price":' + text.encode() + b"}"


def test_of_duplicate_keys_the_last_one_is_kept_and_written() -> None:
    message = decoding.message(b'{"a": 1, "a": 2}')

    assert bytes(decoding.canonical(message)) == b'{"a":2}'


def test_a_message_of_the_greatest_size_is_read() -> None:
    frame = len(b'{"a":""}')

    decoding.message(b'{"a":"' + b"x" * (limits.MESSAGE_MAX_BYTES - frame) + b'"}')


def test_a_message_one_byte_larger_is_refused() -> None:
    frame = len(b'{"a":""}')

    with pytest.raises(RejectedError) as refusal:
        decoding.message(b'{"a":"' + b"x" * (limits.MESSAGE_MAX_BYTES - frame + 1) + b'"}')

    assert refusal.value.code == "message_too_large"


def test_a_batch_keeps_its_messages_as_they_came() -> None:
    envelope = decoding.envelope(b'{"batch": [ {"a" : 1} , "b"], "sentAt": "now", "writeKey": "k"}')

    assert [bytes(message) for message in envelope.batch] == [b'{"a" : 1}', b'"b"']
    assert (envelope.sent_at, envelope.write_key) == ("now", "k")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{}", "invalid_shape"),
        (b'{"batch": {}}', "invalid_shape"),
        (b'{"batch": null}', "invalid_shape"),
        (b"[[]]", "invalid_shape"),
        (b'{"batch": [1, }', "invalid_json"),
        (b'{"batch": [' + b"[" * 10_000, "too_deep"),
    ],
)
def test_what_is_no_batch_is_refused_with_a_code(body: bytes, code: str) -> None:
    with pytest.raises(RejectedError) as refusal:
        decoding.envelope(body)

    assert refusal.value.code == code


def test_a_batch_has_as_many_messages_as_the_limit_allows() -> None:
    entries = ",".join(["1"] * limits.BATCH_MAX_MESSAGES)

    assert len(decoding.envelope(f'{{"batch": [{entries}]}}'.encode()).batch) == 2_500


def test_a_batch_with_one_message_more_is_refused() -> None:
    entries = ",".join(["1"] * (limits.BATCH_MAX_MESSAGES + 1))

    with pytest.raises(RejectedError) as refusal:
        decoding.envelope(f'{{"batch": [{entries}]}}'.encode())

    assert refusal.value.code == "too_many_messages"


@pytest.mark.parametrize(
    ("context", "found"), [(b"null", {}), (b"{}", {}), (b'{"ip": "::1"}', {"ip": "::1"})]
)
def test_a_batch_may_have_a_context(context: bytes, found: dict[str, object]) -> None:
    envelope = decoding.envelope(b'{"batch": [], "context": ' + context + b"}")

    assert decoding.shared_context(envelope) == found


def test_the_context_of_a_batch_may_have_the_greatest_size() -> None:
    frame = len(b'{"a":""}')
    context = b'{"a":"' + b"x" * (limits.BATCH_CONTEXT_MAX_BYTES - frame) + b'"}'
    envelope = decoding.envelope(b'{"batch": [], "context": ' + context + b"}")

    assert len(str(decoding.shared_context(envelope)["a"])) == len(context) - frame


@pytest.mark.parametrize(
    ("context", "code"),
    [
        (b'{"a":"' + b"x" * (limits.BATCH_CONTEXT_MAX_BYTES - 7) + b'"}', "context_too_large"),
        (b"[]", "invalid_shape"),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", "too_deep"),
    ],
)
def test_a_context_for_all_keeps_the_bounds_of_a_message(context: bytes, code: str) -> None:
    envelope = decoding.envelope(b'{"batch": [], "context": ' + context + b"}")

    with pytest.raises(RejectedError) as refusal:
        decoding.shared_context(envelope)

    assert refusal.value.code == code

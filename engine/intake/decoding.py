"""Bytes to plain values and back. Numbers stay exact: 33.20 is Decimal("33.20"), never a float."""

import hashlib
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

import msgspec

from engine.errors import RejectedError
from engine.intake import limits, structure

T = TypeVar("T")


class Envelope(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of a batch; messages stay bytes, so that one bad message is one bad message."""

    batch: list[msgspec.Raw]
    sent_at: object = None
    context: msgspec.Raw = msgspec.Raw(b"null")
    write_key: object = None
    api_key: object = msgspec.field(name="api_key", default=None)


_message: Final = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)
_context: Final = msgspec.json.Decoder(dict[str, object] | None, float_hook=Decimal)
_envelope: Final = msgspec.json.Decoder(Envelope, float_hook=Decimal)
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode
_encode_sorted: Final = msgspec.json.Encoder(decimal_format="number", order="sorted").encode


def message(payload: bytes, *, max_bytes: int = limits.MESSAGE_MAX_BYTES) -> dict[str, object]:
    """Read one message.

    Raises:
        RejectedError: `message_too_large`, `invalid_json`, `invalid_shape`, `too_deep`,
            `number_out_of_range`.
    """
    if len(payload) > max_bytes:
        raise RejectedError(
            "message_too_large", f"{len(payload)} bytes; a message has at most {max_bytes}"
        )
    return _decoded(_message, payload)


def shared_context(envelope: Envelope) -> dict[str, object]:
    """Read the context a batch gives to its messages.

    Raises:
        RejectedError: `context_too_large`, and all that `structure.check` refuses.
    """
    payload = bytes(envelope.context)
    if len(payload) > limits.BATCH_CONTEXT_MAX_BYTES:
        raise RejectedError(
            "context_too_large",
            f"{len(payload)} bytes; the context of a batch has at most "
            f"{limits.BATCH_CONTEXT_MAX_BYTES}",
            path="context",
        )
    context = _decoded(_context, payload) or {}
    structure.check({"context": context})
    return context


def envelope(body: bytes) -> Envelope:
    """Read a batch, but not its messages.

    Raises:
        RejectedError: `too_many_messages`, `invalid_json`, `invalid_shape`, `too_deep`,
            `number_out_of_range`.
    """
    found = _decoded(_envelope, body)
    if len(found.batch) > limits.BATCH_MAX_MESSAGES:
        raise RejectedError(
            "too_many_messages",
            f"{len(found.batch)} messages; a batch has at most {limits.BATCH_MAX_MESSAGES}",
            path="batch",
        )
    return found


def canonical(value: object) -> msgspec.Raw:
    """Write JSON anew: no duplicate keys, no spaces, numbers digit by digit as they came."""
    return msgspec.Raw(_encode(value))


def digest(value: object) -> str:
    """Tell one content from another, whatever the order of its keys."""
    return hashlib.blake2b(_encode_sorted(value), digest_size=16).hexdigest()


def _decoded(decoder: msgspec.json.Decoder[T], payload: bytes) -> T:
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise RejectedError("invalid_shape", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RejectedError("invalid_json", str(error)) from None
    except InvalidOperation:
        raise RejectedError("number_out_of_range", "a number that nothing can hold") from None
    except RecursionError:
        raise RejectedError(
            "too_deep", f"objects and arrays nest at most {limits.DEPTH_MAX} deep"
        ) from None

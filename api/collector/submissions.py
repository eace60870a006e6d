"""What a body holds, before its messages are looked at."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from api.collector import credentials
from api.errors import ProblemError
from engine.errors import Flaw, RejectedError
from engine.intake import decoding

TOO_LARGE: Final = frozenset({"message_too_large", "too_many_messages", "context_too_large"})


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One request's messages, still bytes, and what goes for all of them."""

    payloads: Sequence[bytes]
    is_batch: bool
    key: str | None = None
    sent_at: object = None
    context: Mapping[str, object] = {}


def single(body: bytes) -> Submission:
    """Take the body as one message.

    Raises:
        ProblemError: 400 or 413, with the code of `engine.intake.decoding`.
    """
    try:
        message = decoding.message(body)
    except RejectedError as error:
        raise _problem(error) from None
    key = credentials.from_body(message.get("writeKey"), message.get("api_key"))
    return Submission(payloads=[body], is_batch=False, key=key)


def batch(body: bytes) -> Submission:
    """Take the body as many messages; errors as `single`."""
    try:
        envelope = decoding.envelope(body)
        context = decoding.shared_context(envelope)
    except RejectedError as error:
        raise _problem(error) from None
    return Submission(
        payloads=[bytes(message) for message in envelope.batch],
        is_batch=True,
        key=credentials.from_body(envelope.write_key, envelope.api_key),
        sent_at=envelope.sent_at,
        context=context,
    )


def _problem(error: RejectedError) -> ProblemError:
    status = 413 if error.code in TOO_LARGE else 400
    flaw = Flaw(path=error.path, message=str(error))
    return ProblemError(status, error.code, str(error), flaws=[flaw])

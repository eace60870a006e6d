"""Bodies as PostHog's SDKs send them, and what they ask for besides.

A body is an event, a list of events or a batch; plain, packed (gzip without a word of it in the
head, so that browsers need no pre-flight), or a form: `data=`, base64 of the same.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.collector import credentials, submissions
from api.collector.inflating import Inflater
from api.collector.submissions import Submission
from api.errors import ProblemError
from engine.errors import RejectedError
from engine.intake import decoding, limits, posthog

PATHS: Final = ("/e", "/e/", "/i/v0/e", "/i/v0/e/", "/capture", "/capture/")
CONFIGURATION: Final = "/array/{key}/config"
FLAGS: Final = ("/flags", "/flags/", "/decide", "/decide/")

GZIP: Final = b"\x1f\x8b"
FORM: Final = b"data="

_CONFIGURATION: Final = msgspec.json.encode(
    {
        "supportedCompression": ["gzip-js", "base64"],
        "analytics": {"endpoint": "/e/"},
        "hasFeatureFlags": False,
        "sessionRecording": False,
        "heatmaps": False,
        "surveys": False,
        "siteApps": [],
        "autocaptureExceptions": False,
        "captureDeadClicks": False,
        "capturePerformance": False,
        "defaultIdentifiedOnly": True,
    }
)
"""Everything off that is not sending events."""

_FLAGS: Final = msgspec.json.encode(
    {"flags": {}, "featureFlags": {}, "featureFlagPayloads": {}, "errorsWhileComputingFlags": False}
)


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a body says besides its events."""

    token: object = None
    api_key: object = None
    sent_at: object = None
    batch: msgspec.Raw = msgspec.Raw(b"")


_said: Final = msgspec.json.Decoder(_Said)


def read(body: bytes) -> Submission:
    """Take a body; messages of Segment's shape in a batch are left as they are.

    Raises:
        ProblemError: 400 `invalid_form`, and as `submissions.batch`.
    """
    plain = _unwrapped(body)
    if plain.lstrip()[:1] == b"[":
        plain = b'{"batch":%b}' % plain
    try:
        said = _said.decode(plain)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # What is wrong is said where every batch is read.
        return submissions.batch(plain)
    found = submissions.batch(plain) if bytes(said.batch) else submissions.single(plain)
    return Submission(
        payloads=[part for payload in found.payloads for part in _parts(payload)],
        is_batch=found.is_batch,
        key=found.key or credentials.from_body(said.token) or _token(found.payloads),
        sent_at=said.sent_at if found.sent_at is None else found.sent_at,
        context=found.context,
    )


async def configuration(_: Request) -> Response:
    """What PostHog's browser bundle asks for before it sends anything."""
    return Response(_CONFIGURATION, media_type="application/json")


async def flags(_: Request) -> Response:
    """Feature flags: there are none here, and saying so keeps SDKs from asking again."""
    return Response(_FLAGS, media_type="application/json")


def _unwrapped(body: bytes) -> bytes:
    if body.startswith(FORM):
        body = _from_form(body)
    if not body.startswith(GZIP):
        return body
    inflater = Inflater(max_bytes=limits.BATCH_MAX_BYTES)
    plain = inflater.feed(body)
    inflater.finish()
    return plain


def _from_form(body: bytes) -> bytes:
    value = unquote_to_bytes(body.removeprefix(FORM).split(b"&", 1)[0].replace(b"+", b"%2B"))
    if value.lstrip()[:1] in {b"{", b"["}:
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ProblemError(
            400, "invalid_form", "data= holds neither JSON nor base64 (lz64 is not taken)"
        ) from None


def _parts(payload: bytes) -> list[bytes]:
    """An event, and the traits it brings along as an event of their own."""
    if b'"$set"' not in payload:
        return [payload]
    try:
        said = decoding.message(payload)
    except RejectedError:
        return [payload]  # refused with its reason when its turn comes
    traits = posthog.traits_of(said) if posthog.is_posthog(said) else None
    return [payload] if traits is None else [payload, bytes(decoding.canonical(traits))]


def _token(payloads: Sequence[bytes]) -> str | None:
    """Older bundles give the key with each event only."""
    if not payloads:
        return None
    try:
        properties = decoding.message(payloads[0]).get("properties")
    except RejectedError:
        return None
    return credentials.from_body(properties.get("token") if isinstance(properties, dict) else None)

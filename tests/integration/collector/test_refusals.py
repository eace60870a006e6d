"""What a client is told when it is wrong. No broker is needed: nothing of this reaches Kafka."""

import gzip
import hashlib
from collections.abc import Mapping
from typing import Final

import httpx
import msgspec
import pytest

from engine.intake import limits
from tests.integration.collector.serving import BASIC, SECRET, Served

PAGE: Final = {"type": "page", "userId": "17"}
GZIP: Final = {"content-encoding": "gzip"}
CALLS: Final = ["identify", "track", "page", "screen", "group", "alias"]
SHORT: Final = ["i", "t", "p", "s", "g", "a"]
PATHS: Final = [
    *(f"/v1/{name}" for name in [*CALLS, *SHORT, "batch", "b", "batch/", "receipts"]),
    "/batch/",
]


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code, once the document is known to be whole."""
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document.keys() >= {"type", "title", "status", "code", "message"}
    assert document["status"] == answer.status_code
    return answer.status_code, document["code"]


@pytest.mark.parametrize("path", PATHS)
async def test_every_path_wants_a_key(deserted: Served, path: str) -> None:
    answer = await deserted.post(path, {"batch": []}, {})

    assert problem(answer) == (401, "missing_key")
    assert "www-authenticate" in answer.headers


@pytest.mark.parametrize("path", PATHS)
async def test_every_path_takes_posts_only(deserted: Served, path: str) -> None:
    answer = await deserted.client.get(path)

    assert problem(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1", "/v2/track", "/v1/track/x"])
async def test_another_path_is_not_found(deserted: Served, path: str) -> None:
    assert problem(await deserted.post(path, {})) == (404, "not_found")


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({"authorization": "Bearer nobody"}, {"batch": []}, "invalid_key"),
        ({"authorization": "Basic !"}, {"batch": []}, "invalid_key"),
        ({"authorization": "Bearer nobody"}, {"batch": [], "writeKey": "write-1"}, "invalid_key"),
        ({}, {"batch": [], "writeKey": "nobody"}, "invalid_key"),
        ({}, {"batch": [], "api_key": 5}, "missing_key"),
    ],
)
async def test_a_wrong_key_is_refused(
    deserted: Served, headers: Mapping[str, str], body: object, code: str
) -> None:
    assert problem(await deserted.post("/v1/batch", body, headers)) == (401, code)


@pytest.mark.parametrize("key", ["writeKey", "api_key"])
async def test_a_key_may_stand_in_the_body(deserted: Served, key: str) -> None:
    """An empty batch has nothing to be acknowledged, so it is answered without a broker."""
    answer = await deserted.post("/v1/batch", {"batch": [], key: "write-1"}, {})

    assert (answer.status_code, answer.json()) == (200, {"success": True})


async def test_receipts_want_the_secret_key(deserted: Served) -> None:
    answer = await deserted.post("/v1/receipts", {"batch": []}, BASIC)

    assert problem(answer) == (401, "secret_key_required")
    assert (await deserted.post("/v1/receipts", {"batch": []}, SECRET)).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("/v1/track", b"", (400, "invalid_json")),
        ("/v1/track", b"{", (400, "invalid_json")),
        ("/v1/track", b'{"a":NaN}', (400, "invalid_json")),
        ("/v1/track", b"userId=17", (400, "invalid_json")),
        ("/v1/track", b"[]", (400, "invalid_shape")),
        ("/v1/track", b"[" * 30_000, (400, "invalid_shape")),
        ("/v1/track", b'{"a":' + b"[" * 30_000, (400, "too_deep")),
        ("/v1/batch", b"{}", (400, "invalid_shape")),
        ("/v1/batch", b"[]", (400, "invalid_shape")),
        ("/v1/batch", b'{"batch":5}', (400, "invalid_shape")),
        ("/v1/batch", b'{"batch":[], "context": 5}', (400, "invalid_shape")),
        ("/v1/batch", b'{"batch":' + b"[" * 30_000, (400, "too_deep")),
        ("/v1/batch", b'{"batch":[' + b"1," * 2_500 + b"1]}", (413, "too_many_messages")),
        (
            "/v1/batch",
            b'{"batch":[],"context":{"a":"' + b"x" * 5_000 + b'"}}',
            (413, "context_too_large"),
        ),
    ],
)
async def test_a_body_nobody_can_read_is_refused(
    deserted: Served, path: str, body: bytes, told: tuple[int, str]
) -> None:
    assert problem(await deserted.post(path, body)) == told


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/v1/track", limits.MESSAGE_MAX_BYTES), ("/v1/batch", limits.BATCH_MAX_BYTES)],
)
async def test_a_body_may_have_its_greatest_size_and_no_byte_more(
    deserted: Served, path: str, limit: int
) -> None:
    """A space is JSON enough: at the limit it is read, and then found empty."""
    at_limit = await deserted.post(path, b" " * limit)
    above = await deserted.post(path, b" " * (limit + 1))

    assert problem(at_limit) == (400, "invalid_json")
    assert problem(above) == (413, "body_too_large")


async def test_a_packed_body_is_measured_unpacked(deserted: Served) -> None:
    digits = "".join(hashlib.sha256(b"%d" % n).hexdigest() for n in range(700))
    packed = gzip.compress(msgspec.json.encode({"batch": [], "x": digits}))

    fits = await deserted.post("/v1/batch", packed, BASIC | GZIP)
    too_large = await deserted.post("/v1/track", packed, BASIC | GZIP)

    assert len(packed) < limits.MESSAGE_MAX_BYTES < len(digits)
    assert fits.status_code == 200
    assert problem(too_large) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("body", "headers", "told"),
    [
        (gzip.compress(bytes(10**7), mtime=0), GZIP, (413, "body_too_large")),
        (gzip.compress(gzip.compress(bytes(10**7), mtime=0), mtime=0), GZIP, (400, "invalid_json")),
        (gzip.compress(b'{"batch":[]}', mtime=0)[:-3], GZIP, (400, "invalid_gzip")),
        (b'{"batch":[]}', GZIP, (400, "invalid_gzip")),
        (b'{"batch":[]}', {"content-encoding": "br"}, (415, "unsupported_encoding")),
    ],
)
async def test_bad_packing_is_refused(
    deserted: Served, body: bytes, headers: Mapping[str, str], told: tuple[int, str]
) -> None:
    answer = await deserted.post("/v1/batch", body, {**BASIC, **headers})

    assert problem(answer) == told


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8", "a/b"],
)
async def test_json_is_read_whatever_the_content_type_says(
    deserted: Served, content_type: str
) -> None:
    answer = await deserted.post(
        "/v1/batch", {"batch": []}, {**BASIC, "content-type": content_type}
    )

    assert answer.status_code == 200


async def test_a_packed_batch_of_two_members_is_read(deserted: Served) -> None:
    body = gzip.compress(b'{"batch"', mtime=0) + gzip.compress(b":[]}")

    assert (await deserted.post("/v1/batch", body, BASIC | GZIP)).status_code == 200


@pytest.mark.parametrize("path", PATHS)
async def test_pages_of_any_origin_may_ask_first(deserted: Served, path: str) -> None:
    answer = await deserted.client.options(
        path, headers={"origin": "https://shop.example", "access-control-request-method": "POST"}
    )

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {"authorization", "content-type", "x-retry-count", "anonymousid", "sentat"} <= {*allowed}
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("body", "status"), [({"batch": []}, 200), ({}, 400), ({"batch": [PAGE]}, 503)]
)
async def test_pages_of_any_origin_may_read_every_answer(
    deserted: Served, body: object, status: int
) -> None:
    answer = await deserted.post("/v1/batch", body)

    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_the_browser_bundle_finds_its_settings(deserted: Served) -> None:
    answer = await deserted.client.get("/v1/projects/write-1/settings")

    assert answer.json()["integrations"]["Segment.io"] == {
        "apiKey": "write-1",
        "apiHost": "collector/v1",
        "protocol": "http",
    }
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("key", ["nobody", "secret-1"])
async def test_settings_are_for_write_keys(deserted: Served, key: str) -> None:
    answer = await deserted.client.get(f"/v1/projects/{key}/settings")

    assert problem(answer) == (404, "not_found")

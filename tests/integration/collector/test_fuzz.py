"""Whatever is thrown at it, the collector answers with one of the agreed statuses."""

import asyncio
import gzip
import json
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Final

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.intake import limits
from tests.integration.collector import serving
from tests.integration.collector.serving import BASIC, Served

AGREED: Final = frozenset({200, 400, 401, 404, 405, 408, 411, 413, 415, 422, 429, 503})
MANY: Final = 100_000

CORPUS: Final = {
    "20 MB": b" " * 20_000_000,
    "20 MB of JSON": b'{"batch":["' + b"x" * 20_000_000 + b'"]}',
    "deep": b'{"batch":[' + b"[" * 1_025 + b"]" * 1_025 + b"]}",
    "very deep": b'{"batch":[' + b'{"a":' * 50_000,
    "many keys": json.dumps({"batch": [{str(n): 1 for n in range(2_000)}]}).encode(),
    "too many keys": json.dumps({str(n): n for n in range(30_000)}).encode(),
    "many messages": b'{"batch":[' + b"1," * MANY + b"1]}",
    "NaN": b'{"batch":[NaN]}',
    "infinity": b'{"batch":[{"a":1e400}],"sentAt":1e400}',
    "a number beyond all": b'{"batch":[1e99999999999999999999],"sentAt":1e99999999999999999999}',
    "64 bits": b'{"batch":[{"userId":18446744073709551616,"type":"page"}]}',
    "5,000 digits": b'{"batch":[{"userId":' + b"9" * 5_000 + b"}]}",
    "lone surrogate": b'{"batch":[{"userId":"\\ud800","type":"page"}]}',
    "NUL": b'{"batch":[{"userId":"\\u0000","type":"page"}]}',
    "BOM": b'\xef\xbb\xbf{"batch":[]}',
    "UTF-16": '{"batch":[]}'.encode("utf-16"),
    "duplicate keys": b'{"batch":[{"userId":"1","userId":"2","type":"page","type":5}]}',
    "no object": b'"batch"',
    "nothing": b"",
    "a zip bomb": gzip.compress(bytes(50_000_000)),
    "form": b"batch=1&writeKey=write-1",
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=15,
)
bodies = (
    st.binary(max_size=300)
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.fixed_dictionaries(
        {"batch": st.lists(json_values, max_size=4) | json_values},
        optional={"sentAt": json_values, "context": json_values, "writeKey": json_values},
    ).map(lambda value: json.dumps(value).encode())
)
paths = st.sampled_from(
    [
        "/v1/track",
        "/v1/identify",
        "/v1/batch",
        "/v1/receipts",
        "/v1/p",
        "/batch/",
        "/e/",
        "/v1/x",
        "/v1/",
    ]
)
header_values = st.text(
    st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="\r\n"), max_size=20
)
headers = st.fixed_dictionaries(
    {},
    optional={
        "authorization": st.sampled_from([BASIC["authorization"], "Bearer secret-1"])
        | header_values,
        "content-encoding": st.sampled_from(["gzip", "br", "identity"]) | header_values,
        "content-type": header_values,
        "content-length": st.integers(0, 10**9).map(str) | header_values,
        "origin": header_values,
    },
)


def check(answer: httpx.Response) -> None:
    assert answer.status_code in AGREED
    if answer.status_code >= 400:
        assert answer.json().keys() >= {"code", "message"}
    if answer.status_code == 503:
        assert answer.headers["retry-after"].isdecimal()


def test_any_request_is_answered_with_an_agreed_status() -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        context = serving.collector(brokers="127.0.0.1:1", acknowledge_timeout_ms=1)
        served = runner.run(stack.enter_async_context(context))

        @given(
            st.sampled_from(["POST", "POST", "POST", "GET", "PUT", "OPTIONS"]),
            paths,
            headers,
            bodies,
        )
        @settings(max_examples=200, deadline=None)
        def ask(method: str, path: str, sent: Mapping[str, str], body: bytes) -> None:
            request = served.client.request(method, path, content=body, headers=dict(sent))
            check(runner.run(request))

        ask()
        runner.run(stack.aclose())


@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch"])
@pytest.mark.parametrize("packing", ["identity", "gzip"])
@pytest.mark.parametrize("name", CORPUS)
async def test_a_monster_is_answered_quickly(name: str, packing: str, path: str) -> None:
    body = CORPUS[name] if packing == "identity" else gzip.compress(CORPUS[name], 1)

    async with serving.collector(brokers="127.0.0.1:1", acknowledge_timeout_ms=50) as served:
        started_at = time.monotonic()
        answer = await served.post(path, body, {**BASIC, "content-encoding": packing})
        elapsed_s = time.monotonic() - started_at

    check(answer)
    assert elapsed_s < 1


async def test_a_body_that_only_announces_its_size_is_refused_at_once(deserted: Served) -> None:
    head = (
        b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer write-1\r\n"
        b"Content-Length: %d\r\n\r\n" % (limits.BATCH_MAX_BYTES + 1)
    )

    status = await exchange(deserted, [head])

    assert status == b"HTTP/1.1 413"


async def test_a_body_without_a_size_is_refused_where_it_grows_too_large(
    deserted: Served,
) -> None:
    head = (
        b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer write-1\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"

    status = await exchange(deserted, [head, *[chunk] * 8])

    assert status == b"HTTP/1.1 413"


async def exchange(served: Served, pieces: list[bytes]) -> bytes:
    """Send bytes over a real connection, and give how the answer begins."""
    async with serving.listening(served.app) as port, asyncio.timeout(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
        status = await reader.readexactly(12)
        writer.close()
        return status

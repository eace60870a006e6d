"""Is a part ready? Each probe asks once, in the part's own protocol, and answers yes or no."""

import asyncio
import struct
from typing import Final

import httpx

TIMEOUT_S: Final = 2.0

_API_VERSIONS: Final = 18
_CORRELATION: Final = 1
_CLIENT: Final = b"oncue"


async def http(url: str) -> bool:
    """Ask for a page that answers 200 when its server is ready."""
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def kafka(port: int) -> bool:
    """Ask a broker which versions it speaks: the first thing every client does."""
    head = struct.pack(">hhih", _API_VERSIONS, 0, _CORRELATION, len(_CLIENT)) + _CLIENT
    answer = await _ask(port, struct.pack(">i", len(head)) + head, answer_bytes=10)
    if len(answer) < 10:
        return False
    _, correlation, error_code = struct.unpack(">iih", answer)
    return bool(correlation == _CORRELATION and error_code == 0)


async def valkey(port: int) -> bool:
    """PING; while the file of last time is being read, the answer is an error."""
    return await _ask(port, b"PING\r\n", answer_bytes=7) == b"+PONG\r\n"


async def _ask(port: int, question: bytes, *, answer_bytes: int) -> bytes:
    """Send a question on loopback; empty when there is no full answer in time."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(question)
                return await reader.readexactly(answer_bytes)
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return b""

"""A collector that records what it gets and answers as it is told, over a real socket.

It stands in for the peer of a replay, whose faults cannot be ordered from the real one.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.ports import free_port
from tests.support.waiting import eventually_now

KEY = "demo"

Told: TypeAlias = Literal["later", "soon", "cut", "bad", "nonsense"]
"""`later`: 503 in a second; `soon`: 429 without a time; `cut`: stored, and the answer lost;
`bad`: 400; `nonsense`: 200 of something else."""


class RecordingCollector:
    """Requests it got, and what is stored of them by id."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.script: list[Told] = []
        self.rejects: set[str] = set()
        self.batches: list[list[dict[str, object]]] = []
        self.received_at: list[float] = []
        self.sizes: list[int] = []
        self.stored: dict[str, dict[str, object]] = {}
        self.app = Starlette(routes=[Route("/v1/batch", self._batch, methods=["POST"])])

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def _batch(self, request: Request) -> Response:
        expected = base64.b64encode(f"{KEY}:".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            return JSONResponse({"code": "unknown_key"}, status_code=401)
        if json.loads(await request.body()) == {"batch": []}:
            return JSONResponse({"success": True})
        self.received_at.append(time.time())
        told = self.script.pop(0) if self.script else None
        if told in {None, "cut"}:
            stored = self._store(await request.body())
            return stored if told is None else Response(b"{", headers={"content-length": "100"})
        return {
            "later": JSONResponse({}, status_code=503, headers={"retry-after": "1"}),
            "soon": JSONResponse({}, status_code=429),
            "bad": JSONResponse({"code": "invalid_json"}, status_code=400),
            "nonsense": Response("<h1>It works!</h1>"),
        }[str(told)]

    def _store(self, body: bytes) -> Response:
        batch = json.loads(body)["batch"]
        self.sizes.append(len(body))
        self.batches.append(batch)
        self.stored.update((message["messageId"], message) for message in batch)
        rejected = sum(message["messageId"] in self.rejects for message in batch)
        return JSONResponse({"success": True, "rejected": rejected})


@contextmanager
def listening(collector: RecordingCollector) -> Iterator[None]:
    """Serve it from a thread of its own."""
    server = uvicorn.Server(
        uvicorn.Config(
            collector.app, host="127.0.0.1", port=collector.port, log_level="critical", ws="none"
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually_now(lambda: server.started)
        yield
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join()


@contextmanager
def recording() -> Iterator[RecordingCollector]:
    """A fresh collector on a port of its own."""
    collector = RecordingCollector(free_port())
    with listening(collector):
        yield collector

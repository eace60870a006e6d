"""A file of receipts into the log: `oncue import`'s way, against a bare read and append of it.

Broker and API alone, a process each, with no limit of rows: what comes after the log is the
worker's and the sink's pace. The baseline decodes each line and appends it under its customer's
key, in the same run, to the same broker.
"""

import asyncio
import json
import random
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec
import psutil

from benchmarks import report, stack
from benchmarks.report import Cost, Figure, Scale
from benchmarks.stack import PARTITIONS, SLICE, Stack
from oncue.importing.uploading import PATIENCE_S, Upload
from streams import topics
from streams.records import Record
from tests.support import ports, processes
from tests.support.processes import Part
from tests.support.waiting import eventually

TOKEN: Final = "benchmark"  # noqa: S105  a benchmark's

RECEIPTS_EACH: Final = 4
"""Of a customer, in no order."""

READY_S: Final = 60


class _Row(msgspec.Struct, rename="camel"):
    """What the baseline must know of a row."""

    customer_id: str


_decode: Final = msgspec.json.Decoder(_Row).decode


def run(scale: Scale) -> list[Figure]:
    """Measure both sides in turns."""
    count = scale.pick(60_000, 10_000)
    ours, bare = asyncio.run(_measured(count, scale.runs))
    return report.rates(
        f"{count:,} receipts of {len(_line(1, 1))} bytes and three lines",
        "rows",
        count,
        ours=ours,
        against="decoded and appended",
        baseline=bare,
    )


async def _measured(count: int, runs: int) -> tuple[list[Cost], list[Cost]]:
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "receipts.ndjson"
        file.write_text("".join(_lines(count)))
        async with stack.running() as running, _api(running, Path(folder)) as (client, pid):
            for _ in range(runs):
                ours.append(await _imported(client, pid, file, count))
                bare.append(await _appended(running, file))
    return ours, bare


def _lines(count: int) -> list[str]:
    numbers = list(range(count))
    random.Random(1).shuffle(numbers)  # noqa: S311  no secret
    return [_line(number, number // RECEIPTS_EACH) for number in numbers]


def _line(number: int, customer: int) -> str:
    """A receipt as a back office would write it."""
    items = [
        {"productId": f"p{(number + place) % 1_000}", "quantity": 1, "price": "9.90"}
        for place in range(3)
    ]
    body = {
        "id": f"receipt-{number:08}",
        "number": f"2026-{number:08}",
        "customerId": f"customer-{customer:08}",
        "occurredAt": f"2026-01-{number % 28 + 1:02}T12:00:00Z",
        "updatedAt": f"2026-01-{number % 28 + 1:02}T12:00:01Z",
        "total": "29.70",
        "currency": "EUR",
        "storeId": f"store-{number % 20}",
        "lines": items,
    }
    return json.dumps(body) + "\n"


@asynccontextmanager
async def _api(running: Stack, folder: Path) -> AsyncIterator[tuple[httpx.AsyncClient, int]]:
    """The API's process, beside a Redis and a ClickHouse that are not there."""
    port, nowhere = ports.free_port(), ports.free_port()
    part = Part(
        "api",
        log=folder / "api.log",
        broker=running.address,
        partitions=str(PARTITIONS),
        redis=f"redis://127.0.0.1:{nowhere}/0",
        clickhouse=f"http://127.0.0.1:{nowhere}",
        port=str(port),
        admin_token=TOKEN,
        import_rows_per_s="0",
    )
    with processes.running(part):
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={"authorization": f"Bearer {TOKEN}"},
            timeout=PATIENCE_S,
        ) as client:
            await eventually(lambda: _is_there(client), within_s=READY_S)
            yield client, part.pid


async def _is_there(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/live")).is_success
    except httpx.ConnectError:
        return False


async def _imported(client: httpx.AsyncClient, pid: int, file: Path, count: int) -> Cost:
    """The API's CPU, and the time until it says that Kafka has all of it."""
    process = psutil.Process(pid)
    before, began_s = process.cpu_times(), time.perf_counter()
    ended = await Upload(client, file=file, id_=uuid.uuid4().hex).send(
        kind="receipts", format_name="ndjson"
    )
    if ended.accepted != count:
        raise RuntimeError(f"{ended.accepted} of {count} rows were accepted: {ended.message}")
    after = process.cpu_times()
    return Cost(
        cpu_s=after.user + after.system - before.user - before.system,
        wall_s=time.perf_counter() - began_s,
    )


async def _appended(running: Stack, file: Path) -> Cost:
    cpu_s, began_s = time.process_time(), time.perf_counter()
    lines = (await asyncio.to_thread(file.read_bytes)).splitlines()
    for start in range(0, len(lines), SLICE):
        await running.producer.deliver([_record(line) for line in lines[start : start + SLICE]])
    return Cost(cpu_s=time.process_time() - cpu_s, wall_s=time.perf_counter() - began_s)


def _record(line: bytes) -> Record:
    key = f"u:{_decode(line).customer_id}".encode()
    return Record(topic=topics.TRACKER.name, key=key, value=line)

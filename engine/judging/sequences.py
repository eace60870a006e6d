"""Questions about one event after another: what is read is when the whole came to its end last."""

from collections.abc import Callable, Iterator

from engine import windows
from engine.judging.leaves import Leaf, Moment, Value, never
from engine.rules import nodes


def leaf(node: nodes.Sequence, read: Callable[[Moment], Value]) -> Leaf:
    """Whether it came to its end, within the window if there is one."""
    window = None if node.window is None else windows.parsed(node.window)

    def test(value: Value, now: int) -> bool:
        if not isinstance(value, int):
            return False
        return window is None or window.bucket(value) > window.last_outside(now)

    def edges(moment: Moment) -> Iterator[int]:
        ended_at = read(moment)
        if window is not None and isinstance(ended_at, int):
            yield window.leaves_at(window.bucket(ended_at))

    return Leaf(str(node.id), read, test, never if window is None else edges)

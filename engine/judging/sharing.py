"""Questions that read the same: asked together, the first of them reads for all."""

from collections.abc import Callable
from typing import Final

from engine.definitions.demands import Demand
from engine.judging.leaves import Leaf, Moment, Value
from engine.judging.questions import is_dated
from engine.rules import comparing, held, nodes

_UNREAD: Final = object()


def key(node: nodes.Question, demand: Demand | None) -> object:
    """What a question reads, whatever it compares that with; None: nobody else asks for it."""
    match node:
        case nodes.Did() | nodes.NeverDid() | nodes.Sequence() | nodes.Bought():
            return None if demand is None else demand.id
        case nodes.First() | nodes.Last() if not is_dated(node):
            return None if demand is None else demand.id
        case nodes.Attr(path=path) if not is_dated(node) and node.comparison != comparing.CHANGED:
            return "attr", path
        case nodes.MetricIs(name=name) if not is_dated(node):
            return "metric", name
        case held.CartIs():
            return "cart", node.what, node.container
        case _:
            return None


def holds(leaf: Leaf) -> Callable[[Moment], bool]:
    """The verdict of one question."""
    read, test, shared = leaf.read, leaf.test, leaf.shared
    if shared is None:
        return lambda moment: test(read(moment), moment.now)

    def asked(moment: Moment) -> bool:
        known = moment.known
        if known is None:
            return test(read(moment), moment.now)
        value: Value = known.values.get(shared, _UNREAD)
        if value is _UNREAD:
            value = known.values[shared] = read(moment)
        return test(value, moment.now)

    return asked

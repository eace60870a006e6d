"""What is not known yet decides nothing: counts whose past is being filled in.

A question that hangs on one is answered so that the whole rule comes to `in_doubt`. Below a `not`
that is the other answer, so each question is compiled with the one that its place calls for.
"""

from engine.judging.leaves import Leaf, Value


def unknown() -> Value:
    """Stands where a count will when its past is filled in: neither missing nor nothing."""
    return {"warming": True}


def is_unknown(value: Value) -> bool:
    """Whether it is that, also as it was recorded; nothing that is counted is an object."""
    return isinstance(value, dict)


def settled(leaf: Leaf, *, in_doubt: bool) -> Leaf:
    """The question about something counted, with the answer it gets while that is not known."""
    test = leaf.test

    def tested(value: Value, now: int) -> bool:
        return in_doubt if isinstance(value, dict) else test(value, now)

    return leaf._replace(test=tested)

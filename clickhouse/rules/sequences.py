"""One event after another in SQL, as `engine.aggregates.sequences` goes through them."""

from typing import Final

from clickhouse.rules.parameters import Parameters
from engine.aggregates import sequences
from engine.aggregates.tallies import TIE_CHARS

_NEVER: Final = "toInt64(-4000000000000000000)"
"""Before any time, and so far that nothing lies within a year of it."""


def ended(masks: list[tuple[int, str]], *, within_ms: int, parameters: Parameters) -> str:
    """A subquery of `customer` and `value`: when the whole came to its end last, NULL for never.

    Args:
        masks: The bit of each part and its condition on the alias `e`; the steps in order.
    """
    bits = [bit for bit, _ in masks if bit != sequences.FORBIDDEN]
    mask = " + ".join(f"{bit} * toUInt8({condition})" for bit, condition in masks)
    events = (
        f"SELECT e.customer AS customer, toUnixTimestamp64Milli(e.at) AS at,"
        f" substringUTF8(e.id, 1, {TIE_CHARS}) AS tie, toUInt16({mask}) AS mask"
        " FROM oncue.tracker AS e WHERE mask != 0"
    )
    ordered = "arraySort(groupArray((at, tie, mask)))"
    begin = f"({', '.join([_NEVER] * len(bits))})"
    step = _step(bits, within=parameters.whole(within_ms))
    folded = f"arrayFold((acc, x) -> {step}, {ordered}, {begin})"
    value = f"nullIf({folded}.{len(bits)}, {_NEVER})"
    return f"SELECT customer, {value} AS value FROM ({events}) GROUP BY customer"


def _step(bits: list[int], *, within: str) -> str:
    """The latest beginning of a chain of one step, of two, ...; last, when the whole ended."""
    is_between = f"bitAnd(x.3, {sequences.FORBIDDEN}) != 0"
    found = [f"if(bitAnd(x.3, {bits[0]}) != 0, x.1, if({is_between}, {_NEVER}, acc.1))"]
    for place, bit in enumerate(bits[1:-1], start=2):
        goes_on = f"bitAnd(x.3, {bit}) != 0 AND x.1 - acc.{place - 1} <= {within}"
        taken = f"if({goes_on}, greatest(acc.{place}, acc.{place - 1}), acc.{place})"
        found.append(f"if({is_between}, {_NEVER}, {taken})")
    last = len(bits)
    ends = f"bitAnd(x.3, {bits[-1]}) != 0 AND x.1 - acc.{last - 1} <= {within}"
    found.append(f"if({ends}, x.1, acc.{last})")
    return f"({', '.join(found)})"

"""What a rule says travels beside the SQL, never inside it; long expressions have names."""

from collections.abc import Sequence
from decimal import Decimal

NUMBER = "Decimal(38, 6)"
"""As `engine.conditions.numbers`: twelve digits before the point, six behind it."""


class Parameters:
    """Placeholders, by the order in which they were asked for; the same value has one."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self._known: dict[tuple[str, object], str] = {}
        self._names: dict[str, str] = {}

    @property
    def names(self) -> str:
        """`WITH` of every name, for the beginning of the query; empty without one."""
        if not self._names:
            return ""
        return f"WITH {', '.join(f'{text} AS {name}' for text, name in self._names.items())} "

    def named(self, expression: str) -> str:
        """A name for an expression of a customer's columns, so that it is written once."""
        return self._names.setdefault(expression, f"n{len(self._names)}")

    def text(self, value: str) -> str:
        """The placeholder of a text."""
        return self._placed("String", value, value)

    def name(self, value: str) -> str:
        """The bare name of a text, for SQL that is written elsewhere."""
        return self.text(value)[1:].partition(":")[0]

    def whole(self, value: int) -> str:
        """The placeholder of a whole number."""
        return self._placed("Int64", value, value)

    def number(self, value: Decimal) -> str:
        """The placeholder of an exact number."""
        return self._placed(NUMBER, value, f"{value:f}")

    def texts(self, values: Sequence[str]) -> str:
        """The placeholder of a list of texts."""
        return self._placed("Array(String)", tuple(values), list(values))

    def numbers(self, values: Sequence[Decimal]) -> str:
        """The placeholder of a list of exact numbers."""
        return self._placed(f"Array({NUMBER})", tuple(values), list(values))

    def wholes(self, values: Sequence[int]) -> str:
        """The placeholder of a list of whole numbers."""
        return self._placed("Array(Int64)", tuple(values), list(values))

    def day(self, value: str) -> str:
        """The placeholder of a day, 2026-01-31."""
        return f"toDate32({self.text(value)})"

    def _placed(self, kind: str, key: object, value: object) -> str:
        known = (kind, key)
        if known not in self._known:
            self._known[known] = f"p{len(self.values)}"
            self.values[self._known[known]] = value
        return f"{{{self._known[known]}:{kind}}}"

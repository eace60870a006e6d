"""Patterns of RE2: linear in the text whatever the pattern says, and the same in ClickHouse.

Python's own patterns track back, so one that an author saves could hold a worker for hours; and
they are another language. The syntax: https://github.com/google/re2/wiki/Syntax
"""

from collections.abc import Callable
from typing import Final

import re2

CHARS_MAX: Final = 200
"""Nobody reads a longer one; list the values, or take two comparisons."""

MEMORY_MAX: Final = 1 << 20
"""Bytes that a compiled pattern may take; `a{1000}` inside of another is refused by it."""


def flaw(value: object) -> str | None:
    """What is wrong with a pattern, in words; None: nothing is."""
    if not isinstance(value, str) or not value:
        return '"matches" takes a pattern'
    if len(value) > CHARS_MAX or not value.isprintable():
        return f"a pattern has at most {CHARS_MAX} characters, all of them printable"
    try:
        _compiled(value)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        said = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        return f"no pattern of RE2: {said}"
    return None


def tested(pattern: str) -> Callable[[object], bool]:
    """Whether a text has the pattern anywhere in it; `^` and `$` tie it to both ends.

    Raises:
        re2.error: it is none; `flaw` says so beforehand.
    """
    search = _compiled(pattern).search
    return lambda value: isinstance(value, str) and search(value.encode()) is not None


def _compiled(pattern: str) -> "re2._Regexp":
    options = re2.Options()
    options.dot_nl = True  # As ClickHouse has it: a dot is a line break, too.
    options.log_errors = False
    options.never_capture = True
    options.max_mem = MEMORY_MAX
    # Of bytes: what it would find has no need of places in the text.
    return re2.compile(pattern.encode(), options)

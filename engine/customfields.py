"""Values of custom fields, read as the settings declare them.

The engine reads them, not the door: the doors know no definitions, and a field declared today must
read the same in every replay. What is not declared is kept as it came; of what is declared, a value
that cannot be read is left out, so that rules and columns meet one type only.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from engine.definitions.settings import CustomField

TEXT_MAX_CHARS: Final = 500
"""Of one value; a longer one is cut, since it is stored in every row."""

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
_YES: Final = frozenset({"true", "yes", "1"})
_NO: Final = frozenset({"false", "no", "0"})


def typed(given: Mapping[str, object], declared: Sequence[CustomField]) -> dict[str, object]:
    """Read each value by its declaration; null stays null, since it removes a field."""
    if not declared:
        return dict(given)
    fields = {field.name: field for field in declared}
    found: dict[str, object] = {}
    for name, value in given.items():
        field = fields.get(name)
        if field is None or value is None:
            found[name] = value
            continue
        read = _READERS[field.field_type](value, field)
        if read is not None:
            found[name] = read
    return found


def _text(value: object, _: CustomField) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    return value[:TEXT_MAX_CHARS] if isinstance(value, str) else None


def _number(value: object, _: CustomField) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        return None
    return float(value) if "." in value else int(value)


def _date(value: object, _: CustomField) -> str | None:
    """A day, as 2026-11-22; of an instant, the day where it was written."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(value.strip()).date().isoformat()
    except ValueError:
        return None


def _boolean(value: object, _: CustomField) -> bool | None:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower() if isinstance(value, str | int) else ""
    if word in _YES:
        return True
    return False if word in _NO else None


def _choice(value: object, field: CustomField) -> str | None:
    return value if isinstance(value, str) and value in field.choices else None


_READERS: Final[Mapping[str, Callable[[object, CustomField], object]]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "boolean": _boolean,
    "choice": _choice,
}

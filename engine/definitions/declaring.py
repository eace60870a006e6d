"""What this installation has that rules may name, from the definitions as they stand."""

from collections.abc import Mapping, Sequence
from typing import Final

from engine.definitions.metrics import Metric
from engine.definitions.settings import CustomField, Settings
from engine.rules.declared import ANYTHING, TRAITS, Declared, Field, Kind
from engine.rules.nodes import Rule

_KINDS: Final[Mapping[str, Kind]] = {
    "text": "text",
    "number": "number",
    "date": "date",
    "boolean": "boolean",
    "choice": "choice",
}


def declared(
    settings: Settings, metrics: Mapping[str, Metric], segments: Mapping[str, Rule]
) -> Declared:
    """Custom fields by their types; what the profile shows exists, whatever it is."""
    shown = {name: TRAITS.get(name, ANYTHING) for name in settings.fields.profile}
    custom = settings.custom_fields
    return Declared(
        attributes={**shown, **_fields(custom.customer)},
        metrics={name: _metric(metric) for name, metric in metrics.items()},
        receipt=_fields(custom.receipt),
        receipt_line=_fields(custom.receipt_line),
        segments=segments,
        timezone=settings.timezone,
    )


def _fields(fields: Sequence[CustomField]) -> dict[str, Field]:
    return {
        field.name: Field(kind=_KINDS[field.field_type], choices=field.choices) for field in fields
    }


def _metric(metric: Metric) -> Field:
    """First and last are whatever their field is, or the instant."""
    if metric.aggregate in {"first", "last"}:
        return Field(kind="date") if metric.field is None else ANYTHING
    return Field(kind="number")

"""What rules may name comes from settings, metrics and segments as they stand."""

from engine.definitions import declaring
from engine.definitions.metrics import Metric
from engine.definitions.settings import CustomField, CustomFields, Fields, Settings
from engine.rules import checks, reading


def test_custom_fields_and_what_the_profile_shows_can_be_asked() -> None:
    """M041: by their types."""
    size = CustomField(name="size", field_type="choice", choices=("S", "M"))
    shown = Fields(profile=("nickname",))
    settings = Settings(fields=shown, custom_fields=CustomFields(customer=(size,)))
    declared = declaring.declared(settings, {}, {})

    assert declared.attributes["size"].choices == ("S", "M")
    for path, value, count in (("nickname", "Bo", 0), ("size", "M", 0), ("size", "L", 1)):
        rule = reading.decoded({"op": "attr", "path": path, "is": "=", "value": value})
        assert len(checks.flaws(rule, declared)) == count, path


def test_a_metric_is_compared_as_what_it_comes_to() -> None:
    metrics = {
        "visits": Metric(id="visits", aggregate="count"),
        "last_seen": Metric(id="last_seen", aggregate="last"),
        "last_sku": Metric(id="last_sku", aggregate="last", field="properties.sku"),
    }
    declared = declaring.declared(Settings(), metrics, {})

    kinds = {name: field.kind for name, field in declared.metrics.items()}
    assert kinds == {"visits": "number", "last_seen": "date", "last_sku": "any"}

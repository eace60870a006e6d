"""The settings: their defaults, what is refused at save and where, how they fold."""

import msgspec
import pytest

from engine.definitions import changes, folded, settings
from engine.definitions.changes import Action, Change
from engine.definitions.folded import Definitions
from engine.definitions.settings import Settings
from engine.errors import InvalidDefinitionError


def change(
    body: object, *, based_on: int = 0, action: Action = "put", id_: str = "settings"
) -> Change:
    return Change(
        change_id="c",
        kind="settings",
        id=id_,
        action=action,
        based_on=based_on,
        body=msgspec.Raw(msgspec.json.encode(body)),
        at=1,
    )


def flaws_of(body: object) -> dict[str, str]:
    with pytest.raises(InvalidDefinitionError) as caught:
        changes.decode_settings(msgspec.json.encode(body))
    return {flaw.path: flaw.message for flaw in caught.value.flaws}


def test_optional_features_are_off_until_somebody_switches_them_on() -> None:
    """M222: orders, favourite stores and category interest."""
    assert msgspec.to_builtins(settings.Features()) == {}
    assert Settings().interest_ms is None


def test_interests_need_the_feature_and_a_number_of_days() -> None:
    """M204: there is no default for the days."""
    on = {"features": {"category_interest": True}}

    assert flaws_of(on) == {
        "interest_days": "category interest is on: say for how many days a view counts"
    }
    read = changes.decode_settings(msgspec.json.encode({**on, "interest_days": 30}))
    assert read.interest_ms == 30 * 24 * 60 * 60 * 1000


def test_days_without_the_feature_calculate_nothing() -> None:
    """M208: interest calculation can be switched off."""
    assert changes.decode_settings(b'{"interest_days": 30}').interest_ms is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"interest_days": 0}, "interest_days"),
        ({"interest_days": 367}, "interest_days"),
        ({"interest_days": "30"}, "interest_days"),
        ({"anonymous_history_days": -1}, "anonymous_history_days"),
        ({"timezone": "somewhere else"}, "timezone"),
        ({"currency": "eur"}, "currency"),
        ({"region": "Germany"}, "region"),
        ({"features": {"telepathy": True}}, "features"),
        ({"feature": {}}, ""),
        ({"columns": {"orders": ["id", "colour"]}}, "columns.orders[1]"),
        ({"columns": {"receipts": ["id", "id"]}}, "columns.receipts[1]"),
        ({"columns": {"receipts": ["custom.till"]}}, "columns.receipts[0]"),
        ({"fields": {"profile": [""]}}, "fields.profile[0]"),
        (
            {"custom_fields": {"order": [{"name": "a", "type": "poem"}]}},
            "custom_fields.order[0].type",
        ),
        (
            {"custom_fields": {"order": [{"name": "1", "type": "text"}]}},
            "custom_fields.order[0].name",
        ),
        (
            {"custom_fields": {"customer": [{"name": "a", "type": "choice"}]}},
            "custom_fields.customer[0].choices",
        ),
        (
            {"custom_fields": {"customer": [{"name": "a", "type": "text", "choices": ["x"]}]}},
            "custom_fields.customer[0].choices",
        ),
        (
            {"custom_fields": {"receipt": [{"name": "a", "type": "text"}] * 2}},
            "custom_fields.receipt[1].name",
        ),
    ],
)
def test_a_flaw_is_told_at_its_field(body: object, path: str) -> None:
    assert list(flaws_of(body)) == [path]


def test_a_custom_field_can_be_a_column() -> None:
    """M176: the columns of receipts are configurable, custom fields too."""
    body = {
        "columns": {"receipts": ["id", "custom.till"]},
        "custom_fields": {"receipt": [{"name": "till", "type": "number"}]},
    }

    assert changes.decode_settings(msgspec.json.encode(body)).columns.receipts[1] == "custom.till"


def test_a_zone_that_nobody_knows_is_refused_by_who_saves() -> None:
    assert settings.zone_flaws(Settings(timezone="Europe/Berlin")) == []
    assert [flaw.path for flaw in settings.zone_flaws(Settings(timezone="Mars/Olympus"))] == [
        "timezone"
    ]


def test_a_put_replaces_the_whole() -> None:
    first = folded.fold(Definitions(), change({"currency": "EUR", "region": "DE"}), offset=0)
    second = folded.fold(first.definitions, change({"region": "FR"}, based_on=1), offset=1)

    assert second.definitions.settings == Settings(region="FR")
    assert second.definitions.settings_revision == 2


@pytest.mark.parametrize(
    "made",
    [
        change({}, based_on=1),
        change({}, id_="other"),
        change(None, action="delete"),
        change(None, action="publish"),
        change({"interest_days": 0}),
        change({"features": {"category_interest": True}}),
    ],
)
def test_what_makes_no_sense_is_void(made: Change) -> None:
    after = folded.fold(Definitions(), made, offset=0)

    assert after == folded.Folded(Definitions(offset=0), is_void=True)

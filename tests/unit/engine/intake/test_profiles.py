"""What a source says of a customer: where the clock stands, by each of its words (M020)."""

import pytest

from engine.addresses import ZoneSource
from engine.intake import profiles


@pytest.mark.parametrize(
    ("said", "zones"),
    [
        ({}, {}),
        ({"timezone": "Asia/Tokyo"}, {"profile": "Asia/Tokyo"}),
        ({"timezone": "Mars/Olympus"}, {"profile": None}),
        ({"timezone": None}, {"profile": None}),
        ({"phone": "+4915123456789"}, {"phone": "Europe/Berlin"}),
        ({"phone": "+16502530000"}, {"phone": "America/Los_Angeles"}),
        ({"phone": "call me"}, {"phone": None}),
        ({"country": "Germany"}, {"address": "Europe/Berlin"}),
        ({"country": "US", "city": "Chicago"}, {"address": "America/Chicago"}),
        ({"country": "US"}, {"address": None}),
        ({"address": {"country": "CH", "city": "Bern"}}, {"address": "Europe/Zurich"}),
        (
            {"address": {"country": "CH"}, "country": "US", "city": "Chicago"},
            {"address": "Europe/Zurich"},
        ),
        ({"address": None}, {"address": None}),
        ({"city": "Chicago"}, {}),
        (
            {"timezone": "Asia/Tokyo", "phone": "+4915123456789", "country": "CH"},
            {"profile": "Asia/Tokyo", "phone": "Europe/Berlin", "address": "Europe/Zurich"},
        ),
    ],
)
def test_each_word_gives_the_zone_of_its_source(
    said: dict[str, object], zones: dict[ZoneSource, str | None]
) -> None:
    """Null takes the source's zone away; what is not said leaves it as it was."""
    assert profiles.read(said, path="traits", region=None).zones == zones


def test_the_country_in_the_traits_reads_a_phone_before_the_shops_own() -> None:
    said = {"phone": "044 668 18 00", "address": {"country": "Switzerland"}}

    found = profiles.read(said, path="traits", region="DE")

    assert found.addresses["phone"].value == "+41446681800"
    assert found.zones == {"phone": "Europe/Zurich", "address": "Europe/Zurich"}

"""Where a clock stands by a name, a country or an address (M020)."""

import pytest

from engine.intake import zones


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Argentina/Ushuaia", "UTC", "EST5EDT"])
def test_a_name_of_the_database_is_known(name: str) -> None:
    assert zones.is_known(name)


@pytest.mark.parametrize(
    "name",
    ["", "europe/berlin", "Europe", "Mars/Olympus", "../etc/passwd", "Factory", 3, None, ["UTC"]],
)
def test_what_is_no_name_of_the_database_is_not(name: object) -> None:
    """Files are never looked for by what a browser says."""
    assert not zones.is_known(name)


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("DE", "Europe/Berlin"),
        ("de", "Europe/Berlin"),
        ("CH", "Europe/Zurich"),
        ("IN", "Asia/Kolkata"),
        ("AR", "America/Argentina/Buenos_Aires"),
    ],
)
def test_a_country_whose_zones_show_one_time_has_that_clock(code: str, zone: str) -> None:
    """Germany has two names and Argentina twelve: the first is of the largest place."""
    assert zones.of_country(code) == zone


@pytest.mark.parametrize("code", ["US", "RU", "BR", "AU", "ES", "CN", "UA"])
def test_a_country_with_several_clocks_has_none(code: str) -> None:
    assert zones.of_country(code) is None


@pytest.mark.parametrize("code", ["", "XX", "001", "Germany"])
def test_what_is_no_code_has_no_clock(code: str) -> None:
    assert zones.of_country(code) is None


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("DE", "DE"),
        (" de ", "DE"),
        ("Germany", "DE"),
        ("GERMANY", "DE"),
        ("Britain (UK)", "GB"),
        ("United Kingdom", "GB"),
        ("uk", "GB"),
        ("USA", "US"),
        ("United States", "US"),
        ("Russian Federation", "RU"),
        ("Türkiye", "TR"),
        ("the Netherlands", "NL"),
        ("South Korea", "KR"),
    ],
)
def test_a_country_goes_by_its_code_or_its_english_name(country: str, code: str) -> None:
    assert zones.country_code(country) == code


@pytest.mark.parametrize("country", ["", "  ", "XX", "Deutschland", "Atlantis", "DEU", "001"])
def test_what_is_no_country_has_no_code(country: str) -> None:
    assert zones.country_code(country) is None


@pytest.mark.parametrize(
    ("country", "city", "zone"),
    [
        ("Germany", None, "Europe/Berlin"),
        ("DE", "Moscow", "Europe/Berlin"),
        ("US", "New York", "America/New_York"),
        ("usa", " new york ", "America/New_York"),
        ("US", "Indianapolis", "America/Indiana/Indianapolis"),
        ("Russia", "Moscow", "Europe/Moscow"),
        ("Brazil", "Sao Paulo", "America/Sao_Paulo"),
        ("Brazil", "São Paulo", "America/Sao_Paulo"),
        ("Mexico", "Cancún", "America/Cancun"),
        ("UA", "Kyiv", "Europe/Kyiv"),
        ("US", "Salem", None),
        ("US", None, None),
        ("US", 5, None),
        ("US", "\N{COMBINING ACUTE ACCENT}" * 10_000, None),
        (None, "Moscow", None),
        (49, "Berlin", None),
        ("Atlantis", "Berlin", None),
    ],
)
def test_an_address_stands_by_its_country_or_by_its_city_in_it(
    country: object, city: object, zone: str | None
) -> None:
    assert zones.of_place(country, city) == zone


def test_a_city_is_looked_for_in_its_own_country_only() -> None:
    """There is a Moscow in Idaho, too."""
    assert zones.of_place("US", "Moscow") is None

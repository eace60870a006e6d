"""The specification's examples of rules, by their row: segments that people ask for first."""

from collections.abc import Mapping
from typing import Final

EXAMPLES: Final[Mapping[str, str]] = {
    "M027": 'all(attr("age") >= 30, attr("email") exists)',
    "M028": 'bought(window=between("2025-11-01", "2025-12-31")) >= 1',
    "M029": 'bought(where=any_item("lines", all(prop("category") = "hats", prop("price") > 10)))',
    "M030": 'bonus("active") >= 100',
    "M031": 'metric("receipts_average") >= 20',
    "M032": 'any(bonus("pending") > 0, bonus("expiring", within="30d") >= 10)',
    "M033": 'interest("hats") > 0',
    "M034": 'did("Rated", window="30d") >= 1',
    "M035": 'did("Rated", where=prop("properties.gift") is_true) >= 1',
    "M036": (
        'last("Survey Completed", "properties.answer", where=prop("properties.survey_id") = "nps")'
        " >= 9"
    ),
    "M037": 'message(channel="email") >= 1',
    "M038": 'message(outcome="opened") >= 1',
    "M046": 'subscribed("sms")',
    "M047": 'metric("receipts_count") >= 1',
    "M048": 'attr("age") >= 30',
    "M052 one-time buyers": 'metric("receipts_count") = 1',
    "M052 regular buyers": 'all(metric("receipts_count") >= 3, bought(window="180d") >= 1)',
    "M052 residents of a city": 'attr("city") = "Berlin"',
    "M052 buyers of a product over an age": 'all(attr("age") >= 30, bought(products=["a"]) >= 1)',
    "M210": 'all(subscribed("sms"), metric("receipts_count") >= 1, attr("age") >= 30)',
}

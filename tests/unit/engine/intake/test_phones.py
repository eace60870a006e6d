"""Phones, read by libphonenumber (M018, M020, M021, M132)."""

from typing import Final

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from engine.addresses import Address
from engine.intake import limits, phones

REGIONS: Final = sorted(phonenumbers.SUPPORTED_REGIONS)


@pytest.mark.parametrize("region", REGIONS)
def test_the_example_of_every_region_and_type_is_what_libphonenumber_says(region: str) -> None:
    """As its ExampleNumbersTest: the metadata hold one of each type of a region's plan."""
    for number_type, kind in phones.KINDS.items():
        if number_type == PhoneNumberType.FIXED_LINE_OR_MOBILE:
            continue  # no type of a number but a doubt about it
        number = phonenumbers.example_number_for_type(region, number_type)
        if number is None:
            continue
        national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
        e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        for written, default in ((national, region), (e164, None)):
            checked = phones.check(written, region=default)
            assert checked is not None, written
            assert (checked.address.value, checked.address.is_valid) == (e164, True)
            assert checked.address.kind in {kind, "landline_or_mobile"}


@pytest.mark.parametrize("country", sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS))
def test_the_example_of_a_number_of_no_country_is_valid(country: int) -> None:
    number = phonenumbers.example_number_for_non_geo_entity(country)
    assert number is not None
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)

    checked = phones.check(e164, region=None)

    assert checked is not None
    assert (checked.address.value, checked.address.is_valid) == (e164, True)
    assert (checked.address.region, checked.zone) == ("001", None)


PARSED: Final[dict[str, list[tuple[str, str | None]]]] = {
    "+6433316005": [
        *[("033316005", "NZ"), ("33316005", "NZ"), ("03-331 6005", "NZ"), ("03 331 6005", "NZ")],
        *[("tel:03-331-6005;phone-context=+64", "NZ"), ("tel:331-6005;phone-context=+64-3", "US")],
        *[("My number is tel:03-331-6005;phone-context=+64", "NZ"), ("Tel: +64 3 331 6005", None)],
        *[("tel:03-331-6005;isub=12345;phone-context=+64", "NZ"), ("0064 3 331 6005", "NZ")],
        *[("tel:+64-3-331-6005;isub=12345", "NZ"), ("03-331-6005;phone-context=+64", "NZ")],
        *[("01164 3 331 6005", "US"), ("+64 3 331 6005", "US"), ("+01164 3 331 6005", "US")],
        *[("+0064 3 331 6005", "NZ"), ("+ 00 64 3 331 6005", "NZ"), ("+64 3 331 6005", None)],
        *[("\uff0b64 3 331 6005", None), ("  tel:03-331-6005;phone-context=+64", None)],
    ],
    "+64800332005": [("0800 DDA 005", "NZ")],
    "+16502530000": [
        *[("+1 (650) 253-0000", "NZ"), ("1-650-253-0000", "US"), ("0011-650-253-0000", "SG")],
        *[("0081-650-253-0000", "SG"), ("0191-650-253-0000", "SG"), ("0~01-650-253-0000", "PL")],
        *[("++1 (650) 253-0000", "PL"), ("\uff0b1 (650) 253-0000", "SG")],
        *[("1 (650) 253\u00ad0000", "US"), ("\u1811 \u1816\u1815\u1810 253 0000", "US")],
    ],
    "+80012345678": [("011 800 1234 5678", "US"), ("+800 1234 5678", None)],
    "+979123456789": [("+979 123 456 789", None)],
    "+390236618300": [("+39 02-36618 300", "NZ"), ("02-36618 300", "IT")],
    "+39345678901": [("345 678 901", "IT")],
    "+5493435551212": [("+54 9 343 555 1212", "AR"), ("0343 15 555 1212", "AR")],
    "+541187654321": [("+54 11 8765 4321", "AR"), ("011 8765 4321", "AR")],
    "+524499780001": [("+52 (449)978-0001", "MX"), ("(449)978-0001", "MX")],
}
"""Of libphonenumber's PhoneNumberUtilTest (Apache-2.0): how a number is written, and where.

Cases that hold only by the plans made up for those tests are left out.
"""


@pytest.mark.parametrize(
    ("said", "region", "e164"),
    [(said, region, e164) for e164, written in PARSED.items() for said, region in written],
)
def test_what_libphonenumber_publishes_as_one_number_is_that_number(
    said: str, region: str | None, e164: str
) -> None:
    checked = phones.check(said, region=region)

    assert checked is not None
    assert (checked.address.value, checked.address.is_valid) == (e164, True)


@pytest.mark.parametrize(
    ("said", "region", "address", "zone"),
    [
        (
            "+1 (650) 253-0000",
            None,
            Address(value="+16502530000", kind="landline_or_mobile", region="US"),
            "America/Los_Angeles",
        ),
        (
            "044 668 18 00",
            "CH",
            Address(value="+41446681800", kind="landline", region="CH"),
            "Europe/Zurich",
        ),
        (
            "8 (926) 123-45-67",
            "RU",
            Address(value="+79261234567", kind="mobile", region="RU", operator="MegaFon"),
            None,
        ),
        (
            79_261_234_567,
            "RU",
            Address(value="+79261234567", kind="mobile", region="RU", operator="MegaFon"),
            None,
        ),
        (
            "0151-234 567 89",
            "DE",
            Address(value="+4915123456789", kind="mobile", region="DE", operator="T-Mobile"),
            "Europe/Berlin",
        ),
        (
            "+800 1234 5678",
            None,
            Address(value="+80012345678", kind="toll_free", region="001"),
            None,
        ),
    ],
)
def test_a_number_is_read_as_people_write_it(
    said: object, region: str | None, address: Address, zone: str | None
) -> None:
    assert phones.check(said, region=region) == (address, zone)


@pytest.mark.parametrize(
    "said", ["call me", "12", "0044", "+999 123456789", "4155552671", "+1 415", "\x00+16502530000"]
)
def test_what_is_no_number_is_kept_as_given(said: str) -> None:
    assert phones.check(said, region=None) == (Address(value=said, is_valid=False), None)


def test_an_endless_number_is_kept_in_part() -> None:
    checked = phones.check("1" * 10_000, region="US")

    assert checked is not None
    assert checked.address == Address(value="1" * limits.PHONE_MAX_CHARS, is_valid=False)


@pytest.mark.parametrize("said", [None, "", " ", True, 1.5, [], {}])
def test_what_is_no_text_is_no_number(said: object) -> None:
    assert phones.check(said, region="US") is None


@pytest.mark.parametrize(
    ("said", "found"),
    [("+16502530000", "+16502530000"), ("+999 12-345-678", "+99912345678"), ("12", None)],
)
def test_a_number_identifies_even_if_its_range_is_new(said: str, found: str | None) -> None:
    assert phones.identifier(said, region=None) == found


def test_every_type_of_libphonenumber_has_its_word() -> None:
    types = {value for name, value in vars(PhoneNumberType).items() if name.isupper()}

    assert set(phones.KINDS) == types - {PhoneNumberType.UNKNOWN}

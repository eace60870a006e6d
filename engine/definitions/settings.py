"""The settings of an installation: one definition, versioned like the others.

What the operator switches on, which days and zones go, which fields and columns are shown, and
which custom fields there are. The log holds it under the one id `settings`.
"""

import re
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

import msgspec

from engine.errors import Flaw

ID: Final = "settings"
"""The one there is."""

DAYS_MAX: Final = 366
"""Of interests and of anonymous history: rows keep no more than a year."""

CUSTOM_FIELDS_MAX: Final = 100
"""Of one object: as many columns as anybody can look at."""

CHOICES_MAX: Final = 100
SHOWN_MAX: Final = 100
NAME_MAX_CHARS: Final = 100

Feature: TypeAlias = Literal["orders", "favourite_stores", "category_interest"]

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_REGION: Final = re.compile(r"[A-Z]{2}")
_ZONE: Final = re.compile(r"[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+){0,2}")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CUSTOM: Final = "custom."


class Features(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Optional features; one that is off has no tab, no entries in the feed and no columns."""

    orders: bool = False
    favourite_stores: bool = False
    category_interest: bool = False


class CustomField(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
    rename={"field_type": "type"},
):
    """A field of the shop's own, and how its values are read (`engine.customfields`)."""

    name: str
    field_type: Literal["text", "number", "date", "boolean", "choice"]
    label: str = ""
    choices: tuple[str, ...] = ()
    """Only of a choice: the values there are."""


class CustomFields(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """By the object that carries them."""

    customer: tuple[CustomField, ...] = ()
    """Among the attributes."""
    receipt: tuple[CustomField, ...] = ()
    receipt_line: tuple[CustomField, ...] = ()
    order: tuple[CustomField, ...] = ()
    order_line: tuple[CustomField, ...] = ()


_LINE: Final = ("external_id", "product_id", "name", "quantity", "price", "total")
_RECEIPT: Final = (
    "id",
    "number",
    "occurred_at",
    "status",
    "payment_status",
    "store_name",
    "shipping",
    "total",
)


class Fields(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What is shown of one object, in this order."""

    profile: tuple[str, ...] = ("gender", "birthday", "country", "city", "registered_at")
    """Names of attributes, or `address.city` for one inside another."""
    receipt: tuple[str, ...] = _RECEIPT
    order: tuple[str, ...] = (
        "id",
        "customer_id",
        "occurred_at",
        "number",
        "status",
        "delivery_status",
        "payment_status",
        "items_count",
        "total",
    )


class Columns(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What is shown of each line of a list, in this order."""

    receipts: tuple[str, ...] = (
        "id",
        "number",
        "occurred_at",
        "status",
        "payment_status",
        "total",
    )
    receipt_lines: tuple[str, ...] = _LINE
    orders: tuple[str, ...] = (
        "id",
        "number",
        "occurred_at",
        "status",
        "payment_status",
        "delivery_status",
        "items_count",
        "total",
    )
    order_lines: tuple[str, ...] = _LINE


class Settings(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What goes for everybody; what is not said has these defaults."""

    timezone: str = "UTC"
    """IANA name; days of the company begin and end by it."""
    currency: str | None = None
    """ISO 4217, of amounts that name none."""
    region: str | None = None
    """ISO 3166, two letters; a phone number without a country code is one of this country."""
    features: Features = Features()
    interest_days: int | None = None
    """How long a view counts as interest; without it there is none."""
    loyalty: bool | None = None
    """Whether the loyalty programme is connected and its block shown; not said: for whoever it
    has said a balance of."""
    anonymous_history_days: int = 60
    """How much of a visitor's past joins the customer at the first identify."""
    fields: Fields = Fields()
    columns: Columns = Columns()
    custom_fields: CustomFields = CustomFields()

    @property
    def interest_ms(self) -> int | None:
        """How long a view counts as interest; None: interests are not calculated."""
        if not self.features.category_interest or self.interest_days is None:
            return None
        return self.interest_days * 24 * 60 * 60 * 1000


def flaws(settings: Settings) -> list[Flaw]:
    """Everything wrong that the types alone do not say, alike in every process."""
    return [
        *_company_flaws(settings),
        *_days_flaws(settings),
        *_custom_flaws(settings.custom_fields),
        *_shown_flaws(settings),
    ]


def zone_flaws(settings: Settings) -> list[Flaw]:
    """Whether this machine knows the zone: for who saves, not for the fold.

    Two machines may have different editions of the zones, and would decide differently.
    """
    if settings.timezone in zoneinfo.available_timezones():
        return []
    message = f'{settings.timezone!r} is no time zone: write it like "Europe/Berlin" or "UTC"'
    return [Flaw(path="timezone", message=message)]


def _company_flaws(settings: Settings) -> Iterator[Flaw]:
    if not _ZONE.fullmatch(settings.timezone):
        yield Flaw(path="timezone", message='write it like "Europe/Berlin" or "UTC"')
    if settings.currency is not None and not _CURRENCY.fullmatch(settings.currency):
        yield Flaw(path="currency", message='three capital letters, like "EUR"')
    if settings.region is not None and not _REGION.fullmatch(settings.region):
        yield Flaw(path="region", message='two capital letters, like "DE"')


def _days_flaws(settings: Settings) -> Iterator[Flaw]:
    days = settings.interest_days
    if days is not None and not 1 <= days <= DAYS_MAX:
        yield Flaw(path="interest_days", message=f"from 1 to {DAYS_MAX} days")
    if days is None and settings.features.category_interest:
        yield Flaw(
            path="interest_days",
            message="category interest is on: say for how many days a view counts",
        )
    if not 0 <= settings.anonymous_history_days <= DAYS_MAX:
        yield Flaw(path="anonymous_history_days", message=f"from 0 to {DAYS_MAX} days")


def _custom_flaws(custom: CustomFields) -> Iterator[Flaw]:
    for owner in CustomFields.__struct_fields__:
        declared: Sequence[CustomField] = getattr(custom, owner)
        path = f"custom_fields.{owner}"
        if len(declared) > CUSTOM_FIELDS_MAX:
            yield Flaw(path=path, message=f"at most {CUSTOM_FIELDS_MAX} fields")
        names: set[str] = set()
        for place, field in enumerate(declared):
            yield from _field_flaws(field, f"{path}[{place}]")
            if field.name in names:
                yield Flaw(path=f"{path}[{place}].name", message=f"{field.name!r} is there twice")
            names.add(field.name)


def _field_flaws(field: CustomField, path: str) -> Iterator[Flaw]:
    if not _NAME.fullmatch(field.name) or len(field.name) > NAME_MAX_CHARS:
        message = f"a letter, then letters, digits and _; at most {NAME_MAX_CHARS} characters"
        yield Flaw(path=f"{path}.name", message=message)
    if len(field.label) > NAME_MAX_CHARS:
        yield Flaw(path=f"{path}.label", message=f"at most {NAME_MAX_CHARS} characters")
    if field.field_type == "choice" and not field.choices:
        yield Flaw(path=f"{path}.choices", message="a choice needs the values there are")
    if field.field_type != "choice" and field.choices:
        yield Flaw(path=f"{path}.choices", message=f"a {field.field_type} has no choices")
    if len(field.choices) > CHOICES_MAX or len(set(field.choices)) != len(field.choices):
        yield Flaw(path=f"{path}.choices", message=f"at most {CHOICES_MAX}, each once")
    if any(not choice or len(choice) > NAME_MAX_CHARS for choice in field.choices):
        yield Flaw(path=f"{path}.choices", message=f"1 to {NAME_MAX_CHARS} characters each")


_RECEIPT_NAMES: Final = frozenset(
    {*_RECEIPT, "customer_id", "updated_at", "store_id", "currency", "source", "return_of"}
    | {"items_count", "lines_count"}
)
_ORDER_NAMES: Final = _RECEIPT_NAMES | {"delivery_status", "receipt_id"}
_LINE_NAMES: Final = frozenset({*_LINE, "category"})

_KNOWN: Final[Mapping[str, tuple[frozenset[str], str]]] = {
    "fields.receipt": (_RECEIPT_NAMES, "receipt"),
    "fields.order": (_ORDER_NAMES, "order"),
    "columns.receipts": (_RECEIPT_NAMES, "receipt"),
    "columns.receipt_lines": (_LINE_NAMES, "receipt_line"),
    "columns.orders": (_ORDER_NAMES, "order"),
    "columns.order_lines": (_LINE_NAMES, "order_line"),
}
"""What a list may name, and whose custom fields, as `custom.NAME`."""


def _shown_flaws(settings: Settings) -> Iterator[Flaw]:
    yield from _list_flaws("fields.profile", settings.fields.profile)
    for path, (names, owner) in _KNOWN.items():
        group, _, name = path.partition(".")
        shown: Sequence[str] = getattr(getattr(settings, group), name)
        yield from _list_flaws(path, shown)
        custom = {f"{_CUSTOM}{field.name}" for field in getattr(settings.custom_fields, owner)}
        for place, column in enumerate(shown):
            if column not in names and column not in custom:
                yield Flaw(path=f"{path}[{place}]", message=_unknown(column, names))


def _list_flaws(path: str, shown: Sequence[str]) -> Iterator[Flaw]:
    if len(shown) > SHOWN_MAX:
        yield Flaw(path=path, message=f"at most {SHOWN_MAX}")
    for place, name in enumerate(shown):
        if not name or len(name) > NAME_MAX_CHARS or name in shown[:place]:
            message = f"1 to {NAME_MAX_CHARS} characters, and each once"
            yield Flaw(path=f"{path}[{place}]", message=message)


def _unknown(column: str, names: frozenset[str]) -> str:
    if column.startswith(_CUSTOM):
        return f"there is no custom field {column.removeprefix(_CUSTOM)!r} here"
    return f"{column!r} is none of {', '.join(sorted(names))}, custom.NAME"

"""Attributes and metrics of a customer in SQL: columns of the view, and JSON of the rest."""

from collections.abc import Mapping, Sequence
from typing import Final

from clickhouse.rules import dates, values
from clickhouse.rules.parameters import Parameters
from clickhouse.rules.values import Value
from engine import traits

INSTANTS: Final[Mapping[str, str]] = {
    "registered_at": "c.registered_at",
    "first_seen_at": "c.first_seen_at",
    "last_seen_at": "c.last_seen_at",
    "receipts_first_at": "c.receipts_first_at",
    "receipts_last_at": "c.receipts_last_at",
}

_TEXTS: Final[Mapping[str, str]] = {
    "id": "c.id",
    "email": "c.email",
    "phone": "c.phone",
    "timezone": "c.timezone",
    "source": "c.source",
    "email_provider": "c.provider",
    "phone_kind": "c.phone_kind",
    "phone_operator": "c.operator",
    "phone_region": "c.region",
    "email_suppressed": "c.email_suppressed",
    "phone_suppressed": "c.phone_suppressed",
    "currency": "c.currency",
    "rfm": "c.rfm",
}

_NUMBERS: Final = frozenset(
    {
        "events_count",
        "receipts_last_amount",
        "receipts_count",
        "receipts_total",
        "receipts_average",
        "receipts_average_products",
        "receipts_average_price",
        "orders_count",
        "orders_total",
        "orders_average",
        "orders_average_products",
        "ltv",
        "rfm_frequency",
        "rfm_monetary",
    }
)

_SINCE: Final[Mapping[str, str]] = {
    "days_since_first_receipt": "receipts_first_at",
    "days_since_last_receipt": "receipts_last_at",
    "days_since_registration": "registered_at",
}

_LOTS: Final = "JSONExtract(c.standing, 'points', 'Array(Tuple(Int64, Int64))')"

DAY_MS: Final = 86_400_000


class Customers:
    """Reads of the alias `c`, at one instant."""

    def __init__(self, *, now: int, today: str, parameters: Parameters) -> None:
        self._now = parameters.whole(now)
        self._today = parameters.day(today)
        self._parameters = parameters

    def value(self, path: str) -> Value:  # noqa: C901, PLR0911 one arm each
        """An attribute or a built-in metric."""
        if path in INSTANTS:
            return values.number(self.instant(path))
        if path in _TEXTS:
            return values.text(f"nullIf(toString({_TEXTS[path]}), '')")
        if path in _NUMBERS:
            return values.number(f"c.{path}")
        if path in _SINCE:
            at = self.instant(_SINCE[path])
            days = f"intDiv({self._now} - {at}, {DAY_MS})"
            return values.number(f"if({self._now} >= {at}, {days}, {at} - {at})")
        match path:
            case "points_balance":
                return values.number(self._points())
            case "gender":
                return values.text(self._gender())
            case "birthday":
                return values.text("nullIf(c.born, '')")
            case "age":
                return values.number(self._age())
            case "city" | "country":
                return values.text(f"nullIf(toString(c.said_{path}), '')")
            case "favourite_products":
                return values.texts("c.favourite_products")
            case _:
                return self._attribute(path.split("."))

    def said(self, path: str) -> dates.Said:
        """The same as a date."""
        if path in INSTANTS:
            return dates.of_ms(self.instant(path), self._parameters)
        value = self.value(path)
        return dates.of_text(value.string, self._whole(path), self._parameters)

    def instant(self, name: str) -> str:
        """Nullable epoch ms."""
        return f"toUnixTimestamp64Milli({INSTANTS[name]})"

    def changed_at(self, name: str) -> str:
        """Nullable epoch ms at which an attribute became what it is."""
        path = f"'changed', {self._parameters.text(name)}"
        return f"JSONExtract(c.standing, {path}, 'Nullable(Int64)')"

    def _attribute(self, path: Sequence[str]) -> Value:
        return values.json("c.attributes", path, self._parameters)

    def _whole(self, path: str) -> str:
        """A whole number among attributes is epoch ms; what we derive ourselves is text."""
        if path in {"birthday", "gender", "city", "country"} or path in _TEXTS:
            return "CAST(NULL, 'Nullable(Int64)')"
        arguments = ", ".join(["c.attributes", *map(self._parameters.text, path.split("."))])
        kind = f"JSONType({arguments})"
        return f"if({kind} = 'Int64', JSONExtractInt({arguments}), NULL)"

    def _points(self) -> str:
        """As `engine.points` adds up what is left."""
        is_left = f"lot -> lot.1 = 0 OR lot.1 > {self._now}"
        return f"arraySum(lot -> lot.2, arrayFilter({is_left}, {_LOTS}))"

    def _gender(self) -> str:
        words = self._parameters.texts(list(traits.GENDERS))
        read = self._parameters.texts(list(traits.GENDERS.values()))
        known = f"transform(lowerUTF8(toString(c.said_gender)), {words}, {read}, 'other')"
        return f"if(c.said_gender = '', NULL, {known})"

    def _age(self) -> str:
        born = self._parameters.named("toDate32OrNull(c.born)")
        day_of_year = "toMonth({0}) * 100 + toDayOfMonth({0})"
        early = f"({day_of_year.format(self._today)}) < ({day_of_year.format(born)})"
        years = f"(toInt64(toYear({self._today})) - toInt64(toYear({born})) - ({early}))"
        return f"if({years} >= 0, {years}, NULL)"

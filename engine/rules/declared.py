"""What an installation has that a rule may name; a rule is checked against it when it is saved."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

import msgspec

from engine.addresses import PhoneKind
from engine.rules.nodes import Rule

Kind: TypeAlias = Literal["text", "number", "boolean", "date", "list", "choice", "any"]


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one attribute or metric."""

    kind: Kind = "any"
    choices: tuple[str, ...] = ()


ANYTHING: Final = Field()


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """Of one installation at one moment: `engine.definitions.declaring` makes it."""

    attributes: Mapping[str, Field] = {}
    metrics: Mapping[str, Field] = {}
    receipt: Mapping[str, Field] = {}
    """Custom fields of receipts."""
    receipt_line: Mapping[str, Field] = {}
    segments: Mapping[str, Rule] = {}
    """The rule of each segment, as it stands."""
    timezone: str = "UTC"
    """The company's."""
    of_run: bool = False
    """The rule is a run's: `entry.` and `event.` may be asked (`engine.rules.scopes`)."""


DERIVED: Final[Mapping[str, Field]] = {
    "id": Field(kind="text"),
    "email": Field(kind="text"),
    "phone": Field(kind="text"),
    "gender": Field(kind="choice", choices=("m", "f", "other")),
    "birthday": Field(kind="date"),
    "age": Field(kind="number"),
    "city": Field(kind="text"),
    "country": Field(kind="text"),
    "timezone": Field(kind="text"),
    "source": Field(kind="text"),
    "email_provider": Field(kind="text"),
    "phone_kind": Field(kind="choice", choices=get_args(PhoneKind)),
    "phone_operator": Field(kind="text"),
    "phone_region": Field(kind="text"),
    "email_suppressed": Field(kind="choice", choices=("marketing", "all")),
    "phone_suppressed": Field(kind="choice", choices=("marketing", "all")),
    "registered_at": Field(kind="date"),
    "first_seen_at": Field(kind="date"),
    "last_seen_at": Field(kind="date"),
    "events_count": Field(kind="number"),
}
"""What we read or derive ourselves (`engine.judging.attributes`)."""

TRAITS: Final[Mapping[str, Field]] = {
    **dict.fromkeys(
        (
            "name",
            "first_name",
            "firstName",
            "last_name",
            "lastName",
            "username",
            "title",
            "description",
            "avatar",
            "website",
            "industry",
            "plan",
            "address.street",
            "address.city",
            "address.state",
            "address.postalCode",
            "address.country",
            "company.name",
            "company.id",
            "company.industry",
            "company.plan",
            "company",
            "address",
            "logins",
            "employees",
        ),
        ANYTHING,
    ),
    "createdAt": Field(kind="date"),
    "created_at": Field(kind="date"),
}
"""Names that trackers reserve: nobody has to declare them, and each may be of any type."""

METRICS: Final[Mapping[str, Field]] = {
    **dict.fromkeys(("receipts_first_at", "receipts_last_at"), Field(kind="date")),
    **dict.fromkeys(
        (
            "days_since_first_receipt",
            "days_since_last_receipt",
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
            "days_since_registration",
            "ltv",
            "points_balance",
            "rfm_recency",
            "rfm_frequency",
            "rfm_monetary",
        ),
        Field(kind="number"),
    ),
    "rfm": Field(kind="text"),
    "favourite_products": Field(kind="list"),
    "currency": Field(kind="text"),
}
"""Built-in metrics that can be compared."""

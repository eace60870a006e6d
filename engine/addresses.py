"""Where a customer can be reached, as intake found it.

Libraries judge phones and emails, and their tables change with each release. So intake asks them,
once, and the answer rides in the event: replay decides as before whatever is installed then
(docs/decisions/0017).
"""

from typing import Literal, TypeAlias

import msgspec

AddressType: TypeAlias = Literal["email", "phone"]

PhoneKind: TypeAlias = Literal[
    "mobile",
    "landline",
    "landline_or_mobile",
    "toll_free",
    "premium",
    "shared_cost",
    "voip",
    "personal",
    "pager",
    "uan",
    "voicemail",
    "unknown",
]
"""libphonenumber's; where a country's plan does not tell, as in America: `landline_or_mobile`."""

TokenType: TypeAlias = Literal["apns", "fcm", "rustore", "huawei"]
"""The services that carry a push."""

ZoneSource: TypeAlias = Literal["profile", "phone", "address", "browser"]
"""Who says where the customer's clock stands; the first that says anything is believed."""


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An email or a phone number that was given; normalised if valid, else as it was given."""

    value: str
    is_valid: bool = True
    is_stated: bool = False
    """The source itself says whether it is valid: that goes before what bounces told us."""
    provider: str | None = None
    """Of an email, by its domain."""
    suggestion: str | None = None
    """What was probably meant. Never put in place of what was given."""
    kind: PhoneKind | None = None
    region: str | None = None
    """Of a phone: ISO 3166, two letters."""
    operator: str | None = None
    """Whom the number range was given to; a ported number is somebody else's by now."""


class Token(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An app on one device, by the name its push service gave it."""

    type: TokenType
    value: str
    is_valid: bool = True
    given_at: int = 0
    """Epoch ms by the source; a later word on the same token replaces it."""

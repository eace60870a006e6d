"""Suppression by address: the words that rows exchange about one address, and its name.

    customer's row ──AddressTaken, AddressLeft, AddressReported──▶ address's row   topic `shared`
    operator ──SuppressionAdded, SuppressionRemoved──────────────▶ address's row
    address's row ──SuppressionChanged──▶ row of each customer who has it           topic `events`
    address's row ──SuppressionRecorded──▶ ClickHouse (its own log; changes nothing)

The address's row is a counter's, under `address:HASH`: nothing but the hash is kept of an address
that nobody has any more.
"""

import functools
import hashlib
from typing import Final, Literal, TypeAlias

from engine import keys
from engine.addresses import AddressType
from engine.baseevent import BaseEvent

COUNTER: Final = "address:"
"""Begins the key of an address's row in `shared`."""

Scope: TypeAlias = Literal["marketing", "all"]
"""What is not sent there: `all` is transactional messages, too."""

SuppressionReason: TypeAlias = Literal[
    "hard_bounce", "soft_bounces", "complaint", "operator", "import"
]

Verdict: TypeAlias = Literal["hard", "soft", "complaint", "delivered"]
"""What a response says of the address itself; a block says nothing of it."""

SCOPES: Final[dict[SuppressionReason, Scope]] = {
    "hard_bounce": "all",
    "soft_bounces": "all",
    "complaint": "marketing",
    "operator": "all",
    "import": "all",
}
"""Where nobody says otherwise."""


def kind_of(channel: str) -> AddressType | None:
    """Which address a channel uses; None: a push goes to a token, which is nobody else's."""
    if channel == "push":
        return None
    return "email" if channel == "email" else "phone"


@functools.lru_cache(maxsize=1_024)
def hashed(kind: AddressType, value: str) -> bytes:
    """128 bits of an address, written the way that tells nobody apart (`engine.keys`)."""
    key = keys.email(value) if kind == "email" else keys.phone(value)
    return hashlib.sha256(f"{kind}:{key[2:]}".encode()).digest()[:16]


def counter(address: bytes) -> str:
    """The key of an address's row, by its hash."""
    return f"{COUNTER}{address.hex()}"


class AddressTaken(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="address_taken"):
    """A customer has the address from here on."""

    kind: AddressType
    customer: str
    """Row key that is to be told."""
    revision: int = 0
    """What that row knows of the address already."""


class AddressLeft(BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="address_left"):
    """A customer has it no more."""

    customer: str


class AddressReported(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="address_reported"
):
    """What became of a message to the address; `occurred_at` is the response's."""

    kind: AddressType
    customer: str
    """Public id; nobody is answered."""
    verdict: Verdict
    message_id: str
    code: str = ""


class SuppressionAdded(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="suppression_added"
):
    """An operator, or a list that was imported, wants nothing sent there."""

    kind: AddressType
    reason: SuppressionReason
    scope: Scope
    note: str = ""


class SuppressionRemoved(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="suppression_removed"
):
    """An operator undoes it, whatever the reason was; soft bounces are counted anew."""

    note: str = ""


class SuppressionRecorded(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="suppression_recorded"
):
    """How the address stands after a change, for whoever counts and audits."""

    kind: AddressType
    revision: int
    scope: Scope | Literal[""] = ""
    """Empty: nothing stands against it."""
    reason: SuppressionReason | Literal[""] = ""
    """Of several the first with the widest scope."""
    reasons: tuple[SuppressionReason, ...] = ()
    because: str = ""
    """Id of the record that changed it."""
    message_id: str = ""
    code: str = ""
    """The provider's."""
    origin: str = ""
    """`response`, `operator`, `import`."""
    note: str = ""


AddressRecord: TypeAlias = (
    AddressTaken
    | AddressLeft
    | AddressReported
    | SuppressionAdded
    | SuppressionRemoved
    | SuppressionRecorded
)
"""What the topic `shared` holds of addresses."""


class SuppressionChanged(
    BaseEvent, frozen=True, kw_only=True, omit_defaults=True, tag="suppression_changed"
):
    """The address of a customer stands otherwise than before, or than the customer knew."""

    address: str
    """Hash, hexadecimal."""
    revision: int
    scope: Scope | Literal[""] = ""
    reason: SuppressionReason | Literal[""] = ""
    is_soft: bool = False
    """Soft bounces are counted against it: whoever sees a message delivered shall say so."""

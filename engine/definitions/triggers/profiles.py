"""Triggers on what is known of a customer: consent, contacts, bonuses, promo codes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from engine.commands import Activated
from engine.declarations import ConsentOrigin, ProfileUpdated, SubscriptionsChanged
from engine.definitions.triggers import base
from engine.definitions.triggers.base import DAYS_MAX, BaseTrigger, ClockParams, Params
from engine.errors import Flaw
from engine.events import BonusBalanceChanged, Identified, PromoCodeIssued, Responded
from engine.points import PointsChanged


class RegisteredParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which registrations, and what must be known to go on; what is empty is any."""

    source: str | None = None
    """Name of the write key or door that told it."""
    contact: Literal["email", "phone", "any"] | None = None
    require: tuple[str, ...] = ()
    """Paths of attributes."""
    timeout: str = "10m"
    """How long `contact` and `require` are waited for."""
    on_timeout: Literal["skip", "fire"] = "skip"

    def lengths(self) -> Iterator[tuple[str, str]]:
        """See `Params`."""
        yield "timeout", self.timeout

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.list_flaws("require", self.require)


class Registered(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T30"):
    """The shop said since when it has the customer, for the first time, and that is not long."""

    WATCHES = (Identified, ProfileUpdated)

    params: RegisteredParams = RegisteredParams()


class RegistrationParams(ClockParams, frozen=True, kw_only=True, omit_defaults=True):
    """How long ago."""

    days: int

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from super().flaws()
        yield from base.count_flaws("days", self.days, most=DAYS_MAX)


class SinceRegistration(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T23"):
    """So many days have passed since the registration, as the shop dates it."""

    WATCHES = (Identified, ProfileUpdated, Activated)
    GOES_BY_DATE = True

    params: RegistrationParams


class ConsentParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which consent, and to what."""

    channel: str
    category: str | None = None
    before: Literal["yes", "no", "unknown"] | None = None
    """None is any."""
    after: Literal["yes", "no", "unknown"] | None = None
    origin: ConsentOrigin | None = None
    """Who says so."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.named_flaws("channel", self.channel)


class ConsentChanged(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T35"):
    """The customer said yes or no to a channel, or a category of it."""

    WATCHES = (SubscriptionsChanged, Identified, ProfileUpdated, Responded)

    params: ConsentParams


class ContactParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which contact became what."""

    channel: Literal["email", "phone"] = "email"
    became: Literal["added", "valid", "invalid"] = "invalid"


class ContactChanged(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T36"):
    """An address was added, or found to work or not."""

    WATCHES = (Identified, ProfileUpdated, Responded)

    params: ContactParams = ContactParams()


class BonusParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """What happened to the active bonuses, or to the points."""

    kind: Literal["bonuses", "points"] = "bonuses"
    """Points: given or taken by hand. What a campaign's step gives is met by T39."""
    action: Literal["accrued", "spent"] = "accrued"
    min_amount: Decimal | None = None

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.range_flaws(self.min_amount, None, names="amount")


class BonusesChanged(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T40"):
    """Bonuses or points were accrued or spent: the balance is another."""

    WATCHES = (BonusBalanceChanged, PointsChanged)

    params: BonusParams = BonusParams()


class PromoParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which codes, and when."""

    group: str | None = None
    """None is any."""
    what: Literal["issued", "used", "expiring"] = "issued"
    days_before: int = 3
    """With `expiring`."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from base.count_flaws("days_before", self.days_before, most=DAYS_MAX)


class PromoCodeChanged(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T46"):
    """A promo code was issued, was used, or will soon be worth nothing."""

    WATCHES = (PromoCodeIssued,)

    params: PromoParams = PromoParams()

"""Triggers on dates: of bonuses, of a customer, of what a customer has, of the calendar."""

from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar, Literal, get_args

from engine.baseevent import BaseEvent
from engine.commands import Activated
from engine.declarations import ProfileUpdated
from engine.definitions.triggers import base
from engine.definitions.triggers.base import DAYS_MAX, BaseTrigger, ClockParams, Params
from engine.errors import Flaw
from engine.events import BonusBalanceChanged, Identified, Tracked, TrackerEvent
from engine.schedules import dates, delays, recurrence
from engine.schedules.dates import Anniversary
from engine.schedules.delays import Delay
from engine.schedules.local import ZoneChoice
from engine.schedules.recurrence import MissedPolicy, Recurrence
from engine.transactions import OrderPlaced, ReceiptIssued


class BonusExpiryParams(ClockParams, frozen=True, kw_only=True, omit_defaults=True):
    """How long before which bonuses are gone."""

    days_before: int = 3
    min_amount: Decimal | None = None
    """Of what will be gone, asked when it fires and before each message."""
    merge_same_day: bool = True
    """What goes on one day, by the clock of `tz`, is one firing with the sum."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        yield from super().flaws()
        yield from base.count_flaws("days_before", self.days_before, most=DAYS_MAX)
        yield from base.range_flaws(self.min_amount, None, names="amount")


class BonusesExpire(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T41"):
    """Bonuses will be gone in so many days; those that were spent meanwhile are none."""

    WATCHES = (BonusBalanceChanged, Activated)
    GOES_BY_DATE = True

    params: BonusExpiryParams = BonusExpiryParams()


class AnniversaryParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which day, and when on it or near it: `engine.schedules.dates`."""

    field: str = "birthday"
    offset_days: int = 0
    at_time: str = "10:00"
    tz: ZoneChoice = "recipient"
    feb29: Literal["feb28", "mar1", "leap_only"] = "feb28"
    child: str | None = None
    """`field` is a list, of children for instance: where in each of them the date stands. A list
    of bare dates needs none."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        for flaw in dates.flaws(self.anniversary, path=""):
            yield Flaw(path=flaw.path.lstrip("."), message=flaw.message)
        if self.child is not None:
            yield from base.named_flaws("child", self.child)

    @property
    def anniversary(self) -> Anniversary:
        """As the calendar has it."""
        return Anniversary(
            field=self.field,
            offset_days=self.offset_days,
            at_time=self.at_time,
            tz=self.tz,
            feb29=self.feb29,
        )


class AnniversaryComes(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T42"):
    """A birthday, or another day of an attribute that comes round; once for each year."""

    WATCHES = (Identified, ProfileUpdated, Activated)
    GOES_BY_DATE = True

    params: AnniversaryParams = AnniversaryParams()


class DateParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which date, and how far from it."""

    object: Literal["client", "order", "receipt", "event"] = "client"
    """`event`: whatever the shop tells by events of its own, a booking or a pet."""
    field: str
    """Path: of an attribute; or in the order, the receipt or the event, `custom.pickup`."""
    event: str | None = None
    """With `event`: its name."""
    key: str = "properties.id"
    """With `event`: path of what tells one object from another; a later event about it moves its
    date."""
    offset: str | None = None
    """`-3d`, `2h`."""
    at_time: str | None = None
    tz: ZoneChoice = "recipient"
    past_policy: Literal["skip", "fire_now"] = "skip"
    """What becomes of a date that is over when it is told."""

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        named = {"date": "field", "until": "at_time"}
        for flaw in delays.flaws(self.delay, path=""):
            yield Flaw(path=named.get(flaw.path, flaw.path), message=flaw.message)
        yield from base.named_flaws("key", self.key)
        if (self.object == "event") != bool(self.event):
            yield Flaw(path="event", message='a name with the object "event", and only with it')

    @property
    def delay(self) -> Delay:
        """As the calendar has it."""
        return Delay(date=self.field, offset=self.offset, until=self.at_time, tz=self.tz)


class DateComes(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T43"):
    """The date of something has come; when the date is another, so is the day it fires."""

    WATCHES = (Identified, ProfileUpdated, OrderPlaced, ReceiptIssued, Tracked, Activated)
    GOES_BY_DATE = True

    params: DateParams


class CalendarParams(Params, frozen=True, kw_only=True, omit_defaults=True):
    """Which dates: `engine.schedules.recurrence`."""

    start: str
    """`2026-03-02T09:00`, by the clock of `tz`."""
    rrule: str | None = None
    tz: ZoneChoice = "company"
    blackout_days: tuple[str, ...] = ()
    missed_policy: MissedPolicy = "run_once"

    def flaws(self) -> Iterator[Flaw]:
        """See `Params`."""
        for flaw in recurrence.flaws(self.recurrence, path=""):
            yield Flaw(path=flaw.path.lstrip("."), message=flaw.message)

    @property
    def recurrence(self) -> Recurrence:
        """As the calendar has it."""
        return Recurrence(
            start=self.start,
            rrule=self.rrule,
            tz=self.tz,
            blackout_days=self.blackout_days,
            missed_policy=self.missed_policy,
        )


class CalendarDate(BaseTrigger, frozen=True, kw_only=True, omit_defaults=True, tag="T44"):
    """A date of the calendar, once or again and again, for everybody of the audience."""

    WATCHES: ClassVar[tuple[type[BaseEvent], ...]] = (
        *get_args(TrackerEvent),
        ProfileUpdated,
        OrderPlaced,
        ReceiptIssued,
        Activated,
    )
    IS_OF_AUDIENCE = True
    GOES_BY_DATE = True

    params: CalendarParams

"""Comparisons with dates in SQL, as `engine.judging.moments` decides them."""

from datetime import date
from typing import NamedTuple

from clickhouse.rules.parameters import Parameters
from engine import dates
from engine.conditions.nodes import Operand
from engine.dates import Moment, Span

_INSTANT = dates.INSTANT_FORM.replace("\\", "\\\\")
_LOWEST, _HIGHEST = dates.ms_of(dates.EARLIEST), dates.ms_of(dates.LATEST)


class Said(NamedTuple):
    """A date as two Nullable expressions, of which one is NULL at least."""

    day: str
    """Date32."""
    at: str
    """Epoch ms, Int64."""


class Clock(NamedTuple):
    """Now, and the zone whose days are meant."""

    now: str
    zone: str
    today: str
    """Date32."""


def of_text(text: str, whole: str, parameters: Parameters) -> Said:
    """A date in Nullable text, or a whole number of epoch ms beside it."""
    name = parameters.named
    string = name(f"ifNull({text}, '')")
    begin = f"substring({string}, 1, 10)"
    is_day = name(_is_day(begin))
    day = name(f"if(length({string}) = 10 AND {is_day}, toDate32OrNull({begin}), NULL)")
    parts = name(f"extractGroups({string}, '^{_INSTANT}$')")
    at = f"if(length({parts}) = 6 AND {is_day}, {_instant(begin, parts)}, NULL)"
    return Said(day, _bounded(name(f"coalesce({at}, {whole})"), parameters))


def of_ms(at: str, parameters: Parameters) -> Said:
    """An instant in Nullable epoch ms."""
    whole = parameters.named(f"CAST({at}, 'Nullable(Int64)')")
    return Said("CAST(NULL, 'Nullable(Date32)')", _bounded(whole, parameters))


def local(at: str, zone: str) -> str:
    """The day on which an instant falls; the zone may be another in each row."""
    return f"toDate32OrNull(formatDateTime(fromUnixTimestamp64Milli({at}, 'UTC'), '%F', {zone}))"


def compared(
    said: Said, comparison: str, operand: Operand, *, clock: Clock, parameters: Parameters
) -> str:
    """One comparison: 0 or 1, and 0 of what is no date."""
    return f"ifNull({_asked(said, comparison, operand, clock=clock, parameters=parameters)}, 0)"


def _asked(  # noqa: PLR0911 one arm each
    said: Said, comparison: str, operand: Operand, *, clock: Clock, parameters: Parameters
) -> str:
    day = _day_of(said, clock.zone, parameters)
    match comparison, operand:
        case "before" | "after", str():
            sign = "<" if comparison == "before" else ">"
            return _ordered(said, sign, _read(operand), clock=clock, parameters=parameters)
        case "on", str():
            return f"{day} = {parameters.day(operand)}"
        case "between", (str() as first, str() as last):
            lowest = _ordered(said, ">=", _read(first), clock=clock, parameters=parameters)
            highest = _ordered(said, "<=", _read(last), clock=clock, parameters=parameters)
            return f"({lowest}) AND ({highest})"
        case "in_last" | "in_next" | "more_than_ago", str():
            return _within(
                said, comparison, dates.span(operand), clock=clock, parameters=parameters
            )
        case "anniversary_in", (int() as first, int() as last):
            return _anniversary(day, clock.today, (first, last), parameters)
        case "day_of_week", _:
            wanted = operand if isinstance(operand, tuple) else (operand,)
            days = [one for one in wanted if isinstance(one, int)]
            return f"has({parameters.wholes(days)}, CAST(toDayOfWeek({day}), 'Nullable(Int64)'))"
        case "same_month", _:
            return f"toMonth({day}) = toMonth({clock.today})"
        case _:
            raise ValueError(f"{comparison!r} is no comparison with dates")


def _is_day(text: str) -> str:
    """ClickHouse makes 2 March of 30 February: a day is one that is written back the same."""
    earliest, latest = dates.EARLIEST.isoformat(), dates.LATEST.isoformat()
    return (
        f"(match({text}, '^{dates.DAY_FORM}$') AND {text} >= '{earliest}' AND {text} <= '{latest}'"
        f" AND ifNull(toString(toDate32OrNull({text})) = {text}, 0))"
    )


def _instant(begin: str, parts: str) -> str:
    offset = f"{parts}[6]"
    minutes = (
        f"if(length({offset}) = 6, (toInt64OrZero(substring({offset}, 2, 2)) * 60"
        f" + toInt64OrZero(substring({offset}, 5, 2))) * if(startsWith({offset}, '-'), -1, 1), 0)"
    )
    return (
        f"toInt64(toDate32OrNull({begin})) * 86400000"
        f" + toInt64OrZero({parts}[2]) * 3600000 + toInt64OrZero({parts}[3]) * 60000"
        f" + toInt64OrZero({parts}[4]) * 1000"
        f" + toInt64OrZero(rightPad(substring({parts}[5], 1, 3), 3, '0'))"
        f" - {minutes} * 60000"
    )


def _bounded(at: str, parameters: Parameters) -> str:
    return parameters.named(f"if({at} >= {_LOWEST} AND {at} < {_HIGHEST}, {at}, NULL)")


def _day_of(said: Said, zone: str, parameters: Parameters) -> str:
    on = f"if(isNotNull({said.at}), {local(f'assumeNotNull({said.at})', zone)}, NULL)"
    return parameters.named(f"coalesce({said.day}, {on})")


def _read(text: str) -> Moment:
    found = dates.read(text)
    assert found is not None, "checked when the rule was saved"
    return found


def _ordered(said: Said, sign: str, limit: Moment, *, clock: Clock, parameters: Parameters) -> str:
    """By days as soon as one of the two is a day."""
    day = _day_of(said, clock.zone, parameters)
    if isinstance(limit, date):
        return f"{day} {sign} {parameters.day(limit.isoformat())}"
    at = parameters.whole(limit)
    return f"if(isNotNull({said.at}), {said.at} {sign} {at}, {day} {sign} {local(at, clock.zone)})"


def _within(
    said: Said, comparison: str, span: Span, *, clock: Clock, parameters: Parameters
) -> str:
    day, today = _day_of(said, clock.zone, parameters), clock.today
    before, after = (_moved(today, span, sign, parameters) for sign in (-1, 1))
    by_day = {
        "in_last": f"{day} >= {before} AND {day} <= {today}",
        "in_next": f"{day} >= {today} AND {day} <= {after}",
        "more_than_ago": f"{day} < {before}",
    }[comparison]
    if span.months:
        return by_day
    ahead, length = f"({said.at} - {clock.now})", parameters.whole(span.ms)
    by_ms = {
        "in_last": f"{ahead} >= -{length} AND {ahead} <= 0",
        "in_next": f"{ahead} >= 0 AND {ahead} <= {length}",
        "more_than_ago": f"{ahead} < -{length}",
    }[comparison]
    return f"if(isNotNull({said.at}), {by_ms}, {by_day})"


def _moved(day: str, span: Span, sign: int, parameters: Parameters) -> str:
    if span.months:
        return f"addMonths({day}, {parameters.whole(sign * span.months)})"
    return f"addDays({day}, {parameters.whole(sign * span.days)})"


def _anniversary(day: str, today: str, days: tuple[int, int], parameters: Parameters) -> str:
    first, last = (parameters.whole(one) for one in days)
    found = []
    for year in (f"toYear({today}) - 1", f"toYear({today})", f"toYear({today}) + 1"):
        # The first of the month and so many days on: of 29 February 1 March where there is none.
        turn = f"addDays(makeDate32({year}, toMonth({day}), 1), toDayOfMonth({day}) - 1)"
        ahead = f"dateDiff('day', {today}, {turn})"
        found.append(f"({ahead} >= {first} AND {ahead} <= {last})")
    return f"({' OR '.join(found)})"

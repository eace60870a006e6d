"""Whom a message could reach, in SQL: what `engine.admission` asks, in its order.

Each step is what stands against a message; of several the first counts, as in the engine. Quiet
hours and pace are left out: they say when, not whether.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

from clickhouse import chance as shares
from clickhouse.rules import values
from clickhouse.rules.parameters import Parameters
from engine import chance, consent, contacts
from engine.reasons import Reason

Channel: TypeAlias = Literal["email", "sms"]

_ADDRESS: Final[dict[Channel, str]] = {"email": "email", "sms": "phone"}


class Held(NamedTuple):
    """A part of everybody that is sent nothing."""

    salt: str
    basis_points: int


class Reach(NamedTuple):
    """The message that is thought of."""

    channel: Channel = "email"
    category: str | None = None
    is_marketing: bool = True
    is_assumed: bool = False
    """Silence counts as a yes."""
    holdouts: tuple[Held, ...] = ()


class Barrier(NamedTuple):
    """Why somebody is not sent it."""

    reason: Reason
    holds: str
    """0 or 1 for each customer of the alias `c`."""


def barriers(reach: Reach, parameters: Parameters) -> list[Barrier]:
    """All of them, in the order in which they are asked."""
    address = _ADDRESS[reach.channel]
    scopes = parameters.texts(["all", "marketing"] if reach.is_marketing else ["all"])
    found = [Barrier("suppressed", f"has({scopes}, toString(c.{address}_suppressed))")]
    if reach.is_marketing:
        refused = "= 'no'" if reach.is_assumed else "!= 'yes'"
        said = consented(reach.channel, reach.category, parameters)
        found.append(Barrier("no_consent", f"({said} {refused})"))
    found.append(Barrier("no_address", f"(c.{address} = '')"))
    found.append(Barrier("invalid_address", f"(c.{address}_state = 'invalid')"))
    if reach.channel == "sms":
        kinds = parameters.texts(sorted(kind for kind in contacts.TEXTLESS if kind))
        found.append(Barrier("not_mobile", f"has({kinds}, toString(c.phone_kind))"))
    found += [Barrier("holdout", _held(held, parameters)) for held in reach.holdouts]
    return found


def consented(channel: str, category: str | None, parameters: Parameters) -> str:
    """`yes`, `no` or `unknown`, as `engine.consent.state` reads what was said."""
    said = values.json("c.subscriptions", [channel], parameters)
    whole = values.json("c.subscriptions", [channel, consent.WHOLE], parameters)
    own = values.json("c.subscriptions", [channel, category or consent.WHOLE], parameters)
    return (
        f"multiIf(c.subscriptions = '{{}}', 'unknown',"
        f" isNotNull({said.boolean}), if({said.boolean} = true, 'yes', 'no'),"
        f" ifNull({whole.boolean} = false, 0), 'no',"
        f" isNotNull({own.boolean}), if({own.boolean} = true, 'yes', 'no'),"
        f" isNotNull({whole.boolean}), 'yes', 'unknown')"
    )


def _held(held: Held, parameters: Parameters) -> str:
    place = shares.share("c.id", salt=parameters.name(chance.prefix(held.salt)))
    return f"({place} < {parameters.whole(held.basis_points)})"

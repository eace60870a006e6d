"""Email, phone, push tokens and time zone: whether they can be reached, and every change.

                 given and checked                   bounced
    missing ──────────────────────▶ valid ───────────────────────▶ invalid
       ▲                              ▲  given anew, another one      │
       └────────── taken away ────────┴───────────────────────────────┘

A bounce is about the address the message went to: one given since then knows nothing of it.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

import msgspec

from engine import bounces, clocks, ids, responses
from engine.addresses import Address, AddressType, PhoneKind, Token
from engine.baseevent import BaseEvent
from engine.customer import Contact, ContactState, Customer
from engine.declarations import ProfileUpdated
from engine.effects import RecordFact
from engine.events import Identified, Responded, SourceEvent
from engine.facts import Fact
from engine.suppressions import hashed

Said: TypeAlias = Identified | ProfileUpdated

TOKENS_MAX: Final = 20
"""Push tokens kept, one an app and device; the one given longest ago leaves. 200 bytes each."""

ADDRESSES: Final[tuple[AddressType, ...]] = ("email", "phone")

IDENTIFY: Final = "identify"
BACK_OFFICE: Final = "back_office"
TRACKER: Final = "tracker"
BOUNCE: Final = "bounce"
"""The origin of a state that only another address, or a source that says so, changes."""

TEXTLESS: Final[frozenset[PhoneKind | None]] = frozenset(
    {"landline", "toll_free", "premium", "shared_cost", "pager", "uan", "voicemail"}
)
"""Kinds of numbers that take no SMS (M133)."""


def give(customer: Customer, said: Said, names: frozenset[str], *, now: int) -> Customer:
    """Take the addresses whose traits are in `names`: those no later word stands against."""
    for kind in ADDRESSES:
        if kind in names:
            customer = _given(customer, kind, said, now=now)
    if isinstance(said, ProfileUpdated) and said.tokens:
        return msgspec.structs.replace(
            customer, tokens=tokens_of_both(customer.tokens, said.tokens)
        )
    return customer


def heard(known: tuple[Token, ...], token: Token | None) -> tuple[Token, ...]:
    """The tokens with the one an app tells; the same objects while it says nothing new."""
    if token is None:
        return known
    for one in known:
        if (one.type, one.value) == (token.type, token.value) and one.given_at >= token.given_at:
            return known
    return tokens_of_both(known, (token,))


def respond(customer: Customer, event: Responded) -> Customer:
    """Take a hard bounce for the word that the address is none, until another is given."""
    kind: AddressType = "email" if event.channel == "email" else "phone"
    contact = customer.contacts.get(kind, Contact())
    if event.channel not in {"email", "sms"} or not bounces.is_hard(event):
        return customer
    if contact.state == "invalid" or not _went_there(customer, kind, event):
        return customer
    bounced = msgspec.structs.replace(
        contact,
        state="invalid",
        changed_at=event.occurred_at,
        cause=event.id,
        origin=BOUNCE,
    )
    return msgspec.structs.replace(customer, contacts={**customer.contacts, kind: bounced})


def _went_there(customer: Customer, kind: AddressType, event: Responded) -> bool:
    """Whether it is about the address that stands; of a forgotten message the recipient says."""
    value = _value(customer, kind)
    sent = responses.sent(customer, event.message_id)
    if not value:
        return False
    if sent is not None:
        return sent.decided_at >= customer.contacts.get(kind, Contact()).given_at
    recipient = event.recipient
    return recipient is not None and hashed(kind, recipient) == hashed(kind, value)


def state(customer: Customer, kind: AddressType) -> ContactState:
    """Whether there is an address that works; `unknown` in rows older than the question."""
    if not _value(customer, kind):
        return "missing"
    contact = customer.contacts.get(kind)
    return "unknown" if contact is None else contact.state


def tokens_of_both(known: tuple[Token, ...], given: tuple[Token, ...]) -> tuple[Token, ...]:
    """Each token once, by its last word; the latest given are kept."""
    found: dict[tuple[str, str], Token] = {}
    for token in (*known, *given):
        before = found.get((token.type, token.value))
        if before is None or token.given_at >= before.given_at:
            found[token.type, token.value] = token
    by_time = sorted(found.values(), key=lambda token: (token.given_at, token.type, token.value))
    return tuple(by_time)[-TOKENS_MAX:]


def changes(before: Customer, after: Customer, event: BaseEvent) -> Iterator[RecordFact]:
    """What is another address, state, kind or time zone now."""
    if before.contacts is not after.contacts:
        for kind in ADDRESSES:
            yield from _changes_of(kind, before, after, event)
    if before.zones is not after.zones:
        was, now = clocks.timezone(before), clocks.timezone(after)
        if was != now:
            names = (None if was is None else was[0], None if now is None else now[0])
            origin = "" if now is None else now[1]
            yield _fact(after, event, _Change("timezone", names, origin))
    if before.tokens is not after.tokens:
        yield from _token_changes(before, after, event)


def _given(customer: Customer, kind: AddressType, said: Said, *, now: int) -> Customer:
    address = said.addresses.get(kind)
    value = _text(said.traits.get(kind)) if address is None else address.value
    known = customer.contacts.get(kind, Contact())
    is_new = kind not in customer.contacts or value != _value(customer, kind)
    is_stated = address is not None and address.is_stated
    if known.origin == BOUNCE and not is_new and not is_stated:
        # Giving a dead address again does not raise it; whoever knows better says so.
        return customer
    reached = _state(value, address)
    contact = _detailed(known, address)
    if is_new or reached != known.state:
        contact = msgspec.structs.replace(
            contact,
            state=reached,
            changed_at=said.occurred_at,
            cause=said.id,
            origin=BACK_OFFICE if isinstance(said, ProfileUpdated) else IDENTIFY,
            given_at=now if is_new else known.given_at,
        )
    changed: dict[str, object] = {
        "contacts": {**customer.contacts, kind: contact},
        kind: value,
    }
    if value != _value(customer, kind):
        # It was said of the other address.
        left = {name: one for name, one in customer.suppressions.items() if name != kind}
        changed["suppressions"] = left
    return msgspec.structs.replace(customer, **changed)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _state(value: str | None, address: Address | None) -> ContactState:
    if value is None:
        return "missing"
    if address is None:
        return "unknown"
    return "valid" if address.is_valid else "invalid"


def _detailed(known: Contact, address: Address | None) -> Contact:
    found = Address(value="") if address is None else address
    return msgspec.structs.replace(
        known,
        provider=found.provider,
        suggestion=found.suggestion,
        kind=found.kind,
        region=found.region,
        operator=found.operator,
    )


def _value(customer: Customer, kind: AddressType) -> str | None:
    return customer.email if kind == "email" else customer.phone


def _changes_of(
    kind: AddressType, before: Customer, after: Customer, event: BaseEvent
) -> Iterator[RecordFact]:
    was, now = (customer.contacts.get(kind, Contact()) for customer in (before, after))
    found = {
        kind: (_value(before, kind), _value(after, kind)),
        f"{kind}_state": (state(before, kind), state(after, kind)),
        f"{kind}_kind": (was.kind, now.kind),
    }
    for name, (old, new) in found.items():
        if old != new:
            yield _fact(after, event, _Change(name, (old, new), now.origin))


def _token_changes(before: Customer, after: Customer, event: BaseEvent) -> Iterator[RecordFact]:
    """The token itself stays out: it is long, and nobody reads it."""
    was, now = (
        {(token.type, token.value): token.is_valid for token in customer.tokens}
        for customer in (before, after)
    )
    for token in {**was, **now}:
        if was.get(token) != now.get(token):
            words = (_word(was.get(token)), _word(now.get(token)))
            name = f"{token[0]}_token"
            origin = TRACKER if isinstance(event, SourceEvent) else BACK_OFFICE
            yield _fact(after, event, _Change(name, words, origin, about=token[1]))


def _word(is_valid: bool | None) -> str | None:  # noqa: FBT001 a stored answer, not a flag
    if is_valid is None:
        return None
    return "valid" if is_valid else "invalid"


class _Change(NamedTuple):
    name: str
    values: tuple[str | None, str | None]
    origin: str
    about: str = ""
    """What else tells two changes of one name by one event apart."""


def _fact(customer: Customer, event: BaseEvent, change: _Change) -> RecordFact:
    return RecordFact(
        fact=Fact(
            id=ids.derived(
                "contact_changed",
                customer.id,
                change.name,
                change.about,
                event.id,
                event.occurred_at,
            ),
            customer=customer.id,
            kind="contact_changed",
            at=event.occurred_at,
            name=change.name,
            before=change.values[0],
            after=change.values[1],
            cause=event.id,
            origin=change.origin,
        )
    )

"""A customer's side of suppression: what the row knows of its addresses, and what it tells of them.

Known is what the address's row said last, by its revision; an address that is given anew is asked
for anew (`engine.registering`). Admission refuses by it, and delivery asks once more.
"""

from collections.abc import Iterator

import msgspec

from engine import bounces, ids, responses, suppressions
from engine.addresses import AddressType
from engine.customer import Contact, Customer, SentMessage, Suppression
from engine.effects import RecordFact, ReportAddress
from engine.events import Responded
from engine.facts import Fact
from engine.messages import MessageClass
from engine.suppressions import AddressReported, SuppressionChanged


def is_against(customer: Customer, channel: str, message_class: MessageClass) -> bool:
    """Whether the address that the channel uses may get no such message."""
    if not customer.suppressions:
        return False
    kind = suppressions.kind_of(channel)
    standing = None if kind is None else customer.suppressions.get(kind)
    if standing is None:
        return False
    return standing.scope == "all" or (
        standing.scope == "marketing" and message_class == "marketing"
    )


def change(customer: Customer, event: SuppressionChanged) -> Customer:
    """Take what is said of an address that the customer has, unless a later word is known."""
    kind = _kind(customer, event.address)
    if kind is None:
        return customer
    known = customer.suppressions.get(kind)
    if known is not None and known.revision >= event.revision:
        return customer
    standing = Suppression(
        revision=event.revision, scope=event.scope, reason=event.reason, is_soft=event.is_soft
    )
    changed: dict[str, object] = {"suppressions": {**customer.suppressions, kind: standing}}
    if known is not None and known.scope and not event.scope:
        changed["contacts"] = _rehabilitated(customer, kind, event)
    return msgspec.structs.replace(customer, **changed)


def reports(customer: Customer, event: Responded) -> Iterator[ReportAddress]:
    """What a response to a message of ours says of the address it went to.

    Args:
        customer: As they were before it.
        event: One to a message that is forgotten says nothing unless it names its recipient.
    """
    kind, verdict = suppressions.kind_of(event.channel), bounces.verdict(event)
    if kind is None or verdict is None:
        return
    sent = responses.sent(customer, event.message_id)
    if sent is None:
        known = event.recipient
        address = None if known is None else suppressions.hashed(kind, known)
    else:
        address = _address(customer, kind, sent)
    if address is None or (verdict == "delivered" and not _is_soft(customer, address)):
        return
    counter = suppressions.counter(address)
    yield ReportAddress(
        counter=counter,
        report=AddressReported(
            id=ids.derived("address_reported", counter, customer.id, event.id),
            occurred_at=event.occurred_at,
            kind=kind,
            customer=customer.id,
            verdict=verdict,
            message_id=event.message_id,
            code=event.code or "",
        ),
    )


def changes(before: Customer, after: Customer, event: SuppressionChanged) -> Iterator[RecordFact]:
    """What stands against an address of the customer, or does not any more, as a fact."""
    for kind, standing in after.suppressions.items():
        known = before.suppressions.get(kind, Suppression(revision=0))
        if (known.scope, known.reason) == (standing.scope, standing.reason):
            continue
        yield RecordFact(
            fact=Fact(
                id=ids.derived("suppression_changed", after.id, kind, event.id),
                customer=after.id,
                kind="suppression_changed",
                at=event.occurred_at,
                name=kind,
                before=known.reason or None,
                after=standing.reason or None,
                cause=event.id,
                origin=standing.scope,
            )
        )


def _kind(customer: Customer, address: str) -> AddressType | None:
    """Which of the customer's addresses has this hash."""
    if customer.email and suppressions.hashed("email", customer.email).hex() == address:
        return "email"
    if customer.phone and suppressions.hashed("phone", customer.phone).hex() == address:
        return "phone"
    return None


def _address(customer: Customer, kind: AddressType, sent: SentMessage) -> bytes | None:
    """Where a message went; of one that was sent before that was kept, the address since then."""
    if sent.address:
        return sent.address
    value = customer.email if kind == "email" else customer.phone
    contact = customer.contacts.get(kind)
    if not value or (contact is not None and sent.decided_at < contact.given_at):
        return None
    return suppressions.hashed(kind, value)


def _is_soft(customer: Customer, address: bytes) -> bool:
    kind = _kind(customer, address.hex())
    return kind is not None and customer.suppressions.get(kind, Suppression(revision=0)).is_soft


def _rehabilitated(
    customer: Customer, kind: AddressType, event: SuppressionChanged
) -> dict[AddressType, Contact]:
    """An operator knows better than a bounce: the address counts as one that works again."""
    contact = customer.contacts.get(kind)
    if contact is None or contact.state != "invalid" or contact.origin != "bounce":
        return dict(customer.contacts)
    valid = msgspec.structs.replace(
        contact,
        state="valid",
        changed_at=event.occurred_at,
        cause=event.id,
        origin="operator",
    )
    return {**customer.contacts, kind: valid}

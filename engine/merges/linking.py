"""Which identities an event shows to be the same person, and who asks whom.

A user id is what a customer has once; of devices, addresses, phones and cards a few. An address
that a visitor without a user id types proves nothing, so it is asked for by users only; a receipt
is the back office's word, whatever it names.
"""

from collections import Counter
from typing import Final

from engine import identifiers, ids, keys, links
from engine.declarations import ProfileUpdated
from engine.emissions import Emission
from engine.events import Aliased, Event, Identified, SourceEvent
from engine.links import Link, LinkState
from engine.mergers import MergeRefused, MergeRequested, ReleaseRequested
from engine.merges import writing
from engine.rows import Row
from engine.transactions import OrderPlaced, ReceiptIssued

IDENTIFIERS_MAX: Final = 5
"""Of one sort, as in Segment's Unify: an address of everybody in the shop joins five, not all."""

MERGES_MAX: Final = 100
"""Of one customer, those of who was merged into it among them: as in Segment's Unify."""

LINKS_MAX: Final = 1_000
"""Identities remembered, refused ones too; about 60 KB at most, 100 bytes for most people."""

_TELLING: Final = frozenset({Identified, ProfileUpdated, Aliased, OrderPlaced, ReceiptIssued})
"""Events that may name more than a device."""

OPEN: Final = frozenset({"asked", "merged", "claimed", "linked"})


def shown(row: Row, event: Event) -> list[str]:
    """List the identities an event names beside its row, that the row does not know as its own."""
    named = _named(row, event)
    if not named:
        return []
    return [
        identity
        for identity in dict.fromkeys(named)
        if identity not in row.links or row.links[identity].state == "lost"
    ]


def ask(row: Row, identity: str, *, because: str, now: int) -> tuple[list[Emission], str | None]:
    """Ask for an identity, or let it ask if it is the stronger one.

    Args:
        because: Id of the event that showed it.

    Returns:
        What is to be emitted, and the merge id if an answer is to be waited for.
    """
    own = writing.own_key(row)
    if identity == own:
        return [], None
    merge_id = ids.derived("merge", own, identity, because)
    if is_split(row, identity):
        return [
            writing.fact(row, "not_merged", identity, merge_id=merge_id, now=now, after="split")
        ], None
    if _is_full(row, identity):
        remember(row, identity, Link("refused", merge_id, now))
        return [
            writing.fact(row, "not_merged", identity, merge_id=merge_id, now=now, after="too_many")
        ], None
    remember(row, identity, Link("asked", merge_id, now))
    if keys.strength(identity) < keys.strength(own):
        asked = MergeRequested(
            id=writing.event_id("request", merge_id),
            occurred_at=now,
            merge_id=merge_id,
            weaker=own,
        )
        return [writing.to(identity, asked)], None
    return [writing.to(identity, _release(row, merge_id, now=now))], merge_id


def guess(row: Row, event: Aliased, *, now: int) -> Emission:
    """Ask the user of that id, too, if there is one: the refusal then says why nothing happened."""
    user = keys.user(event.previous_id)
    merge_id = ids.derived("merge", writing.own_key(row), user, event.id)
    return writing.to(user, _release(row, merge_id, now=now, is_guess=True))


def is_open(row: Row, identity: str) -> bool:
    """Whether it was asked for, or is the customer's already."""
    known = row.links.get(identity)
    return known is not None and known.state in OPEN


def is_stronger(row: Row, identity: str) -> bool:
    """Whether the row survives a merge with this other identity; of two users neither does."""
    own = writing.own_key(row)
    if own[0] == identity[0] == "u":
        return False
    return keys.strength(own) < keys.strength(identity)


def state_after(event: MergeRefused) -> LinkState:
    """What a refusal makes of the link: a device of another user is ours from now on."""
    if event.reason == "already_merged":
        return "merged"
    is_device = event.origin.startswith("a:")
    return "linked" if is_device and event.reason == "other_users" else "refused"


def settle(row: Row, merge_id: str, link: Link, *, origin: str) -> None:
    """Note the answer, for who gave it and for who was asked: a forward may stand between."""
    for identity, known in list(row.links.items()):
        if known.merge_id == merge_id and known.state == "asked":
            row.links[identity] = link
    if origin != writing.own_key(row):
        remember(row, origin, link)


def _release(row: Row, merge_id: str, *, now: int, is_guess: bool = False) -> ReleaseRequested:
    return ReleaseRequested(
        id=writing.event_id("release", merge_id),
        occurred_at=now,
        merge_id=merge_id,
        survivor=writing.own_key(row),
        merges_count=row.merges_count,
        is_guess=is_guess,
    )


def _named(row: Row, event: Event) -> list[str]:
    found: list[str] = []
    if isinstance(event, SourceEvent) and event.user_id:
        if event.anonymous_id is not None:
            found.append(keys.anonymous(event.anonymous_id))
        found += event.shows
    # The rest is asked of few: this is asked of every event.
    return found + _told(row, event) if type(event) in _TELLING else found


def _told(row: Row, event: Event) -> list[str]:
    match event:
        case Identified(user_id=user_id, traits=traits) if user_id and traits:
            return _of_contacts(event)
        case ProfileUpdated() if writing.own_key(row).startswith("u:"):
            return _of_contacts(event)
        case ReceiptIssued(shows=shown) | OrderPlaced(shows=shown):
            return [*shown] if shown and writing.own_key(row).startswith("u:") else []
        case Aliased(previous_id=previous_id):
            return [keys.anonymous(previous_id)]
        case _:
            return []


def _of_contacts(event: Identified | ProfileUpdated) -> list[str]:
    """As intake normalised them, as it does a receipt's; one that is none identifies nobody."""
    normal: dict[str, object] = {
        name: address.value if address.is_valid else None
        for name, address in event.addresses.items()
    }
    return list(identifiers.of_traits({**event.traits, **normal}))


def _is_full(row: Row, identity: str) -> bool:
    if row.merges_count >= MERGES_MAX:
        return True
    known = row.links.get(identity)
    if known is not None and known.state == "lost":
        return False
    counts = Counter(key[0] for key, link in row.links.items() if link.state in OPEN)
    return counts[identity[0]] >= IDENTIFIERS_MAX


def remember(row: Row, identity: str, link: Link) -> None:
    """Keep the newest; what was refused longest ago leaves first, an operator's word last."""
    row.links.pop(identity, None)
    row.links[identity] = link
    if len(row.links) > LINKS_MAX:
        refused = (
            key
            for key, known in row.links.items()
            if known.state not in OPEN and not is_split(row, key)
        )
        del row.links[next(refused, next(iter(row.links)))]


def is_split(row: Row, identity: str) -> bool:
    """Whether an operator said that this is another person."""
    return links.is_split(row.links, identity)

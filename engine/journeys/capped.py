"""Frequency caps at a send: of the customer, in the row, and of the address, in `shared`.

    the customer's caps ──▶ priority ──▶ the address is asked ──granted──▶ sent, a place reserved
          │                    │                 └─refused─┐
          └── deferred, or not sent: capped ◀──────────────┘

Asked of marketing only, and the address only where a cap of the campaign's policy counts the
message: what no cap counts is not held up. A place is used up when the provider accepts, and
given back when the message fails, expires or is dropped (`engine.journeys.settling`).
"""

from typing import Final, NamedTuple

import msgspec

from engine import capping, ids
from engine.capping import Slot
from engine.caps import Cap
from engine.claims import Capped, ClaimAnswer, ClaimGranted, ClaimRefused
from engine.definitions import policies
from engine.definitions.folded import Definitions
from engine.effects import ClaimShared
from engine.journeys import grants, vying, waiting
from engine.journeys.pacing import Held
from engine.journeys.walks import Walk
from engine.messages import Message
from engine.reasons import Reason

ANSWER_MS: Final = 10 * 60 * 1000
"""For the answer of an address; it comes in milliseconds, unless the worker of its row is down.
Then it is asked again."""

SOON_MS: Final = 1_000
"""The clocks of two partitions differ: a place that is free by now is asked for again after it."""


class Asked(NamedTuple):
    """The address was asked; its answer leads on."""


def against(walk: Walk, message: Message) -> Held | Reason | None:
    """What the caps and the other campaigns have against it now, recorded if it waits."""
    if not is_counted(message, walk.definitions):
        return None
    policy, now = walk.definitions.policy(walk.live.campaign), walk.clock.now
    zones = waiting.zones(walk.customer, walk.definitions)
    counts, slot = walk.customer.counts, slot_of(message)
    until = capping.look_at(counts, policy.caps, slot, now=now, zones=zones)
    answer = _answer(walk, message)
    if isinstance(answer, ClaimRefused):
        until = max(until, answer.free_at or now + capping.LOOK_MS, now + SOON_MS)
    if until == now:
        return vying.against(walk, slot, policy, expires_at=message.expires_at)
    if policy.on_cap != "defer" or until >= message.expires_at:
        return "capped"
    walk.vie("capped")
    return Held(until, "capped")


def has_place(walk: Walk, message: Message) -> bool:
    """Whether the address has a place for it, or need not be asked."""
    if not _covering(walk, message):
        return True
    answer = _answer(walk, message)
    return isinstance(answer, ClaimGranted) and answer.counter == counter(message)


def ask(walk: Walk, message: Message) -> Asked:
    """Ask the address for a place."""
    # First, since it would end the new wait; a place of the address it had before.
    walk.effects += grants.given_back(_answer(walk, message))
    walk.answer = None
    caps, zones = _covering(walk, message), waiting.zones(walk.customer, walk.definitions)
    every = policies.every_cap(walk.definitions.policies)
    walk.effects.append(
        ClaimShared(
            claim_id=message.id,
            counter=counter(message),
            limit=min(cap.limit for cap in caps),
            timeout_ms=ANSWER_MS,
            capped=Capped(
                channel=message.channel,
                category=message.category,
                caps=caps,
                others=tuple(cap for cap in every if cap not in caps),
                expires_at=message.expires_at,
                recipient=zones.recipient,
                company=zones.company,
            ),
        )
    )
    walk.ask(message.id)
    return Asked()


def reserve(walk: Walk, message: Message) -> None:
    """Hold the places of a message that leaves, while there are caps at all."""
    if not is_counted(message, walk.definitions):
        return
    answer = _answer(walk, message)
    held = msgspec.structs.replace(
        slot_of(message),
        counter=counter(message),
        grant=answer.grant if isinstance(answer, ClaimGranted) else 0,
    )
    walk.answer = None
    counts = capping.reserve(
        walk.customer.counts,
        policies.every_cap(walk.definitions.policies),
        held,
        now=walk.clock.now,
        expires_at=message.expires_at,
        zones=waiting.zones(walk.customer, walk.definitions),
    )
    walk.customer = msgspec.structs.replace(walk.customer, counts=counts)


def is_counted(message: Message, definitions: Definitions) -> bool:
    """Whether caps, if any, count such a message: what is transactional is exempt."""
    return message.message_class == "marketing" and bool(policies.every_cap(definitions.policies))


def slot_of(message: Message) -> Slot:
    """As caps see it: by the channel and category it is sent with."""
    return Slot(message_id=message.id, channel=message.channel, category=message.category)


def counter(message: Message) -> str:
    """The row of `shared` that counts for its address; the address itself cannot be read there."""
    return f"cap:{ids.derived('cap', message.channel, message.to)}"


def _answer(walk: Walk, message: Message) -> ClaimAnswer | None:
    answer = walk.answer
    return answer if answer is not None and answer.claim_id == message.id else None


def _covering(walk: Walk, message: Message) -> tuple[Cap, ...]:
    """The caps of its policy that count it."""
    if message.message_class != "marketing":
        return ()
    caps = walk.definitions.policy(walk.live.campaign).caps
    return capping.covering(caps, slot_of(message))

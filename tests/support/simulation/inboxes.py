"""Customers who share addresses, bounce, complain, leave, merge and are erased; and an operator.

A step beside the engine's own: an event named `sent ID` puts a message into the row as a campaign
would, so that a response finds where it went.
"""

import msgspec

from engine import responses, suppressions
from engine import step as engine_steps
from engine.customer import Customer
from engine.definitions.folded import Definitions
from engine.events import ErasureRequested, Event, Identified, Responded, Tracked
from engine.step import Decision
from engine.suppressions import SuppressionAdded, SuppressionRemoved
from streams import wire
from streams.records import Record
from tests.support import decided
from tests.support.simulation.counting import Crowd, SharedSimulation
from tests.support.simulation.world import Process

ADDRESSES = ("ada@shop.io", "Ben@shop.io", "info@shop.io")
CUSTOMERS = ("u:anna", "u:ben", "u:cleo", "a:d1", "a:d2")
DAY_MS = 24 * 60 * 60 * 1000


def step(customer: Customer, event: Event, definitions: Definitions, now: int) -> Decision:
    """As `engine.step.step`, and a message for whoever has an email."""
    decision = engine_steps.step(customer, event, definitions, now)
    after = decision.customer
    if isinstance(event, Tracked) and event.name == "sent" and after.email:
        message = msgspec.structs.replace(
            decided.message(event.id, at=now), to=after.email, customer=after.id
        )
        return Decision(responses.remember(after, message), decision.effects)
    return decision


class Inboxes(Crowd):
    """One thing after the other."""

    def run(self) -> Process:
        """Until all is said."""
        rng = self.world.rng
        while self._left:
            self._left -= 1
            for record in self._records():
                self.world.append(record)
            self.world.now += rng.choice((1, 10, 100, 1_000, 5_000))
            yield

    def _records(self) -> list[Record]:
        rng = self.world.rng
        kind = rng.random()
        if kind < 0.1:
            return [self._word_of_operator()]
        key = rng.choice(CUSTOMERS)
        if kind < 0.35:
            return [wire.record_of(key, self._identified(key))]
        if kind < 0.38:
            erased = ErasureRequested(id=self._id(), occurred_at=self.world.now)
            return [wire.record_of(key, erased)]
        sent = Tracked(id=self._id(), occurred_at=self.world.now, name="sent")
        found = [wire.record_of(key, sent)]
        if rng.random() < 0.7:
            found.append(wire.record_of(key, self._responded(sent.id)))
        return found

    def _identified(self, key: str) -> Identified:
        rng = self.world.rng
        is_user = key.startswith("u:")
        return Identified(
            id=self._id(),
            occurred_at=self.world.now,
            user_id=key[2:] if is_user else None,
            anonymous_id=rng.choice(("d1", "d2")) if is_user and rng.random() < 0.2 else None,
            traits={"email": rng.choice((*ADDRESSES, *ADDRESSES, None))},
        )

    def _responded(self, message_id: str) -> Responded:
        rng = self.world.rng
        response, code = rng.choice(
            (("bounced", "5.1.1"), ("bounced", "4.2.2"), ("complained", ""), ("delivered", ""))
        )
        return Responded(
            id=f"{message_id}/r",
            # Soft bounces of different days, that the bound of five is met.
            occurred_at=self.world.now + rng.randrange(60) * DAY_MS,
            message_id=message_id,
            channel="email",
            campaign="c",
            response=response,  # type: ignore[arg-type]  # one of the tuple above
            code=code,
        )

    def _word_of_operator(self) -> Record:
        rng, at = self.world.rng, self.world.now
        counter = suppressions.counter(suppressions.hashed("email", rng.choice(ADDRESSES)))
        if rng.random() < 0.6:
            removed = SuppressionRemoved(id=self._id(), occurred_at=at)
            return wire.shared_record(counter, removed)
        scope = rng.choice(("marketing", "all"))
        added = SuppressionAdded(
            id=self._id(),
            occurred_at=at,
            kind="email",
            reason="operator",
            scope=scope,  # type: ignore[arg-type]  # one of the two above
        )
        return wire.shared_record(counter, added)

    def _id(self) -> str:
        return f"e{self._left}"


class SuppressionSimulation(SharedSimulation):
    """What is suppressed, and who knows."""

    def __init__(self, seed: int, *, events: int = 60) -> None:
        super().__init__(seed, crowd=Inboxes, events=events)

    def violations(self) -> list[str]:
        """Everything promised that does not hold."""
        return [*self._not_told(), *self._wrong_members(), *self.wrong_replays()]

    @property
    def changes_count(self) -> int:
        """How often what stands against an address has changed."""
        return sum(row.address.revision for row in self.counters().values() if row.address)

    def _owners(self) -> dict[str, set[bytes]]:
        """Who has each address, by the key of its row."""
        found: dict[str, set[bytes]] = {}
        for key, row in self.customers().items():
            if row.customer.email:
                address = suppressions.hashed("email", row.customer.email)
                found.setdefault(suppressions.counter(address), set()).add(key)
        return found

    def _not_told(self) -> list[str]:
        """Whoever has an address knows of it what its row says."""
        customers, addresses, wrong = self.customers(), self.counters(), []
        for counter, owners in self._owners().items():
            state = addresses[counter.encode()].address
            assert state is not None
            mark = state.standing
            said = (state.revision, "" if mark is None else mark.scope, state.soft_count > 0)
            for key in owners:
                known = customers[key].customer.suppressions.get("email")
                knows = (0, "", False)
                if known is not None:
                    knows = (known.revision, known.scope, known.is_soft)
                if knows != said:
                    wrong.append(f"{key!r} knows {knows}, said is {said}")
        return wrong

    def _wrong_members(self) -> list[str]:
        owners = self._owners()
        return [
            f"{key!r}: {row.address.members}, in truth {owners.get(key.decode())}"
            for key, row in self.counters().items()
            if row.address is not None
            and {one.encode() for one in row.address.members} != owners.get(key.decode(), set())
        ]

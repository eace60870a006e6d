"""Counters asked by name: what a customer's row would write, and what it would read."""

from typing import Self

import msgspec

from engine.claims import ClaimAnswer, Claimed, ClaimGranted, Released
from engine.customer import Customer
from engine.shared import answering
from engine.shared.answering import SharedArrival
from engine.shared.counters import CounterRow

COUNTER = "campaign:c:limit"

_decode = msgspec.json.Decoder(ClaimAnswer).decode


class Desk:
    """One counter, and claims on it at given times."""

    def __init__(self, *, limit: int, window_ms: int = 0, is_numbered: bool = False) -> None:
        self.row = CounterRow()
        self.limit = limit
        self.window_ms = window_ms
        self.is_numbered = is_numbered
        self.granted: dict[str, ClaimGranted] = {}
        self._number = 0

    def claim(self, claim_id: str, *, at: int = 0, limit: int | None = None) -> ClaimAnswer:
        """Ask for a place and read the answer."""
        self._number += 1
        event = Claimed(
            id="i",
            occurred_at=at,
            claim_id=claim_id,
            customer="u:c",
            number=self._number,
            limit=self.limit if limit is None else limit,
            window_ms=self.window_ms,
            is_numbered=self.is_numbered,
        )
        found = answering.advance(self.row, self.arrival(event, at))
        assert not isinstance(found, str)
        [emission] = found
        answer: ClaimAnswer = _decode(emission.value)
        if isinstance(answer, ClaimGranted):
            self.granted[claim_id] = answer
        return answer

    def gets(self, claim_id: str, *, at: int = 0) -> bool:
        """Whether a claim is granted."""
        return isinstance(self.claim(claim_id, at=at), ClaimGranted)

    def release(self, claim_id: str, *, at: int = 0) -> Self:
        """Give the place of the claim's last grant back."""
        granted = self.granted[claim_id]
        event = Released(
            id="i",
            occurred_at=at,
            claim_id=claim_id,
            customer="u:c",
            grant=granted.grant,
            granted_at=granted.granted_at,
        )
        assert answering.advance(self.row, self.arrival(event, at)) == []
        return self

    def arrival(self, event: Claimed | Released, at: int) -> SharedArrival:
        """The record, without a cause."""
        return SharedArrival(counter=COUNTER, event=event, logged_at=at)


def renamed(customer: Customer, name: str, value: object) -> Customer:
    """The customer with an attribute, or without it."""
    attributes = {key: known for key, known in customer.attributes.items() if key != name}
    if value is not None:
        attributes[name] = value
    return msgspec.structs.replace(customer, attributes=attributes)

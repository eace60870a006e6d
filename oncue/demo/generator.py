"""A made-up morning of a small shop, as the tracker in its pages would have sent it.

`python -m oncue.demo.generator --out morning.ndjson [--receipts receipts.ndjson] [--seed 1]`

It is Monday 2 March 2026, 08:00 to 12:00 UTC; at least 20,000 events, in the order of time.

- The same seed gives the same bytes; another seed another morning of the same kind.
- A small assortment: 240 products of 8 categories; the most wanted tenth gets over a third of the
  views.
- Traffic rises towards noon: the last hour has more than half as many visits again as the first.
- Visits are heavy-tailed: half of them are over after a handful of calls, one in a hundred is more
  than ten times as long.
- More than half of the visits are by the 1,200 customers the shop knows, recognised by a cookie
  and identified at their first visit of the morning; few of them come often, most come once or
  never. The others are strangers; a few register and are customers from then on.
- Consent: about 45 % of the customers said yes to email, 15 % only to reminders of their cart,
  15 % said no, 25 % never said anything; one in seventeen has no email address at all.
- About one visit in seven fills a cart; things are taken out again, and the whole cart is looked
  at. About seven carts in ten are left; one in eight of those who left comes back to buy.
- The back office books a receipt for every web order of a known customer, one to three minutes
  later, and for purchases over the counter from 09:00 on.
"""

import argparse
import heapq
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from oncue.demo import backoffice, people
from oncue.demo.assortment import Assortment
from oncue.demo.chance import Chance
from oncue.demo.people import People, Visitor
from oncue.demo.tape import Basket, Recorded, Tape
from oncue.demo.visits import BUYS_SHARE, Visit

OPENS_AT: Final = int(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp()) * 1000
HOUR_MS: Final = 60 * 60 * 1000
CLOSES_AT: Final = OPENS_AT + 4 * HOUR_MS

VISITS_COUNT: Final = 2_750
HOURS: Final = (1.0, 1.25, 1.6, 2.0)
"""Visits of each hour, in proportion."""

KNOWN_SHARE: Final = 0.55
REGISTERS_SHARE: Final = 0.04
"""Of the strangers."""

FILLS_CART_SHARE: Final = {True: 0.2, False: 0.08}
"""Of the visits by known customers, and by strangers."""

COMES_BACK_SHARE: Final = 0.125
"""Of those who left a cart; half of them within 40 minutes."""

STORE_OPENS_AT: Final = OPENS_AT + HOUR_MS
STORE_RECEIPTS_COUNT: Final = 150

_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


class Morning(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that happened, each list in the order of time."""

    events: list[Recorded]
    """Tracker calls."""
    receipts: list[Recorded]
    """In the shape of `/v1/receipts`."""


def morning(seed: int, *, run: str = "") -> Morning:
    """Make a morning up.

    Args:
        run: Put before order and receipt ids, so that the same morning can be told twice.
    """
    return _Shop(Chance(seed), run).day()


class _Shop:
    def __init__(self, chance: Chance, run: str) -> None:
        self._chance = chance
        self._run = run
        self._assortment = Assortment(chance)
        self._people = People(chance)
        self._identified: set[str] = set()
        self._baskets: dict[str, Basket] = {}
        self._busy_until: dict[str, int] = {}
        self._coming: list[tuple[int, int, Visitor, bool]] = []
        self._numbers = 0
        self._events: list[Recorded] = []
        self._receipts: list[Recorded] = []

    def day(self) -> Morning:
        """Let everybody come, by time; what happens after closing is not ours any more."""
        for _ in range(VISITS_COUNT):
            self._expect(self._arrival_at(), self._visitor(), returns=False)
        while self._coming:
            at, _, visitor, returns = heapq.heappop(self._coming)
            free_at = self._busy_until.get(visitor.device, 0)
            if at < free_at:
                self._expect(free_at, visitor, returns=returns)
            elif returns:
                self._return(visitor, at)
            else:
                self._visit(visitor, at)
        self._sell_over_the_counter()
        return Morning(events=_until_close(self._events), receipts=_until_close(self._receipts))

    def _arrival_at(self) -> int:
        hour = self._chance.choices(range(len(HOURS)), weights=HOURS)[0]
        return OPENS_AT + int((hour + self._chance.random()) * HOUR_MS)

    def _visitor(self) -> Visitor:
        if self._chance.happens(KNOWN_SHARE):
            return self._people.regular(self._chance)
        return people.stranger(self._chance)

    def _expect(self, at: int, visitor: Visitor, *, returns: bool) -> None:
        heapq.heappush(self._coming, (at, self._number(), visitor, returns))

    def _visit(self, visitor: Visitor, at: int) -> None:
        if visitor.user_id is None and self._chance.happens(REGISTERS_SHARE):
            account = people.customer(self._chance, people.KNOWN_COUNT + self._number())
            visitor = msgspec.structs.replace(account, device=visitor.device, agent=visitor.agent)
        tape, basket, visit = self._start(visitor, at)
        tape.page("Home", "/")
        if visitor.user_id is not None and visitor.user_id not in self._identified:
            self._identified.add(visitor.user_id)
            tape.identify()
        fills_cart = self._chance.happens(FILLS_CART_SHARE[visitor.user_id is not None])
        visit.browse(fills_cart=fills_cart)
        if fills_cart:
            visit.look_at_cart()
            if self._chance.happens(BUYS_SHARE):
                self._buy(visit, tape, basket)
            elif self._chance.happens(COMES_BACK_SHARE):
                away_s = self._chance.skewed(median=40 * 60, spread=0.8, most=3 * 60 * 60)
                self._expect(tape.at + int(away_s * 1000), visitor, returns=True)
        self._end(tape)

    def _return(self, visitor: Visitor, at: int) -> None:
        tape, basket, visit = self._start(visitor, at)
        if basket.items:
            visit.look_at_cart()
            self._buy(visit, tape, basket)
        self._end(tape)

    def _start(self, visitor: Visitor, at: int) -> tuple[Tape, Basket, Visit]:
        basket = self._baskets.setdefault(visitor.device, Basket(f"cart-{visitor.device}"))
        tape = Tape(self._chance, visitor, at=at)
        return tape, basket, Visit(self._chance, self._assortment, tape=tape, basket=basket)

    def _end(self, tape: Tape) -> None:
        self._events.extend(tape.recorded)
        self._busy_until[tape.visitor.device] = tape.at + 5 * 60 * 1000

    def _buy(self, visit: Visit, tape: Tape, basket: Basket) -> None:
        bought = Basket(basket.cart_id)
        bought.items.update(basket.items)
        visit.buy(f"{self._run}order-{self._number()}")
        if tape.visitor.user_id is None:
            return
        self._receipts.append(
            backoffice.of_order(
                self._chance,
                bought,
                customer=tape.visitor.user_id,
                receipt_id=f"{self._run}web-{self._number()}",
                at=tape.at,
            )
        )

    def _sell_over_the_counter(self) -> None:
        for _ in range(STORE_RECEIPTS_COUNT):
            self._receipts.append(
                backoffice.of_store(
                    self._chance,
                    self._assortment,
                    customer=self._people.regular(self._chance),
                    receipt_id=f"{self._run}store-{self._number()}",
                    at=int(self._chance.between(STORE_OPENS_AT, CLOSES_AT)),
                )
            )

    def _number(self) -> int:
        """A number nothing else of the morning has."""
        self._numbers += 1
        return self._numbers


def _until_close(recorded: Iterable[Recorded]) -> list[Recorded]:
    return sorted((one for one in recorded if one.at < CLOSES_AT), key=lambda one: one.at)


def lines(recorded: Iterable[Recorded]) -> bytes:
    """Write as NDJSON."""
    return b"".join(_encode(one.message) + b"\n" for one in recorded)


def main() -> None:
    """Write a morning to files."""
    parser = argparse.ArgumentParser(description="Make up a morning of a small shop.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="tracker calls, NDJSON")
    parser.add_argument("--receipts", type=Path, help="receipts, NDJSON")
    arguments = parser.parse_args()
    made = morning(arguments.seed)
    arguments.out.write_bytes(lines(made.events))
    if arguments.receipts is not None:
        arguments.receipts.write_bytes(lines(made.receipts))


if __name__ == "__main__":
    main()

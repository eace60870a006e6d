"""What campaigns of twenty steps cost: a hundred of them against one, over the shop's log.

One in five watches the products that customers look at, each of one category; the others wait for
carts, orders, consent or events of their own, as in a shop that has gathered campaigns for years.
Delays are seconds long, so that runs go all the way while the log lasts. Folded as in `engine`.
"""

from collections.abc import Sequence
from typing import Final

from benchmarks import campaigns, engine
from benchmarks.report import Figure, Scale
from engine.definitions.changes import Change

COUNTS: Final = (1, 10, 100)

STEPS: Final = 20

TEMPLATE: Final = {"id": "cart-mail", "subject": "Your cart waits", "text": "Come back"}


def run(scale: Scale) -> list[Figure]:
    """Measure each number of campaigns against the codec, and against one campaign."""
    return engine.growing({_case(number): changes(number) for number in COUNTS}, scale)


def changes(count: int) -> list[Change]:
    """So many live campaigns of twenty steps."""
    written = [campaigns.change("templates", "cart-mail", "put", TEMPLATE, based_on=0)]
    for number in range(count):
        body = campaign(number)
        name = str(body["id"])
        written.append(campaigns.change("campaigns", name, "put", body, based_on=0))
        written.append(campaigns.change("campaigns", name, "publish", None, based_on=1))
    return written


def campaign(number: int) -> dict[str, object]:
    """The campaign with this number; the first is about the cart."""
    return {
        "id": f"journey-{number}",
        "triggers": [{"id": "t", **_triggers(number)[number % 5]}],
        "exit": [{"id": "out", "if": {"op": "metric", "name": "orders_count", "value": 99}}],
        "start": "s0",
        "steps": {f"s{place}": _step(place, number) for place in range(STEPS)},
    }


def _triggers(number: int) -> Sequence[dict[str, object]]:
    container = f"list-{number}" if number else "cart"
    return (
        {"type": "T01", "params": {"container": container, "idle": "20s"}},
        {"type": "T28", "params": {"categories": [f"shoes/{number % 25}"]}},
        {"type": "T31", "params": {"event": f"Lookbook {number}"}},
        {"type": "T14", "params": {"min_amount": str(1000 + number)}},
        {"type": "T35", "params": {"channel": "email", "category": f"topic-{number}"}},
    )


def _step(place: int, number: int) -> dict[str, object]:
    """Five kinds in turn; the last one ends the run."""
    then = f"s{place + 1}" if place + 1 < STEPS else None
    match place % 5:
        case 0:
            return {"type": "send", "channel": "email", "template": "cart-mail", "next": then}
        case 1:
            return {"type": "delay", "for": f"{10 + number % 10}s", "next": then}
        case 2:
            asked = {"op": "metric", "name": "orders_count", "is": ">=", "value": number % 3}
            other = {"op": "attr", "path": "plan", "is": "=", "value": "gold"}
            rule = {"op": "any", "of": [asked, other]}
            return {"type": "filter", "if": rule, "next": then, "otherwise": then}
        case 3:
            return {
                "type": "wait_until",
                "branches": [
                    {"id": "bought", "on": {"event": "Order Completed"}, "next": then},
                    {
                        "id": "gold",
                        "if": {"op": "attr", "path": "plan", "is": "=", "value": "platinum"},
                        "next": then,
                    },
                ],
                "timeout": "20s",
                "next": then,
            }
        case _:
            arms = {name: {"weight": 1, "next": then} for name in "ab"}
            return {"type": "random_split", "arms": arms}


def _case(count: int) -> str:
    return f"{count} campaign{'s' if count > 1 else ''} of {STEPS} steps"

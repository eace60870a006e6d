"""Random rules that the checks let pass, of every operator; the same for the same seed."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

from hypothesis import strategies as st

from engine.rules import reading
from engine.rules.nodes import Rule
from tests.support.rule_words import (
    ATTRIBUTES,
    DECLARED,
    FAVOURITES,
    LINES,
    METRICS,
    NUMBERS,
    PATTERNS,
    RECEIPTS,
    WORDS,
    Tree,
)


def rules() -> st.SearchStrategy[Rule]:
    """Whole rules, for hypothesis."""
    return st.integers(0, 2**32).map(rule)


def rule(seed: int) -> Rule:
    """A whole rule."""
    return reading.decoded(tree(seed))


def tree(seed: int) -> Tree:
    """The same as JSON, without ids."""
    maker = Maker(Random(seed))  # noqa: S311 no secret
    return maker.joined(maker.question, deep=2)


def condition(seed: int) -> Tree:
    """What is asked of an event, without ids."""
    return Maker(Random(seed)).condition()  # noqa: S311 no secret


class Maker:
    """Makes one rule."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self._makes: Sequence[Callable[[], Tree]] = (
            self.attr,
            self.attr,
            self.metric,
            self.did,
            self.did,
            self.did,
            self.told,
            self.sequence,
            self.bought,
            self.bought,
            self.small,
            self.held,
        )

    def question(self) -> Tree:
        """One leaf."""
        return self.chance.choice(self._makes)()

    def joined(self, leaf: Callable[[], Tree], *, deep: int) -> Tree:
        """Leaves under all, any, none, not; now and then of nothing."""
        op = self.chance.choice(["leaf", "leaf", "all", "any", "none", "not"])
        if op == "leaf" or not deep:
            return leaf()
        if op == "not":
            return {"op": "not", "of": self.joined(leaf, deep=deep - 1)}
        below = [self.joined(leaf, deep=deep - 1) for _ in range(self.chance.choice([0, 1, 2, 2]))]
        if leaf == self.question and len(below) == 2 and self.chance.random() < 0.2:
            return {"op": "at_least", "count": self.chance.choice([1, 2]), "of": below}
        return {"op": op, "of": below}

    def attr(self) -> Tree:
        """A question about an attribute."""
        path = self.chance.choice(sorted(ATTRIBUTES))
        if path in DECLARED.attributes and self.chance.random() < 0.15:
            span = self.chance.choice(["1h", "3d", "2w", "1mo"])
            tz = self.chance.choice(["company", "recipient", "UTC"])
            return {"op": "attr", "path": path, "is": "changed_within", "value": span, "tz": tz}
        if ATTRIBUTES[path] == "text" and self.chance.random() < 0.4:
            return {"op": "attr", "path": path, **self.folded()}
        return {"op": "attr", "path": path, **self.compared(ATTRIBUTES[path])}

    def metric(self) -> Tree:
        """A question about a built-in metric."""
        if self.chance.random() < 0.2:
            return {"op": "metric", "name": "receipts_last_at", **self.dated()}
        if self.chance.random() < 0.2:
            asked = self.chance.choice(FAVOURITES)
            wanted = self.chance.choice([["p1"], ["p2", "p3"], ["nothing"]])
            return {"op": "metric", "name": "favourite_products", "is": asked, "value": wanted}
        return {
            "op": "metric",
            "name": self.chance.choice(METRICS),
            **self.compared("number"),
        }

    def did(self) -> Tree:
        """How often, how much, how many different."""
        found = self.period({"op": "did", "event": self.event()})
        if self.chance.random() < 0.6:
            found["where"] = self.condition()
        if self.chance.random() < 0.15:
            return {**found, "op": "never_did"}
        aggregate = self.chance.choice(
            ["count", "count", "sum", "average", "min", "max", "distinct"]
        )
        if aggregate == "count":
            return {**found, **self.numeric()}
        field = "properties.sku" if aggregate == "distinct" else "properties.price"
        asked = self.numeric(NUMBERS[:12]) if aggregate == "distinct" else self.compared("number")
        if aggregate == "distinct" and _lets_nothing_go(found):
            found["approximate"] = self.chance.random() < 0.5
        return {**found, "aggregate": aggregate, "field": field, **asked}

    def sequence(self) -> Tree:
        """One event after another."""
        chance = self.chance
        found: Tree = {
            "op": "sequence",
            "steps": [self.step() for _ in range(chance.choice([2, 2, 3, 4]))],
            "within": chance.choice(["1s", "1h", "7h", "3d", "30d"]),
        }
        if chance.random() < 0.4:
            found["without"] = self.step()
        if chance.random() < 0.4:
            found["window"] = chance.choice(["1h", "48h", "7d", "30d"])
        return found

    def step(self) -> Tree:
        """One event of a sequence."""
        found: Tree = {"op": "step", "event": self.event()}
        if self.chance.random() < 0.6:
            found["where"] = self.condition()
        return found

    def told(self) -> Tree:
        """What the first or last event said, or when it was."""
        found: Tree = {"op": self.chance.choice(["first", "last"]), "event": self.event()}
        if self.chance.random() < 0.4:
            found["where"] = self.condition()
        kind = self.chance.choice(["price", "sku", "at"])
        if kind == "at":
            return {**found, **self.dated()}
        asked = self.compared("number" if kind == "price" else "text")
        if kind == "sku" and self.chance.random() < 0.4:
            asked = self.folded()
        return {**found, "path": f"properties.{kind}", **asked}

    def bought(self) -> Tree:
        """Receipts, net of what was given back."""
        chance, found = self.chance, self.period({"op": "bought"})
        if chance.random() < 0.4:
            found["products"] = chance.sample(["p1", "p2", "p3"], 2)
        if chance.random() < 0.3:
            found["categories"] = ["shoes"]
        if chance.random() < 0.3:
            found["brands"] = ["Nordwind"]
        if chance.random() < 0.3:
            found["net"] = False
        if chance.random() < 0.4:
            found["where"] = self.joined(self.line_or_receipt, deep=1)
        aggregate = chance.choice(["count", "sum", "average"])
        return {**found, "aggregate": aggregate, **self.compared("number")}

    def line_or_receipt(self) -> Tree:
        """What is asked of a receipt."""
        if self.chance.random() < 0.5:
            return self.chance.choice(RECEIPTS)
        if self.chance.random() < 0.3:
            summed = {"op": "sum_items", "path": "lines", "field": "quantity"}
            return {**summed, "where": self.chance.choice(LINES), **self.numeric()}
        return {"op": "any_item", "path": "lines", "where": self.chance.choice(LINES)}

    def small(self) -> Tree:
        """A question of a field or two."""
        chance = self.chance
        first, last = chance.choice([(0, 50), (10, 90.25), (50, 100)])
        return chance.choice(
            [
                {"op": "in_audience", "tag": chance.choice(["vip", "new"])},
                {"op": "subscribed", "channel": chance.choice(["email", "sms"])},
                {"op": "subscribed", "channel": "email", "category": "promo"},
                {"op": "subscribed", "channel": "sms", "category": "news"},
                {"op": "contact", "channel": "email", "state": "missing"},
                {
                    "op": "contact",
                    "channel": "phone",
                    "state": chance.choice(["unknown", "mobile"]),
                },
                {"op": "bonus", "kind": chance.choice(["active", "pending"]), **self.numeric()},
                {"op": "bonus", "kind": "expiring", "within": "20d", **self.numeric()},
                {"op": "sample", "salt": chance.choice(WORDS[:6]), "from": first, "to": last},
            ]
        )

    def held(self) -> Tree:
        """Carts, interests, promo codes, messages."""
        chance = self.chance
        idle = {"is": chance.choice(["<", ">="]), "value": chance.choice(["30m", "2d", "29d"])}
        cart = {"op": "cart", "container": chance.choice(["cart", "wishlist"])}
        message: Tree = {"op": "message", **self.numeric()}
        for name, value in (("channel", "email"), ("campaign", "one"), ("window", "7d")):
            if chance.random() < 0.4:
                message[name] = value
        return chance.choice(
            [
                {**cart, "what": "items", **self.numeric()},
                {**cart, "what": "value", **self.numeric()},
                {**cart, "what": "idle", **idle},
                {
                    "op": "interest",
                    "category": chance.choice(["shoes", "hats"]),
                    "is": chance.choice(["<", ">", ">="]),
                    "value": chance.choice([0, 0.3, 0.7, 1, 1.3]),
                },
                {**message, "outcome": chance.choice(["decided", "opened", "clicked"])},
                {
                    "op": "top_interest",
                    "category": chance.choice(["shoes", "hats"]),
                    "count": chance.choice([1, 2]),
                },
                {"op": "in_campaign", "campaign": chance.choice(["one", "two", "none"])},
                {"op": "in_campaign", "campaign": "one", "state": "inside"},
                {
                    "op": "in_campaign",
                    "campaign": chance.choice(["one", "two"]),
                    "window": chance.choice(["1h", "7d", "30d"]),
                },
                {
                    "op": "promo",
                    "state": chance.choice(["issued", "valid"]),
                    **chance.choice([{}, {"group": "spring"}]),
                    **self.numeric(),
                },
            ]
        )

    def event(self) -> str:
        """A name, in some spelling."""
        return self.chance.choice(["Rated", "rated", "Order Completed", " order completed "])

    def period(self, found: Tree) -> Tree:
        """Every form of a window."""
        unit = self.chance.choice(["day", "week", "month"])
        window = self.chance.choice(
            [
                None,
                self.chance.choice(["3m", "1h", "90m", "48h", "7d", "30d"]),
                {"op": "last_calendar", "count": self.chance.randrange(1, 6), "unit": unit},
                {"op": "between", "first": "2025-11-28", "last": "2025-12-03"},
            ]
        )
        return found if window is None else {**found, "window": window}

    def condition(self) -> Tree:
        """What is asked of one event."""
        return self.joined(self.prop, deep=1)

    def prop(self) -> Tree:
        """A field of an event, or of its items."""
        chance = self.chance
        kind = chance.choice(["price", "sku", "sizes", "gift", "products", "name"])
        if kind == "products" and chance.random() < 0.5:
            return self.items("properties.products")
        if kind == "products":
            asked = chance.choice(
                [
                    {"path": "price", **self.numeric()},
                    {"path": "category", **self.textual()},
                    {"path": "category", "is": "missing"},
                ]
            )
            where = {"op": "prop", **asked}
            return {"op": "any_item", "path": "properties.products", "where": where}
        if kind == "name":
            return {"op": "prop", "path": "name", **self.textual()}
        if kind == "gift":
            asked = {"is": chance.choice(["is_true", "is_false", "exists", "missing"])}
        elif kind == "sizes":
            asked = self.listing()
        else:
            asked = self.numeric() if kind == "price" else self.textual()
        return {"op": "prop", "path": f"properties.{kind}", **asked}

    def items(self, path: str) -> Tree:
        """How many items, how much of them, or each."""
        field = "price"
        where = {"op": "prop", "path": field, **self.numeric()}
        return self.chance.choice(
            [
                {"op": "all_items", "path": path, "where": where},
                {"op": "count_items", "path": path, "where": where, **self.numeric()},
                {"op": "count_items", "path": path, **self.numeric()},
                {"op": "sum_items", "path": path, "field": field, **self.numeric()},
            ]
        )

    def compared(self, kind: str) -> Tree:  # noqa: PLR0911 one arm each
        """A comparison that goes with a kind of value."""
        if self.chance.random() < 0.15:
            return {"is": self.chance.choice(["exists", "missing"])}
        match kind:
            case "number":
                return self.numeric()
            case "text":
                return self.textual()
            case "date":
                return self.dated()
            case "list":
                return self.listing()
            case "choice":
                return self.chance.choice([{"is": "=", "value": "S"}, {"is": "in", "value": ["M"]}])
            case _:
                return {"is": self.chance.choice(["is_true", "is_false"])}

    def numeric(self, numbers: Sequence[float] = NUMBERS) -> Tree:
        """A comparison with numbers."""
        asked = self.chance.choice(["=", "!=", "<", "<=", ">", ">=", "in", "not_in", "between"])
        if asked in {"in", "not_in"}:
            return {"is": asked, "value": self.chance.choices(numbers, k=2)}
        if asked == "between":
            return {"is": asked, "value": sorted(self.chance.choices(numbers, k=2))}
        return {"is": asked, "value": self.chance.choice(numbers)}

    def textual(self) -> Tree:
        """A comparison with texts."""
        asked = self.chance.choice(
            ["=", "!=", "in", "not_in", "contains", "not_contains", "starts_with", "ends_with",
             "matches"]
        )  # fmt: skip
        if asked == "matches":
            return {"is": asked, "value": self.chance.choice(PATTERNS)}
        if asked in {"in", "not_in"}:
            return {"is": asked, "value": self.chance.choices(WORDS, k=2)}
        words = WORDS if asked in {"=", "!="} else WORDS[:6]
        return {"is": asked, "value": self.chance.choice(words)}

    def folded(self) -> Tree:
        """A comparison with texts, capital letters or not."""
        words = ("BERLIN", "berlin", "A", "\u00dc\\'\n", "erL")
        asked = self.chance.choice(["=", "!=", "in", "contains", "starts_with", "ends_with"])
        value = self.chance.choices(words, k=2) if asked == "in" else self.chance.choice(words)
        return {"is": asked, "value": value, "fold_case": True}

    def listing(self) -> Tree:
        """A comparison of a list with values."""
        asked = self.chance.choice(["has_any", "has_all", "has_none"])
        return {"is": asked, "value": [self.chance.choice(WORDS), self.chance.choice(NUMBERS)][:1]}

    def dated(self) -> Tree:
        """A comparison with days, some of which time alone turns round."""
        chance = self.chance
        spans = ["1h", "36h", "3d", "2w", "1mo", "26y"]
        found: Tree = chance.choice(
            [
                {"is": chance.choice(["before", "after"]), "value": self.day()},
                {"is": "before", "value": f"{self.day()}T12:30:00+02:00"},
                {"is": "on", "value": self.day()},
                {"is": "between", "value": sorted([self.day(), self.day()])},
                {"is": "in_last", "value": chance.choice(spans)},
                {"is": "in_next", "value": chance.choice(spans)},
                {"is": "more_than_ago", "value": chance.choice(spans)},
                {
                    "is": "anniversary_in",
                    "value": [chance.randrange(-180, 1), chance.randrange(181)],
                },
                {"is": "day_of_week", "value": chance.choices(range(1, 8), k=2)},
                {"is": "same_month"},
            ]
        )
        return {**found, "tz": chance.choice(["company", "recipient", "UTC"])}

    def day(self) -> str:
        """A day near those that the streams name, or far from it."""
        far = self.chance.choice([0, 0, 0, -36 * 365, 20 * 365])
        day = date(2025, 11, 24) + timedelta(days=self.chance.randrange(45) + far)
        return day.isoformat()


def _lets_nothing_go(found: Tree) -> bool:
    """Whether an estimate can be asked of it."""
    window = found.get("window")
    return window is None or (isinstance(window, dict) and window["op"] == "between")

"""What a customer holds, in SQL: carts, interests, bonuses, promo codes, messages."""

from typing import Final, assert_never

from clickhouse.rules import comparing, values
from clickhouse.rules.parameters import Parameters
from engine import carts, windows
from engine.rules import held, holdings

_MESSAGES: Final = (
    "JSONExtract(c.standing, 'messages', 'Array(Tuple(String, String, Int64, Array(String)))')"
)
_CODES: Final = "JSONExtract(c.standing, 'promo_codes', 'Array(Tuple(String, Int64))')"
_RUNS: Final = "JSONExtract(c.standing, 'runs', 'Array(Tuple(String, Int64, String, Int64))')"
_INTERESTS: Final = "JSONExtractKeysAndValues(c.standing, 'interests', 'Tuple(Float64, Int64)')"
_EXPIRING: Final = "JSONExtract(c.standing, 'expiring', 'Array(Tuple(Int64, String))')"


class Holdings:
    """Reads of the alias `c`, at one instant."""

    def __init__(self, *, now: int, interest_ms: int | None, parameters: Parameters) -> None:
        self._at = now
        self._now = parameters.whole(now)
        self._interest_ms = interest_ms
        self._parameters = parameters

    def asked(self, node: held.Held | held.Belonging) -> str:  # noqa: PLR0911 an arm per node
        """One question: 0 or 1."""
        match node:
            case held.Bonus():
                return self.bonus(node)
            case held.CartIs():
                return self.cart(node)
            case held.InterestIs():
                return self.interest(node)
            case held.Messaged():
                return self.message(node)
            case held.PromoIs():
                return self.promo(node)
            case held.InCampaign():
                return self.campaign(node)
            case held.TopInterest():
                return self.top_interest(node)
            case _:
                assert_never(node)

    def cart(self, node: held.CartIs) -> str:
        """A container that expired is empty; idle is of one that is not."""
        name = self._parameters.text(node.container)
        path = f"c.standing, 'containers', {name}"
        held = self._parameters.named(f"JSONExtract({path}, 'Tuple(Int64, String, Int64)')")
        idle = f"({self._now} - {held}.3)"
        is_live = f"{held}.3 != 0"
        if node.container == carts.CART:
            is_live += f" AND {idle} <= {carts.EXPIRES_MS}"
        if node.what == "idle":
            value = values.number(f"if({is_live}, greatest(0, {idle}), NULL)")
            limit = holdings.span_ms(node.value)
            return comparing.compared(value, node.comparison, limit, self._parameters)
        amount = f"{held}.1" if node.what == "items" else f"toDecimal128OrZero({held}.2, 6)"
        value = values.number(f"if({is_live}, {amount}, 0)")
        return comparing.compared(value, node.comparison, node.value, self._parameters)

    def interest(self, node: held.InterestIs) -> str:
        """Fading, as `engine.interests`, to six decimals."""
        if self._interest_ms is None:
            return comparing.compared(
                values.nothing(), node.comparison, node.value, self._parameters
            )
        path = f"c.standing, 'interests', {self._parameters.text(node.category)}"
        known = self._parameters.named(f"JSONExtract({path}, 'Tuple(Float64, Int64)')")
        window = self._parameters.whole(self._interest_ms)
        strength = f"{known}.1 * pow(0.5, 2 * ({self._now} - {known}.2) / {window})"
        exact = f"toDecimal128OrNull(toString(roundBankers({strength}, 6)), 6)"
        is_live = f"JSONHas({path}) AND {known}.2 + {window} > {self._now}"
        value = values.number(f"if({is_live}, {exact}, NULL)")
        return comparing.compared(value, node.comparison, node.value, self._parameters)

    def top_interest(self, node: held.TopInterest) -> str:
        """As `engine.interests` orders them."""
        if self._interest_ms is None:
            return "0"
        window = self._parameters.whole(self._interest_ms)
        age = f"({self._now} - one.2.2)"
        live = f"arrayFilter(one -> one.2.2 + {window} > {self._now}, {_INTERESTS})"
        order = f"(-(one.2.1 * pow(0.5, 2 * {age} / {window})), -one.2.2, one.1)"
        names = f"arrayMap(one -> one.1, arraySort(one -> {order}, {live}))"
        count = self._parameters.whole(node.count)
        return f"has(arraySlice({names}, 1, {count}), {self._parameters.text(node.category)})"

    def campaign(self, node: held.InCampaign) -> str:
        """Of the last entries, or the runs that are on."""
        name = self._parameters.text(node.campaign)
        if node.state == "inside":
            return f"arrayExists(run -> run.1 = {name}, {_RUNS})"
        path = f"c.standing, 'entered', {name}"
        if node.window is None:
            return f"JSONHas({path})"
        window = windows.parsed(node.window)
        begin = (window.last_outside(self._at) + 1) * window.step_ms
        at = f"JSONExtractInt({path})"
        return f"(JSONHas({path}) AND {at} >= {self._parameters.whole(begin)})"

    def message(self, node: held.Messaged) -> str:
        """Of the last messages, as the row remembers them."""
        asked = ["1"]
        if node.campaign is not None:
            asked.append(f"one.1 = {self._parameters.text(node.campaign)}")
        if node.channel is not None:
            asked.append(f"one.2 = {self._parameters.text(node.channel)}")
        if node.window is not None:
            window = windows.parsed(node.window)
            begin = (window.last_outside(self._at) + 1) * window.step_ms
            asked.append(f"one.3 >= {self._parameters.whole(begin)}")
        if node.outcome != "decided":
            asked.append(f"has(one.4, {self._parameters.text(node.outcome)})")
        value = values.number(f"arrayCount(one -> {' AND '.join(asked)}, {_MESSAGES})")
        return comparing.compared(value, node.comparison, node.value, self._parameters)

    def promo(self, node: held.PromoIs) -> str:
        """Of the last codes; one without an end is always good."""
        asked = ["1"]
        if node.group is not None:
            asked.append(f"one.1 = {self._parameters.text(node.group)}")
        if node.state == "valid":
            asked.append(f"(one.2 = 0 OR one.2 > {self._now})")
        value = values.number(f"arrayCount(one -> {' AND '.join(asked)}, {_CODES})")
        return comparing.compared(value, node.comparison, node.value, self._parameters)

    def bonus(self, node: held.Bonus) -> str:
        """A balance, or what of it expires soon; missing where the programme never said any."""
        if node.kind != "expiring":
            value = values.number(f"c.bonuses_{node.kind}")
            return comparing.compared(value, node.comparison, node.value, self._parameters)
        within = self._parameters.whole(holdings.span_ms(node.within) or 0)
        ahead = f"one.1 - {self._now} > 0 AND one.1 - {self._now} <= {within}"
        kept = f"arrayFilter(one -> {ahead}, {_EXPIRING})"
        total = f"arraySum(one -> toDecimal128OrZero(one.2, 6), {kept})"
        value = values.number(f"if(isNotNull(c.bonuses_active), {total}, NULL)")
        return comparing.compared(value, node.comparison, node.value, self._parameters)

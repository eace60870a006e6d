"""What a customer holds, as JSON that rules ask in ClickHouse (`clickhouse.rules.holdings`)."""

from typing import Final

import msgspec

from engine import carts
from engine.customer import Customer
from engine.holdings import PromoCode

_encode: Final = msgspec.json.Encoder(decimal_format="string").encode


def text(customer: Customer) -> str:
    """Lists by place, so that a name is not written for each message."""
    held = {
        "changed": customer.attribute_changes,
        "containers": {
            name: (
                sum(item.product.quantity for item in cart.items),
                carts.value(cart),
                cart.changed_at,
            )
            for name, cart in customer.containers.items()
            if cart.items
        },
        "interests": {
            category: (interest.score, interest.last_at)
            for category, interest in customer.interests.items()
            if interest.last_at > customer.bought_in.get(category, -1)
        },
        "expiring": [
            (one.at, one.amount)
            for one in (customer.loyalty.expiring if customer.loyalty is not None else ())
        ],
        "points": [(one.expires_at or 0, one.left) for one in customer.points if one.left],
        "promo_codes": [(code.group or "", _good_until(code)) for code in customer.promo_codes],
        "messages": [
            (sent.campaign, sent.channel, sent.decided_at, sent.responses)
            for sent in customer.messages
        ],
        "runs": [
            (run.campaign, run.version, run.step, run.arrived_at)
            for run in customer.runs
            if not run.admits
        ],
        # Values that a campaign lets in once stand beside it: no campaigns.
        "entered": {name: at for name, at in customer.entered.items() if name.isprintable()},
    }
    return _encode({name: value for name, value in held.items() if value}).decode()


def _good_until(code: PromoCode) -> int:
    """Epoch ms; 0: for ever. What was used has been over since long ago."""
    return (code.expires_at or 0) if code.used_at is None else 1

"""What the sample of an A/B test did: assignments from the facts, and what came after them."""

from decimal import Decimal
from typing import Final

import msgspec

from clickhouse.client import Reader
from engine.definitions.arms import TestMetric

_DEALT: Final = """
    SELECT customer, argMin(assumeNotNull(after), (at, id)) AS arm,
        toUnixTimestamp64Milli(min(at)) AS ms
    FROM oncue.facts
    WHERE kind = 'arm_assigned' AND name = {experiment:String} AND origin = 'sample'
    GROUP BY customer
"""
"""One arm each: of two who turned out to be one person, the first."""

_RESPONDED: Final = """
    SELECT d.customer AS customer, toDecimal64(0, 4) AS total
    FROM dealt AS d
    INNER JOIN oncue.messages AS m ON m.customer = d.customer
    INNER JOIN oncue.responses AS r ON r.message_id = m.id
    WHERE m.campaign = {campaign:String} AND toUnixTimestamp64Milli(m.at) >= d.ms
        AND r.response IN {responses:Array(String)} AND NOT ifNull(r.is_machine, false)
        AND toUnixTimestamp64Milli(r.at) BETWEEN d.ms AND d.ms + {wait:Int64}
"""
"""To messages of the campaign decided after the assignment."""

_ORDERED: Final = """
    SELECT d.customer AS customer, o.total AS total
    FROM dealt AS d
    INNER JOIN oncue.orders AS o ON o.customer = d.customer
    WHERE o.return_of = '' AND lower(o.status) NOT IN {undone:Array(String)}
        AND ({currency:String} = '' OR o.currency IN ('', {currency:String}))
        AND toUnixTimestamp64Milli(o.at) BETWEEN d.ms AND d.ms + {wait:Int64}
"""
"""Everywhere, not by way of the message alone: chance made the arms alike but for what they got."""

RESPONSES: Final[dict[TestMetric, list[str]]] = {
    "open": ["opened", "clicked"],
    "click": ["clicked"],
}
"""Who clicks has opened, though many mail readers do not say so."""


UNDONE: Final = ["cancelled", "canceled", "void", "voided", "returned", "refunded"]
"""Statuses of orders that count for nothing, as the view `orders` weighs them."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Whose outcome is asked for."""

    experiment: str
    campaign: str
    metric: TestMetric
    wait_ms: int
    """How long after the assignment something counts."""
    currency: str = ""
    """Orders in another are left out; empty: there is one."""


class ArmOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What the customers of one arm did."""

    arm: str
    customers: int
    reached: int
    total: Decimal
    squares: float


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """How full it is."""

    assigned: int
    last_ms: int
    """Of the last assignment; 0: there is none."""
    tied: int
    """Customers who waited in vain: by then no place was left."""


async def sample(reader: Reader, experiment: str) -> Sample:
    """Count the assignments.

    Raises:
        ClickHouseError: as the reader says.
    """
    [found] = await reader.records(
        Sample,
        """
        SELECT toInt64(countIf(origin = 'sample')) AS assigned,
            toInt64(countIf(origin = 'tie')) AS tied,
            toInt64(maxIf(toUnixTimestamp64Milli(at), origin = 'sample')) AS last_ms
        FROM oncue.facts
        WHERE kind = 'arm_assigned' AND name = {experiment:String}
        """,
        {"experiment": experiment},
    )
    return found


async def outcomes(reader: Reader, test: Asked) -> list[ArmOutcome]:
    """Add up what the sample did, by arm.

    Raises:
        ClickHouseError: as the reader says.
    """
    responses = RESPONSES.get(test.metric)
    reached = _ORDERED if responses is None else _RESPONDED
    return await reader.records(
        ArmOutcome,
        f"""
        WITH dealt AS ({_DEALT}),
        reached AS (SELECT customer, sum(total) AS total FROM ({reached}) GROUP BY customer)
        SELECT d.arm AS arm, toInt64(count()) AS customers,
            toInt64(countIf(r.customer != '')) AS reached,
            toDecimal64(sum(r.total), 4) AS total,
            sum(toFloat64(r.total) * toFloat64(r.total)) AS squares
        FROM dealt AS d
        LEFT JOIN reached AS r ON r.customer = d.customer
        GROUP BY arm
        ORDER BY arm
        """,  # noqa: S608 constants of this module
        {
            "experiment": test.experiment,
            "campaign": test.campaign,
            "wait": test.wait_ms,
            "currency": test.currency,
            "responses": responses or [],
            "undone": UNDONE,
        },
    )

"""The doors `transactions` and `responses` behave as the first one; one process keeps all three."""

import secrets

import msgspec
import pytest

from engine.deadletters import DeadLetter
from engine.events import Responded
from engine.transactions import ReceiptIssued
from streams import topics, wire
from streams.topics import Topic
from tests.integration.tracker.doors import Installation, place
from tests.support.brokers import fresh_name


async def test_a_receipt_of_the_door_is_issued_to_its_customer(installation: Installation) -> None:
    user = fresh_name("user")
    receipt = {
        "type": "receipt",
        "id": "r1",
        "customerId": user,
        "occurredAt": "2026-11-22T11:00:00Z",
        "updatedAt": "2026-11-22T11:00:00Z",
        "total": "99.90",
    }

    positions = await installation.send([msgspec.json.encode(receipt)], topic=topics.TRANSACTIONS)

    (outcome,) = (await installation.outcomes_of(positions))[place(positions[0])]
    event = wire.decode_event(outcome.value, None).event
    assert outcome.key == b"u:" + user.encode()
    assert isinstance(event, ReceiptIssued)
    assert (event.source, str(event.total)) == ("transactions", "99.90")


async def test_a_response_of_the_door_reaches_its_customer(installation: Installation) -> None:
    user = fresh_name("user")
    response = {
        "messageId": "m1",
        "customerId": user,
        "response": "bounced",
        "occurredAt": "2026-11-22T11:00:00Z",
        "code": "5.1.1",
    }

    positions = await installation.send([msgspec.json.encode(response)], topic=topics.RESPONSES)

    (outcome,) = (await installation.outcomes_of(positions))[place(positions[0])]
    event = wire.decode_event(outcome.value, None).event
    assert outcome.key == b"u:" + user.encode()
    assert isinstance(event, Responded)
    assert (event.response, event.code) == ("bounced", "5.1.1")


@pytest.mark.parametrize(
    "topic", [topics.TRANSACTIONS, topics.RESPONSES], ids=lambda topic: topic.name
)
async def test_poison_is_a_dead_letter_of_its_door(
    installation: Installation, topic: Topic
) -> None:
    positions = await installation.send([b"\x00", b'{"type":"charge"}', None], topic=topic)

    outcomes = await installation.outcomes_of(positions)

    letters = [
        msgspec.json.decode(outcome.value or b"", type=DeadLetter)
        for position in positions
        for outcome in outcomes[place(position)]
    ]
    assert [letter.place for letter in letters] == [topic.name] * 3


async def test_a_phone_without_a_country_is_one_of_the_shops(installation: Installation) -> None:
    """The setting `region` goes at the doors as it does at the collector."""
    number = f"01512{secrets.randbelow(10**7):07}"
    receipt = {
        "type": "receipt",
        "id": "r1",
        "phone": number,
        "total": 1,
        "occurredAt": "2026-11-22",
    }

    positions = await installation.send([msgspec.json.encode(receipt)], topic=topics.TRANSACTIONS)

    (outcome,) = (await installation.outcomes_of(positions))[place(positions[0])]
    assert outcome.key == f"p:+49{number[1:]}".encode()

"""What shops write to `tracker` stands in `events`, in order, or is refused; nothing stops it."""

from typing import Final

import msgspec

from engine.deadletters import DeadLetter
from engine.events import CartItemAdded
from streams import wire
from tests.integration.tracker.doors import LOGGED_AT, Installation, Outcome, place
from tests.support.brokers import fresh_name
from tests.support.waiting import eventually

POISON: Final[dict[str, bytes | None]] = {
    "no_value": None,
    "empty": b"",
    "no json": b"\x00\xff\xfe",
    "truncated": b'{"type":"track"',
    "NaN": b'{"type":"page","userId":"1","properties":{"a":NaN}}',
    "bad UTF-8": b'{"type":"page","userId":"\xff"}',
    "an array": b'[{"type":"page"}]',
    "deep": b'{"a":' * 5_000,
    "a number beyond all": b'{"a":1e99999999999999999999}',
    "large": b'{"type":"page","userId":"1","a":"' + b"x" * 900_000 + b'"}',
    "nobody": b'{"type":"page"}',
    "unknown": b'{"type":"charge","userId":"1"}',
    "other times": b'{"type":"page","userId":"1","timestamp":"soon"}',
}


def page(user: str, number: int) -> bytes:
    return msgspec.json.encode({"type": "page", "userId": user, "name": f"page {number}"})


async def test_a_message_becomes_an_event_that_says_where_it_came_from(
    installation: Installation,
) -> None:
    user = fresh_name("user")
    payload = (
        b'{"type":"track","userId":"%s","event":"Product Added","writeKey":"any",'
        b'"properties":{"product_id":1,"price":33.20}}' % user.encode()
    )

    positions = await installation.send([payload])

    outcomes = await installation.outcomes_of(positions)
    (outcome,) = outcomes[place(positions[0])]
    event = wire.decode_event(outcome.value, None).event
    assert outcome.key == b"u:" + user.encode()
    assert isinstance(event, CartItemAdded)
    assert (event.source, str(event.product.price)) == ("tracker", "33.20")
    assert event.occurred_at == LOGGED_AT


async def test_good_and_poison_are_all_accounted_for(installation: Installation) -> None:
    user = fresh_name("user")
    poison = list(POISON.values())
    payloads = [
        page(user, number) if number % 2 else poison[number // 2 % len(poison)]
        for number in range(520)
    ]

    positions = await installation.send(payloads)

    outcomes = await installation.outcomes_of(positions)
    went = [[told.topic for told in outcomes[place(position)]] for position in positions]
    assert went == [["events"] if number % 2 else ["dead-letters"] for number in range(520)]


async def test_what_was_refused_is_kept_with_place_and_reason(installation: Installation) -> None:
    positions = await installation.send(list(POISON.values()))

    outcomes = await installation.outcomes_of(positions)
    letters = {
        name: letter_of(outcomes[place(position)][0])
        for name, position in zip(POISON, positions, strict=True)
    }
    assert {letter.place for letter in letters.values()} == {"tracker"}
    assert letters["deep"].code == "too_deep"
    assert letters["nobody"].code == "missing_identifier"
    assert letters["bad UTF-8"].payload == POISON["bad UTF-8"]
    assert len(letters["large"].payload) == 32 * 1024


async def test_the_order_of_the_door_is_the_order_of_the_log(installation: Installation) -> None:
    user = fresh_name("user")
    payloads = [page(user, number) for number in range(3_000)]

    positions = await installation.send(payloads)

    await installation.outcomes_of(positions)
    key = b"u:" + user.encode()
    by_source: dict[str, list[int]] = {}
    for record in await installation.records():
        if record.key == key:
            source, offset, _ = record.headers["cause"].decode().rsplit("/", 2)
            by_source.setdefault(source, []).append(int(offset))
    assert len(by_source) == 3
    assert all(offsets == sorted(offsets) for offsets in by_source.values())


async def test_a_replay_appends_the_same_with_the_same_causes(installation: Installation) -> None:
    user = fresh_name("user")
    payloads = [page(user, number) if number % 2 else b"poison" for number in range(40)]
    positions = await installation.send(payloads)
    before = await installation.outcomes_of(positions)

    assert installation.door.stop() == 0
    await installation.rewind()
    installation.door.start()

    after = await installation.outcomes_of(positions, times=2)
    assert after == {place: told * 2 for place, told in before.items()}


async def test_a_killed_door_loses_nothing(installation: Installation) -> None:
    user = fresh_name("user")
    positions = []
    for kill in range(3):
        positions += await installation.send([page(user, number) for number in range(2_000)])
        await eventually(lambda: any_came_out(installation, user), within_s=30)
        if kill < 2:
            installation.door.kill()
            installation.door.start()

    outcomes = await installation.outcomes_of(positions)

    assert all(len(set(map(repr, told))) == 1 for told in outcomes.values())


async def any_came_out(installation: Installation, user: str) -> bool:
    return any(record.key == b"u:" + user.encode() for record in await installation.records())


def letter_of(outcome: Outcome) -> DeadLetter:
    return msgspec.json.decode(outcome.value or b"", type=DeadLetter)

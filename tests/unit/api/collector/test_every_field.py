"""Bad input, field by field: it is refused with its reason or taken, and spoils nothing else."""

from collections.abc import Mapping
from typing import Final

import msgspec
import pytest

from api.collector import describing, sorting
from api.collector.routes import CALLS
from api.collector.sorting import Arrive
from api.collector.submissions import Submission
from engine.deadletters import DeadLetter
from engine.intake import backoffice, decoding, responses
from engine.intake import posthog as intake_posthog
from engine.intake.arrivals import Arrival, Listing, Origin
from streams import topics, wire
from streams.records import Record
from tests.support import mutations
from tests.unit.api.collector.examples import OFFICE, PRODUCT, TIME, TRACKED

ORIGIN: Final = Origin(
    source="web", is_trusted=True, received_at=1_795_348_800_000, seed="s", sent_at=TIME
)
POSTHOG: Final = {
    "event": "$identify",
    "distinct_id": "ada",
    "timestamp": TIME,
    "uuid": "u-1",
    "properties": {
        **PRODUCT,
        "$anon_distinct_id": "d-1",
        "$current_url": "https://a.b",
        "token": "demo",
    },
    "$set": {"email": "ada@shop.example"},
    "$set_once": {"first": 1},
}
RESPONSE: Final = {
    "id": "x",
    "messageId": "m-1",
    "customerId": "ada",
    "response": "clicked",
    "channel": "email",
    "campaign": "cart",
    "occurredAt": TIME,
    "code": "250",
    "reason": "ok",
    "url": "https://a.b",
    "userAgent": "x",
    "isMachine": False,
}


def responded(payload: bytes, origin: Origin, _: int) -> Arrival | Listing:
    """As the door of responses takes it."""
    return responses.arrive(decoding.message(payload), origin=origin)


DOORS: Final[Mapping[str, tuple[Mapping[str, object], Arrive]]] = {
    **{call: (TRACKED[call], sorting.tracker(call)) for call in CALLS},
    **{kind: (OFFICE[kind], sorting.backoffice(kind)) for kind in backoffice.KINDS},
    "posthog": (POSTHOG, sorting.tracker(None, read=intake_posthog.message)),
    "responses": (RESPONSE, responded),
}


async def sorted_(payloads: list[bytes], arrive: Arrive) -> sorting.Sorted:
    submission = Submission(payloads=payloads, is_batch=True)
    return await sorting.sort(submission, origin=ORIGIN, arrive=arrive)


@pytest.mark.parametrize("door", DOORS)
async def test_a_bad_field_is_taken_or_refused_with_its_reason_and_its_neighbours_stay(
    door: str,
) -> None:
    good, arrive = DOORS[door]
    whole = msgspec.json.encode(good)
    unspoilt = await sorted_([whole, whole], arrive)
    before, after = unspoilt.records
    assert unspoilt.refusals == []

    for bad in mutations.of(good):
        found = await sorted_([whole, bad.body, whole], arrive)

        first, middle, last = found.records
        assert (first, last.key, last.topic) == (before, after.key, after.topic), bad
        if middle.topic == topics.DEAD_LETTERS.name:
            [refusal] = found.refusals
            assert refusal.code, bad
            assert refusal.message, bad
            assert refusal.path.startswith("batch[1].") or refusal.code == "invalid_json", bad
            letter = msgspec.json.decode(middle.value or b"", type=DeadLetter)
            assert letter.payload == bad.body, bad
        else:
            assert found.refusals == [], bad
            assert survives(middle), bad


def survives(record: Record) -> bool:
    """What was taken can be read again from the log."""
    if record.topic == topics.CATALOGUE.name:
        return wire.decode_listed(record.value) is not None
    return bool(wire.decode_event(record.value, None).event)


@pytest.mark.parametrize("kind", backoffice.KINDS)
def test_every_field_that_is_described_is_tried(kind: str) -> None:
    assert set(describing.FIELDS[kind]) <= set(OFFICE[kind])


@pytest.mark.parametrize("call", CALLS)
def test_every_field_of_a_call_is_tried(call: str) -> None:
    assert {*describing.MESSAGE, *describing.OWN[call]} <= set(TRACKED[call])

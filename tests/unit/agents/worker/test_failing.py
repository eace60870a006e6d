"""A campaign that fails at run time stops neither the partition nor anybody else."""

import msgspec

from agents.worker.batches import Batch
from agents.worker.partition import Partition
from engine.events import Tracked
from engine.faults import CampaignFailed
from tests.scenarios.test_failures import FULL, book, failing
from tests.unit.agents.worker.test_partition import NOW, identified, owner, record, recovered


def partition() -> Partition:
    return owner(definitions=book(failing()).definitions)


def gone(found: Partition) -> Batch:
    """Somebody whom the campaign cannot count on, and what they do next."""
    seen = Tracked(id="e1", occurred_at=NOW, name="Go")
    after = Tracked(id="e2", occurred_at=NOW, name="Else")
    records = [identified(0, visits=FULL), record(seen, offset=1), record(after, offset=2)]
    return found.fold(records, now=NOW)


def reports(batch: Batch) -> list[CampaignFailed]:
    return [
        msgspec.json.decode(one.emission.value, type=CampaignFailed)
        for one in batch.effects
        if one.emission.topic == "shared" and one.emission.key == "campaign:counts:health"
    ]


def test_the_batch_goes_on_and_nothing_is_refused() -> None:
    found = partition()

    batch = gone(found)

    assert (batch.consumed, batch.refusals) == (3, [])
    assert found.row(b"u:c").customer.events_count == 3


def test_what_failed_is_said_under_its_source_record_and_again_by_the_next_owner() -> None:
    batch = gone(partition())
    successor = owner(recovered(batch), definitions=book(failing()).definitions)

    again = gone(successor)

    [said] = reports(batch)
    assert (said.campaign, said.revision, said.event) == ("counts", 2, "e1")
    assert reports(again) == [said]
    assert again.rows == []

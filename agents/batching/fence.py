"""The fence: proof that we still own what we were assigned, made before anything is written.

A process may stand still between being assigned a partition and its first record in the
partition's changelog. Meanwhile the group may have given the partition to somebody else, whose
marker then stands before ours: by the order of markers the one that stood still would be the
owner. A commit is refused to whoever is no member of the group's generation any more, so after
our marker we commit what is committed already. Who takes the partition after that puts its marker
after ours.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from aiokafka.errors import CommitFailedError, RebalanceInProgressError
from aiokafka.structs import OffsetAndMetadata, TopicPartition
from faust.types import TP

from agents.errors import NotOwnerError

RETRY_S: Final = 0.1


Commit = Callable[[Mapping[Any, Any]], Awaitable[None]]
"""The Kafka client's commit, as a member of the group."""


async def prove(commit: Commit, partitions: Mapping[TP, int | None]) -> None:
    """Commit the committed offsets once more, by partition; 0 where nothing was committed.

    While the group rebalances it waits: the next assignment cancels the waiting, or it goes on.

    Raises:
        NotOwnerError: the group has gone on without us.
    """
    offsets = {
        TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(offset or 0, "")
        for tp, offset in partitions.items()
    }
    if not offsets:
        return
    while True:
        try:
            await commit(offsets)
        except CommitFailedError as error:
            if not isinstance(error.__cause__, RebalanceInProgressError):
                raise NotOwnerError(partitions=sorted(partitions)) from error
            await asyncio.sleep(RETRY_S)
        else:
            return

"""Faust's consumer thread, with the client configured by us, true ends, and a real seek.

- `fetch_max_wait_ms` is fixed at 1,500 in Faust; the embedded broker answers about every half of
  it, which put 390 ms on each event.
- `highwaters` are the ends of `watermarks`.
- `seek_to_committed` of aiokafka leaves alone every partition without a committed offset, so what
  was fetched and dropped in a rebalance before the first commit would never be read. And it goes
  to offsets that have expired, where nothing is.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import aiokafka
import structlog
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from agents.batching import watermarks

log = structlog.get_logger(__name__)

WATERMARK_TIMEOUT_S: Final = 10.0


class BatchConsumerThread(driver.AIOKafkaConsumerThread):
    """Everything that must run where the Kafka client lives."""

    fetch_max_wait_ms: int = 10
    """How long the broker may hold an empty fetch."""

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        conf = self.app.conf
        # Recovery reads its partitions from Faust's assignor, which keeps a table's changelog
        # with its input; without tables any assignor will do.
        self._assignor = (
            self.app.assignor if self.app.tables.changelog_topics else RoundRobinPartitionAssignor
        )
        return aiokafka.AIOKafkaConsumer(
            **self._connection(transport),
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            partition_assignment_strategy=[self._assignor],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=self.fetch_max_wait_ms,
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            max_poll_interval_ms=_ms(conf.broker_max_poll_interval or 0),
            session_timeout_ms=_ms(conf.broker_session_timeout),
            rebalance_timeout_ms=_ms(conf.broker_rebalance_timeout),
            heartbeat_interval_ms=_ms(conf.broker_heartbeat_interval),
            metadata_max_age_ms=conf.consumer_metadata_max_age_ms,
            connections_max_idle_ms=conf.consumer_connections_max_idle_ms,
            check_crcs=conf.broker_check_crcs,
        )

    def _connection(self, transport: driver.Transport) -> dict[str, Any]:
        conf = self.app.conf
        return {
            "client_id": conf.broker_client_id,
            "bootstrap_servers": driver.server_list(transport.url, transport.default_port),
            "request_timeout_ms": _ms(conf.broker_request_timeout),
            **driver.credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
        }

    async def _highwaters(self, partitions: Iterable[TP]) -> Mapping[TP, int]:
        return await watermarks.ends(
            partitions, new_client=self._new_probe, timeout_s=WATERMARK_TIMEOUT_S
        )

    def _new_probe(self) -> aiokafka.AIOKafkaConsumer:
        transport = self.transport
        if not isinstance(transport, driver.Transport):
            raise TypeError(f"not the aiokafka transport: {transport!r}")
        return aiokafka.AIOKafkaConsumer(
            **self._connection(transport),
            group_id=None,
            enable_auto_commit=False,
            fetch_max_wait_ms=self.fetch_max_wait_ms,
        )

    def partition_count(self, topic: str) -> int:
        """From the cluster's metadata as last fetched."""
        return len(self._ensure_consumer().partitions_for_topic(topic) or ())

    async def committed(self, partitions: Iterable[TP]) -> dict[TP, int | None]:
        """Read the committed offsets of assigned partitions from the broker."""
        found: dict[TP, int | None] = await self.call_thread(self._committed, list(partitions))
        return found

    async def _committed(self, partitions: Iterable[TP]) -> dict[TP, int | None]:
        client = self._ensure_consumer()
        return {tp: await client.committed(driver.ensure_aiokafka_TP(tp)) for tp in partitions}

    async def commit_as_member(self, offsets: Mapping[Any, Any]) -> None:
        """Commit, for the sake of the broker's check of our generation.

        Raises:
            CommitFailedError: we are no member of the group's generation.
        """
        await self.call_thread(self._ensure_consumer().commit, offsets)

    async def seek_to_start(self, committed: Mapping[TP, int | None]) -> dict[TP, int]:
        """Seek to the committed offset, or to the beginning of the log if that is later."""
        positions: dict[TP, int] = await self.call_thread(self._seek_to_start, committed)
        return positions

    async def _seek_to_start(self, committed: Mapping[TP, int | None]) -> dict[TP, int]:
        client = self._ensure_consumer()
        beginnings = await client.beginning_offsets(list(committed)) if committed else {}
        positions = {tp: max(beginnings[tp], offset or 0) for tp, offset in committed.items()}
        for tp, position in positions.items():
            client.seek(tp, position)
            if position > (committed[tp] or position):
                log.error("records_expired", topic=tp.topic, partition=tp.partition)
        return positions


def _ms(seconds: float) -> int:
    return int(seconds * 1000)

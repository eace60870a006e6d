"""How the Kafka client is made."""

from typing import cast

from faust.transport.drivers import aiokafka as driver

from agents.batching.app import BatchApp
from agents.batching.tuning import Tuning


def transport_of(app: BatchApp) -> driver.Transport:
    return cast("driver.Transport", app.transport)


async def test_faust_lets_the_broker_hold_an_empty_fetch_for_a_second_and_a_half() -> None:
    app = BatchApp("group", brokers="127.0.0.1:1")
    thread = app.batch_consumer.batch_thread

    client = driver.AIOKafkaConsumerThread._create_worker_consumer(thread, transport_of(app))

    await client.stop()
    app.batch_consumer.batch_thread.thread_loop.close()
    assert client._fetch_max_wait_ms == 1500


async def test_the_client_has_the_times_that_were_chosen() -> None:
    tuning = Tuning(fetch_max_wait_ms=25, session_timeout_s=30, rebalance_timeout_s=40)
    app = BatchApp("group", brokers="127.0.0.1:1,127.0.0.1:2", tuning=tuning)

    client = app.batch_consumer.batch_thread._create_worker_consumer(transport_of(app))

    await client.stop()
    app.batch_consumer.batch_thread.thread_loop.close()
    assert client._fetch_max_wait_ms == 25
    assert client._session_timeout_ms == 30_000
    assert client._heartbeat_interval_ms == 10_000
    assert client._rebalance_timeout_ms == 40_000
    assert client._client._bootstrap_servers == ["127.0.0.1:1", "127.0.0.1:2"]

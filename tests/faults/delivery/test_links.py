"""The shop opens, whatever Kafka does."""

import os
import signal
import time

import pytest

from tests.integration.delivery import redirecting
from tests.integration.delivery.post import Post
from tests.integration.delivery.redirecting import LINKS, SHOP, origin_of, path_of
from tests.support import processes

pytestmark = pytest.mark.parametrize("own_broker", ["embedded"], indirect=True)
"""What is tested is our patience, not theirs."""


async def test_a_click_on_a_frozen_kafka_redirects_at_once_and_is_counted_later(post: Post) -> None:
    path = path_of(LINKS.click_url(origin_of("m"), index=0, url=SHOP))
    async with redirecting.serving(post) as client:
        processes.freeze(post.broker.pid)
        started_at = time.monotonic()
        answer = await client.get(path)
        took_s = time.monotonic() - started_at
        processes.wake(post.broker.pid)

        assert (answer.status_code, answer.headers["location"]) == (302, SHOP)
        assert took_s < 1
        assert await post.responses("m") == ["clicked"]


async def test_a_click_without_any_kafka_redirects_all_the_same(post: Post) -> None:
    path = path_of(LINKS.click_url(origin_of("m"), index=0, url=SHOP))
    async with redirecting.serving(post) as client:
        os.kill(post.broker.pid, signal.SIGKILL)

        answer = await client.get(path)

    assert (answer.status_code, answer.headers["location"]) == (302, SHOP)

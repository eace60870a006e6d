"""What is said when Redis is not there, or not ours."""

import asyncio

import pytest

from tables import connections
from tables.errors import RedisAwayError, RedisRefusedError, RedisUrlError
from tables.profiles import Profiles
from tests.support import valkey as servers
from tests.support.ports import free_port
from tests.support.valkey import Valkey


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:6379", "http://redis", "redis://", "redis://r:port", "redis://r/db"]
)
def test_what_is_no_address_is_said_in_one_line(url: str) -> None:
    with pytest.raises(RedisUrlError, match=r"ONCUE_REDIS .*redis://user:password@host:6379/0"):
        connections.connect(url)


async def test_nobody_at_the_address_is_said_in_one_line() -> None:
    port = free_port()
    profiles = Profiles(url=f"redis://user:secret@127.0.0.1:{port}/0")

    with pytest.raises(RedisAwayError) as caught:
        await profiles.get("c1")

    said = str(caught.value)
    assert said.startswith(f"no Redis answers at 127.0.0.1:{port}: ")
    assert "secret" not in said
    assert "\n" not in said


async def test_a_wrong_password_is_no_reason_to_try_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with servers.running(tmp_path_factory.mktemp("guarded"), password="right") as server:  # noqa: S106
        profiles = Profiles(url=server.url)
        with pytest.raises(RedisRefusedError):
            await profiles.get("c1")
        await profiles.close()


async def test_a_connection_survives_a_restart_of_the_server(own_valkey: Valkey) -> None:
    profiles = Profiles(url=own_valkey.url)
    await profiles.begin({0: 7})
    own_valkey.stop()
    with pytest.raises(RedisAwayError):
        await profiles.positions()

    own_valkey.start()

    assert await profiles.positions() == {0: 7}
    await profiles.close()


async def test_a_goodbye_that_nobody_takes_is_no_failure(own_valkey: Valkey) -> None:
    """A busy machine: what was asked is answered, and only the leave takes too long."""
    client = connections.connect(own_valkey.url)
    assert await client.ping()
    [connection] = client.connection_pool._available_connections
    writer = connection._writer
    assert writer
    own_valkey.freeze()
    writer.write(b" " * 2**24)

    await connections.close(client)

    writer.transport.abort()
    await asyncio.sleep(0)

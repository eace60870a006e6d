"""`oncue up` from the outside: what it says, what it survives, and that nobody is left behind."""

import os
import signal
from typing import Final

import httpx
import pytest

from oncue.up import parts
from tests.acceptance import shop as shops
from tests.support import brokers, ports, stack
from tests.support.stack import Stack
from tests.support.waiting import eventually_now

EVERYTHING: Final = {"broker", "valkey", "clickhouse", *parts.MODULES}
KEYS: Final = {"write_key": "demo", "secret_key": "demo-secret", "admin_token": "demo-admin"}


def phases(up: Stack) -> dict[str, str]:
    return {part.name: part.phase for part in up.state.parts}


def test_it_prints_every_address_and_key(up: Stack) -> None:
    addresses = [up.url, up.broker, up.redis, up.clickhouse_url]

    table = up.said[up.said.index("Oncue") :]

    assert [word for word in [*addresses, *KEYS.values()] if word not in table] == []
    assert up.state.keys == KEYS
    assert f"http://127.0.0.1:{up.port}" == up.url


def test_every_address_printed_listens_on_loopback_below_the_clients_ports(up: Stack) -> None:
    listening = {
        connection.laddr
        for process in up.processes()
        for connection in process.net_connections(kind="inet")
        if connection.status == "LISTEN"
    }

    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert {address.port for address in listening} == {
        int(address.rpartition(":")[2].partition("/")[0])
        for address in (up.url, up.broker, up.redis, up.clickhouse_url)
    }
    assert max(address.port for address in listening) < 32_768


def test_status_says_that_every_part_is_ready(up: Stack) -> None:
    found = stack.oncue("status", "--data", str(up.data))

    lines = [line.split() for line in found.stdout.splitlines()]
    assert found.returncode == 0
    assert {line[0] for line in lines if line[1:2] == ["ready"]} == EVERYTHING
    assert ["prepare", "done"] in [line[:2] for line in lines]


def test_ready_names_every_part(up: Stack) -> None:
    answer = httpx.get(f"{up.url}/health/ready")

    named = {"kafka", "clickhouse", "redis", "worker", "delivery", "sink", "mirror", "doors"}
    assert answer.json() == {"status": "ready", "parts": dict.fromkeys(named, "ready")}


def test_a_second_run_on_the_folder_is_refused_in_one_line(up: Stack) -> None:
    refused = stack.oncue(*up.arguments(port=str(ports.free_port())))

    assert refused.returncode == 1
    assert refused.stdout.splitlines() == [
        f"oncue is already running on {up.data}: stop it, or use another --data"
    ]


def test_a_killed_part_comes_back(up: Stack) -> None:
    before = up.kill("sink")

    up.until_back("sink", before)

    assert up.part("sink").starts_count == 2
    assert set(phases(up).values()) == {"ready", "done"}
    eventually_now(lambda: httpx.get(f"{up.url}/health/ready").is_success, within_s=stack.READY_S)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_of_it_without_force(own: Stack, how: signal.Signals) -> None:
    own.start()
    own.until_ready()

    code = own.end(how)

    assert (code, own.left()) == (0, [])
    assert set(phases(own).values()) == {"stopped"}
    assert "had to be killed" not in own.said
    assert own.said.splitlines()[-1] == "stopping"


def test_ctrl_c_during_the_start_ends_it_too(own: Stack) -> None:
    own.start()
    eventually_now(lambda: "prepare done" in own.said, within_s=stack.READY_S)

    code = own.end(signal.SIGINT)

    assert (code, own.left()) == (0, [])
    assert own.said.splitlines()[-1] == "stopping"


def test_definitions_outlive_a_run(own: Stack) -> None:
    own.start()
    own.until_ready()
    with shops.opened(own) as shop:
        shop.publish(shops.campaign(idle="30m"))
    own.end()

    own.start()
    own.until_ready()

    with shops.opened(own) as shop:
        campaign = shop.get("/api/campaigns/cart-reminder")
        assert campaign["status"] == "live"
        assert campaign["triggers"][0]["params"]["idle"] == "30m"


def test_a_killed_supervisor_leaves_nobody_behind(own: Stack) -> None:
    own.start()
    own.until_ready()

    own.end(signal.SIGKILL)

    eventually_now(lambda: not own.left(), within_s=stack.STOP_S)
    said = stack.oncue("status", "--data", str(own.data))
    assert (said.returncode, said.stdout.split(";")[0]) == (1, "not running")


def test_the_death_of_the_broker_ends_all_and_says_so(own: Stack) -> None:
    own.start()
    own.until_ready()

    own.kill("broker")
    code = own.until_ended(within_s=stack.KILLED_S)

    assert (code, own.left()) == (1, [])
    [line] = [line for line in own.said.splitlines() if line.startswith("broker was")]
    assert "broker was killed by SIGKILL, and nothing works without it" in line


def test_a_taken_port_is_refused_in_one_line(own: Stack) -> None:
    with stack.listening() as port:
        refused = stack.oncue(*own.arguments(port=str(port)))

    assert refused.returncode == 1
    assert refused.stdout.splitlines() == [
        f"port {port} is taken: stop who listens there, or use --port with another"
    ]


@pytest.mark.parametrize(
    ("option", "url", "said"),
    [
        ("broker", "127.0.0.1:1", "no Kafka broker answers at 127.0.0.1:1"),
        ("redis", "redis://127.0.0.1:1/0", "no Redis answers at 127.0.0.1:1"),
        ("redis", "ftp://127.0.0.1", "ONCUE_REDIS is no address of a Redis"),
        ("clickhouse", "http://127.0.0.1:1", "no ClickHouse answers at 127.0.0.1:1"),
        ("clickhouse", "127.0.0.1:8123", "ONCUE_CLICKHOUSE is no address of a ClickHouse"),
    ],
)
def test_a_server_that_is_not_there_is_named(own: Stack, option: str, url: str, said: str) -> None:
    refused = stack.oncue(*own.arguments(**{option: url}))

    assert refused.returncode == 1
    assert "Traceback" not in refused.stdout
    [line] = [line for line in refused.stdout.splitlines() if said in line]
    assert line == refused.stdout.splitlines()[-1]


def test_a_broker_of_ones_own_is_used_and_left_alone(own: Stack) -> None:
    with brokers.embedded() as broker:
        own.start(broker=broker.address)
        own.until_ready()
        has_own_broker = "broker" in phases(own)

        own.end()

        assert not has_own_broker
        os.kill(broker.pid, 0)

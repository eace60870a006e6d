"""Which ports the parts get."""

import socket

import pytest

from oncue.up import ports
from oncue.up.errors import PortTakenError, PortWrongError
from tests.support.ports import free_port


def test_a_taken_port_is_refused_in_one_line_that_names_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError) as caught:
            ports.require(port, option="--port")

    assert str(caught.value) == (
        f"port {port} is taken: stop who listens there, or use --port with another"
    )


@pytest.mark.parametrize("port", [-1, 0, 65_536, 99_999])
def test_a_port_that_is_none_is_refused_in_one_line(port: int) -> None:
    with pytest.raises(PortWrongError) as caught:
        ports.require(port, option="--port")

    assert str(caught.value) == f"--port {port} is no port: use one from 1 to 65535"


def test_a_listener_on_every_address_takes_the_port_too() -> None:
    with socket.create_server(("", free_port())) as taken:
        assert not ports.is_free(taken.getsockname()[1])


def test_the_first_free_preferred_port_is_taken() -> None:
    free = free_port()
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        assert ports.pick([taken.getsockname()[1], free]) == free


def test_a_promised_port_is_not_promised_again() -> None:
    free = free_port()

    assert ports.pick([free], avoid={free}) != free


def test_any_other_port_lies_below_those_of_outgoing_connections() -> None:
    assert all(ports.pick([]) < 32_768 for _ in range(20))

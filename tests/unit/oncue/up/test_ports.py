"""Which ports the parts get."""

import socket
from collections.abc import Iterator

import pytest

from oncue.up import ports
from oncue.up.errors import PortTakenError, PortWrongError
from oncue.up.ports import Promises
from tests.support.ports import free_port


@pytest.fixture
def promises() -> Iterator[Promises]:
    with Promises() as given:
        yield given


def test_a_taken_port_is_refused_in_one_line_that_names_the_way_out(promises: Promises) -> None:
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError) as caught:
            promises.require(port, option="--port")

    assert str(caught.value) == (
        f"port {port} is taken: stop who listens there, or use --port with another"
    )


@pytest.mark.parametrize("port", [-1, 0, 65_536, 99_999])
def test_a_port_that_is_none_is_refused_in_one_line(port: int, promises: Promises) -> None:
    with pytest.raises(PortWrongError) as caught:
        promises.require(port, option="--port")

    assert str(caught.value) == f"--port {port} is no port: use one from 1 to 65535"


def test_a_listener_on_every_address_takes_the_port_too() -> None:
    with socket.create_server(("", free_port())) as taken:
        assert not ports.is_free(taken.getsockname()[1])


def test_the_first_free_preferred_port_is_taken(promises: Promises) -> None:
    free = free_port()
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        assert promises.pick([taken.getsockname()[1], free]) == free


def test_a_run_does_not_promise_a_port_twice(promises: Promises) -> None:
    free = free_port()

    assert [promises.pick([free]), promises.pick([free]) == free] == [free, False]


def test_what_one_run_was_promised_no_other_run_gets(promises: Promises) -> None:
    """Both start at once: the first's server has not bound its port yet."""
    free = promises.pick([free_port()])

    with Promises() as other, pytest.raises(PortTakenError):
        other.require(free, option="--port")


def test_a_port_is_free_again_when_its_run_is_over() -> None:
    with Promises() as first:
        free = first.pick([free_port()])

    with Promises() as second:
        assert second.pick([free]) == free


def test_any_other_port_lies_below_those_of_outgoing_connections(promises: Promises) -> None:
    assert all(promises.pick([]) < 32_768 for _ in range(20))

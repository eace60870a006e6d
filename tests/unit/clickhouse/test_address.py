"""The setting that says where ClickHouse is."""

import pytest

from clickhouse import addresses
from clickhouse.errors import ClickHouseUrlError


def test_user_and_password_stand_in_the_url() -> None:
    address = addresses.parse("https://sh%40p:s%3Aecret@db.example:9440")

    assert (address.host, address.port) == ("db.example", 9440)
    assert (address.user, address.password) == ("sh@p", "s:ecret")


@pytest.mark.parametrize(
    ("url", "port"), [("http://db", 8123), ("https://db", 8443), ("http://db:1/", 1)]
)
def test_the_port_may_be_left_out(url: str, port: int) -> None:
    assert addresses.parse(url).port == port


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8123", "clickhouse://db", "http://", "http://db:port", "http://db/other"],
)
def test_what_is_no_address_is_said_in_one_line(url: str) -> None:
    with pytest.raises(ClickHouseUrlError, match=r"ONCUE_CLICKHOUSE .*http://user:password@host"):
        addresses.parse(url)


def test_an_error_does_not_show_the_password() -> None:
    with pytest.raises(ClickHouseUrlError) as caught:
        addresses.parse("tcp://user:secret@db:9000/x")

    assert "secret" not in str(caught.value)

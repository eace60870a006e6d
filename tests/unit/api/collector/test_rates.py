"""How often a key and an address may ask."""

from typing import Final

import pytest

from api.collector import rates
from api.collector.rates import BURST_S, Buckets, Rates
from api.errors import ProblemError

PROXIES: Final = rates.networks("10.0.0.0/8, ::1")
NOW: Final = 1_795_348_800_000


class Clock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.s


def test_a_burst_passes_and_then_a_request_for_each_token() -> None:
    clock = Clock()
    buckets = Buckets(per_s=2, clock_s=clock)

    burst = [buckets.wait_s("a") for _ in range(2 * BURST_S)]

    assert burst == [0] * len(burst)
    assert buckets.wait_s("a") == 0.5
    clock.s = 0.5
    assert buckets.wait_s("a") == 0
    assert buckets.wait_s("a") == 0.5


def test_one_who_asks_too_much_takes_nothing_from_another() -> None:
    buckets = Buckets(per_s=1, clock_s=Clock())
    while not buckets.wait_s("a"):
        pass

    assert buckets.wait_s("b") == 0


def test_a_rest_never_saves_more_than_a_burst() -> None:
    clock = Clock()
    buckets = Buckets(per_s=1, clock_s=clock)
    buckets.wait_s("a")
    clock.s = 1_000_000

    passed = 0
    while not buckets.wait_s("a"):
        passed += 1

    assert passed == BURST_S


def test_no_limit_is_none() -> None:
    buckets = Buckets(per_s=0, clock_s=Clock())

    assert not any(buckets.wait_s("a") for _ in range(1_000))
    assert len(buckets) == 0


def test_strangers_take_no_more_memory_than_there_is_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rates, "BUCKETS_MAX", 3)
    buckets = Buckets(per_s=1, clock_s=Clock())

    for number in range(10):
        buckets.wait_s(str(number))

    assert len(buckets) == 3


def test_who_is_refused_hears_when_to_come_again_in_whole_seconds() -> None:
    limits = Rates(key_per_s=3, address_per_s=1, clock_s=Clock())
    for _ in range(3 * BURST_S):
        limits.check_key("web", now=NOW)

    with pytest.raises(ProblemError) as refusal:
        limits.check_key("web", now=NOW)

    assert (refusal.value.status, refusal.value.code) == (429, "key_rate_limited")
    assert refusal.value.headers == {
        "retry-after": "1",
        "x-ratelimit-reset": str(NOW // 1000 + 1),
    }


def test_the_addresses_of_one_subscriber_share_a_bucket() -> None:
    limits = Rates(key_per_s=1, address_per_s=1, clock_s=Clock())
    for number in range(BURST_S):
        limits.check_address(f"2001:db8::{number + 1}", now=NOW)

    limits.check_address("2001:db8:0:1::1", now=NOW)
    with pytest.raises(ProblemError):
        limits.check_address("2001:db8::ffff", now=NOW)


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        pytest.param("8.8.8.8", "", "8.8.8.8", id="nobody forwarded"),
        pytest.param("8.8.8.8", "1.2.3.4", "8.8.8.8", id="a stranger says so: not believed"),
        pytest.param("10.0.0.1", "1.2.3.4", "1.2.3.4", id="a proxy says so"),
        pytest.param("::1", "1.2.3.4", "1.2.3.4", id="over IPv6"),
        pytest.param("::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4", id="IPv4 in IPv6"),
        pytest.param("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4", id="the client may lie before it"),
        pytest.param("10.0.0.1", "1.2.3.4, 10.0.0.2", "1.2.3.4", id="two proxies"),
        pytest.param("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3", id="within the house"),
        pytest.param("10.0.0.1", "nonsense", "10.0.0.1", id="no address"),
        pytest.param("10.0.0.1", "", "10.0.0.1", id="a proxy asks for itself"),
    ],
)
def test_a_forwarded_address_is_believed_of_trusted_proxies_only(
    peer: str, forwarded: str, client: str
) -> None:
    assert rates.client(peer, forwarded, proxies=PROXIES) == client


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        rates.networks("10.0.0.0/99")

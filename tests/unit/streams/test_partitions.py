import pytest
from aiokafka.partitioner import DefaultPartitioner

from streams import partitions

# From UtilsTest.testMurmur2 of Kafka's own sources, as unsigned numbers.
KAFKAS_OWN = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}

KEYS = [
    f"u:{number}-{'żółć' * (number % 3)}{'é' * (number % 7)}".encode() for number in range(2_000)
]


@pytest.mark.parametrize(("data", "signed"), KAFKAS_OWN.items())
def test_murmur2_is_kafkas(data: bytes, signed: int) -> None:
    assert partitions.murmur2(data) == signed & 0xFFFFFFFF


@pytest.mark.parametrize("count", [1, 4, 24])
def test_a_key_has_the_partition_that_faust_would_choose(count: int) -> None:
    choose, every = DefaultPartitioner(), list(range(count))

    ours = [partitions.partition_of(key, count) for key in KEYS]

    assert ours == [choose(key, every, every) for key in KEYS]


def test_the_empty_key_is_a_key() -> None:
    every = list(range(24))

    assert partitions.partition_of(b"", 24) == DefaultPartitioner()(b"", every, every)

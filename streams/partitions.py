"""Which partition a key belongs to, without a broker."""

from typing import Final

SEED: Final = 0x9747B28C
MIX: Final = 0x5BD1E995
MASK: Final = 0xFFFFFFFF


def partition_of(key: bytes, count: int) -> int:
    """Choose as every writer of ours does: Kafka's murmur2, positive, modulo `count`."""
    return (murmur2(key) & 0x7FFFFFFF) % count


def murmur2(data: bytes) -> int:
    """Kafka's variant of Austin Appleby's MurmurHash2, 32 bits, unsigned."""
    digest = SEED ^ len(data)
    whole = len(data) - len(data) % 4
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * MIX & MASK
        word = (word ^ word >> 24) * MIX & MASK
        digest = (digest * MIX & MASK) ^ word
    if whole < len(data):
        digest = (digest ^ int.from_bytes(data[whole:], "little")) * MIX & MASK
    digest = (digest ^ digest >> 13) * MIX & MASK
    return digest ^ digest >> 15

"""Deterministic ids: the same decision has the same id, whoever takes it again."""

import hashlib


def derived(*parts: str | int) -> str:
    """Hash what the id is about into 32 hexadecimal characters (128 bits).

    Length-prefixed, so that ("a", "bc") and ("ab", "c") differ.
    """
    digest = hashlib.sha256()
    for part in parts:
        encoded = str(part).encode()
        digest.update(b"%d:" % len(encoded))
        digest.update(encoded)
    return digest.digest()[:16].hex()

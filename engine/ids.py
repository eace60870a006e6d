"""Deterministic ids: the same decision has the same id, whoever takes it again."""

import base64
import hashlib


def derived(*parts: str | int) -> str:
    """Hash what the id is about into 26 characters (128 bits, base32, lower case).

    Length-prefixed, so that ("a", "bc") and ("ab", "c") differ.
    """
    digest = hashlib.sha256()
    for part in parts:
        encoded = str(part).encode()
        digest.update(b"%d:" % len(encoded))
        digest.update(encoded)
    return base64.b32encode(digest.digest()[:16]).decode().rstrip("=").lower()

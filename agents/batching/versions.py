"""The one pair of versions whose internals the overrides know."""

from importlib.metadata import version
from typing import Final

from agents.errors import UnsupportedVersionError

SUPPORTED: Final = {"faust-streaming": "0.15.3", "aiokafka": "0.14.0"}


def require_supported() -> None:
    """Refuse to start on libraries the overrides were not proven with.

    Raises:
        UnsupportedVersionError: an installed version is not the pinned one.
    """
    for library, supported in SUPPORTED.items():
        require(library, installed=version(library), supported=supported)


def require(library: str, *, installed: str, supported: str) -> None:
    """Compare exactly: a patch release may rename what we override.

    Raises:
        UnsupportedVersionError: they differ.
    """
    if installed != supported:
        raise UnsupportedVersionError(library=library, installed=installed, supported=supported)

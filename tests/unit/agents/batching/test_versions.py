"""The overrides run on what they were proven with."""

import pytest

from agents.batching import versions
from agents.errors import UnsupportedVersionError


def test_the_pinned_versions_are_supported() -> None:
    versions.require_supported()


def test_any_other_version_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedVersionError, match=r"aiokafka 0\.14\.1"):
        versions.require("aiokafka", installed="0.14.1", supported="0.14.0")

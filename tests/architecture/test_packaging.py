"""Our top-level names are ours alone (docs/decisions/0002), and every list of them is whole."""

import tomllib
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

DISTRIBUTION: Final = "oncue"
ROOT: Final = Path(__file__).parents[2]
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())
AT_HOME: Final = {"benchmarks", "tests"}
"""Packages that are not installed."""
PACKAGES: Final = sorted(
    path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in AT_HOME
)
MODULES: Final = sorted(path.name for path in ROOT.glob("*.py"))
NAMES: Final = [*PACKAGES, *(name.removesuffix(".py") for name in MODULES)]


@pytest.mark.parametrize("name", NAMES)
def test_package_is_imported_from_this_repository(name: str) -> None:
    spec = find_spec(name)

    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT)


@pytest.mark.parametrize("name", NAMES)
def test_no_other_distribution_ships_our_package(name: str) -> None:
    assert set(packages_distributions().get(name, ())) <= {DISTRIBUTION}


def test_every_package_is_installed_checked_and_under_contract() -> None:
    tools = PROJECT["tool"]
    wheel = tools["hatch"]["build"]["targets"]["wheel"]

    assert sorted(wheel["packages"]) == PACKAGES
    assert set(wheel["only-include"]) == {*PACKAGES, *MODULES}
    assert set(tools["mypy"]["files"]) == {*PACKAGES, *AT_HOME, *MODULES}
    assert sorted(tools["importlinter"]["root_packages"]) == PACKAGES


def test_no_index_takes_an_upload() -> None:
    assert "Private :: Do Not Upload" in PROJECT["project"]["classifiers"]


@pytest.mark.parametrize(
    "lock", sorted(ROOT.glob("requirements*.lock")), ids=lambda lock: lock.name
)
def test_the_lock_holds_hashes_and_no_index(lock: Path) -> None:
    lines = [line for line in lock.read_text().splitlines() if line and not line.startswith("#")]
    requirements = [place for place, line in enumerate(lines) if not line.startswith(" ")]

    assert [lines[place] for place in requirements if lines[place].startswith("-")] == []
    assert not any("://" in line for line in lines)
    assert [lines[place] for place in requirements if "--hash=" not in lines[place + 1]] == []

"""Maven is asked once, and what is missing is said in one line."""

import re
from pathlib import Path

import pytest

from oncue.kafka import jars
from oncue.kafka.errors import UnavailableError

FETCHES = """#!/bin/sh
echo called >> "$(dirname "$0")/calls"
for option in "$@"; do
  case "$option" in
    -DoutputDirectory=*) /bin/mkdir "${option#*=}" && : > "${option#*=}/kafka.jar" ;;
  esac
done
"""
CANNOT_FETCH = """#!/bin/sh
echo "[ERROR] Could not transfer artifact from central: Unknown host"
echo "[ERROR] Re-run Maven using the -X switch"
exit 1
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def install(programs: Path, name: str, script: str) -> None:
    (programs / name).write_text(script.replace('$(dirname "$0")', str(programs)))
    (programs / name).chmod(0o755)


async def test_maven_fetches_into_the_cache_once(programs: Path, tmp_path: Path) -> None:
    install(programs, "mvn", FETCHES)

    folders = [await jars.ensure(cache=tmp_path / "cache") for _ in range(2)]

    assert folders[0] == folders[1]
    assert [jar.name for jar in folders[0].iterdir()] == ["kafka.jar"]
    assert (programs / "calls").read_text() == "called\n"


async def test_a_cached_copy_needs_no_maven(programs: Path, tmp_path: Path) -> None:
    install(programs, "mvn", FETCHES)
    folder = await jars.ensure(cache=tmp_path / "cache")
    (programs / "mvn").unlink()

    assert await jars.ensure(cache=tmp_path / "cache") == folder


@pytest.mark.usefixtures("programs")
async def test_no_maven_and_no_copy_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no mvn on the PATH, and no copy in"):
        await jars.ensure(cache=tmp_path / "cache")


async def test_maven_that_cannot_fetch_is_quoted_and_leaves_nothing(
    programs: Path, tmp_path: Path
) -> None:
    install(programs, "mvn", CANNOT_FETCH)

    with pytest.raises(UnavailableError) as caught:
        await jars.ensure(cache=tmp_path / "cache")

    assert str(caught.value).startswith("Maven could not fetch Apache Kafka ")
    assert str(caught.value).endswith("Could not transfer artifact from central: Unknown host")
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.usefixtures("programs")
async def test_no_java_is_said() -> None:
    with pytest.raises(UnavailableError, match="needs Java 17 or later: there is no java"):
        await jars.check_java()


async def test_a_java_too_old_is_said_with_what_it_calls_itself(programs: Path) -> None:
    install(programs, "java", "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019' >&2\n")

    with pytest.raises(UnavailableError, match=re.escape('says openjdk version "11.0.2" 2019')):
        await jars.check_java()

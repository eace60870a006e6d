"""The broker's jars: fetched once by Maven into `.cache/kafka`, never again."""

import hashlib
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from oncue.kafka import commands
from oncue.kafka.errors import UnavailableError

POM: Final = Path(__file__).with_name("pom.xml")
CACHE: Final = Path(__file__).parents[2] / ".cache" / "kafka"
OLDEST_JAVA: Final = 17
"""What the brokers of Kafka 4 are compiled for."""
JAVA_TIMEOUT_S: Final = 20
FETCH_TIMEOUT_S: Final = 600
"""43 MB, on a slow line too."""


def version() -> str:
    """Tell which Kafka `pom.xml` names."""
    found = re.search(r"<kafka\.version>(.+)</kafka\.version>", POM.read_text())
    if found is None:
        raise ValueError(f"{POM} names no kafka.version")
    return found[1]


async def check_java() -> None:
    """Make sure that a Java is here which can run Kafka.

    Raises:
        UnavailableError: none, or too old.
    """
    need = f"Apache Kafka {version()} needs Java {OLDEST_JAVA} or later"
    if shutil.which("java") is None:
        raise UnavailableError(f"{need}: there is no java on the PATH")
    outcome = await commands.run(["java", "-version"], timeout_s=JAVA_TIMEOUT_S)
    found = re.search(r'version "(\d+)', outcome.output)
    if found is None or int(found[1]) < OLDEST_JAVA:
        says = next(iter(outcome.output.splitlines()), "nothing")
        raise UnavailableError(f"{need}: `java -version` says {says}")


async def ensure(*, cache: Path = CACHE) -> Path:
    """Return the folder with every jar, fetching them where it is not there yet.

    The folder is named after the content of `pom.xml`, so a change of that fetches anew.

    Raises:
        UnavailableError: it is not there, and Maven is missing or cannot fetch.
    """
    folder = cache / f"{version()}-{hashlib.sha256(POM.read_bytes()).hexdigest()[:8]}"
    if folder.is_dir():
        return folder
    if shutil.which("mvn") is None:
        raise UnavailableError(
            f"Apache Kafka {version()} comes by Maven: there is no mvn on the PATH, "
            f"and no copy in {cache}"
        )
    with _scratch(cache) as fetched:
        await _fetch(Path(fetched), cache)
        _keep(Path(fetched), folder)
    return folder


def _scratch(cache: Path) -> tempfile.TemporaryDirectory[str]:
    """Beside where the jars will be, so that they can be moved in one step."""
    cache.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=cache, prefix=".fetching-")


async def _fetch(into: Path, cache: Path) -> None:
    sys.stdout.write(f"fetching Apache Kafka {version()} by Maven: 43 MB, once\n")
    sys.stdout.flush()
    # The working copy of the pom: Maven leaves files beside the one it reads.
    pom = shutil.copy(POM, into)
    command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={into / 'jars'}"]
    failed = f"Maven could not fetch Apache Kafka {version()}, and there is no copy in {cache}"
    try:
        outcome = await commands.run([*command, *options], timeout_s=FETCH_TIMEOUT_S)
    except TimeoutError as error:
        raise UnavailableError(f"{failed}: not done in {FETCH_TIMEOUT_S} s") from error
    if outcome.status != 0:
        first = next((line for line in outcome.output.splitlines() if "ERROR" in line), "no reason")
        raise UnavailableError(f"{failed}: {first.removeprefix('[ERROR] ')}")


def _keep(fetched: Path, folder: Path) -> None:
    """Move into place whole; another process may have been quicker, with the same jars."""
    try:
        (fetched / "jars").rename(folder)
    except OSError:
        if not folder.is_dir():
            raise

"""docker-compose.yml fits the settings, the command line and what the tests run on."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
import pytest

import settings
from oncue.kafka import jars
from oncue.up import parts
from settings import Settings

ROOT: Final = Path(__file__).parents[2]
FILE: Final = ROOT / "docker-compose.yml"

Service: TypeAlias = dict[str, Any]
"""As the format has it, which is not ours to type."""

SERVICES: Final = msgspec.yaml.decode(FILE.read_bytes(), type=dict[str, Any])["services"]
OURS: Final[dict[str, Service]] = {
    name: service for name, service in SERVICES.items() if "build" in service
}
PINNED: Final = re.compile(r"[a-z0-9/-]+:v?\d+\.\d+\.\d+[\w.-]*")
MUST_BE_SET: Final = re.compile(r"\$\{\w+:\?")


def test_every_part_runs_once_and_the_worker_as_often_as_wanted() -> None:
    commands = {name: service["command"] for name, service in OURS.items()}

    assert commands == {name: [name] for name in [*parts.MODULES, "prepare"]}
    assert [name for name, service in OURS.items() if "deploy" in service] == ["worker"]


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - OURS.keys()))
def test_an_image_is_pinned_to_a_release(name: str) -> None:
    assert PINNED.fullmatch(SERVICES[name]["image"])


def test_kafka_is_the_release_the_tests_run_on() -> None:
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{jars.version()}"


@pytest.mark.parametrize("name", OURS)
def test_a_variable_is_a_setting(name: str) -> None:
    known = {settings.variable(field) for field in Settings.__struct_fields__}

    assert OURS[name]["environment"].keys() <= known


@pytest.mark.parametrize("name", OURS)
def test_every_part_gets_the_settings_of_a_cluster(name: str) -> None:
    environment = OURS[name]["environment"]

    assert environment["ONCUE_PARTITIONS"] == "24"
    assert environment["ONCUE_SESSION_TIMEOUT_S"] == "30"


@pytest.mark.parametrize("name", OURS)
def test_no_part_starts_without_keys_of_ones_own(name: str) -> None:
    environment = OURS[name]["environment"]

    unset = [
        key for key in settings.KEYS if not MUST_BE_SET.match(environment[settings.variable(key)])
    ]

    assert unset == []


def test_others_reach_the_api_alone() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    to_others = {
        name: ports
        for name, ports in published.items()
        if not all(port.startswith("127.0.0.1:") for port in ports)
    }
    listener = OURS["api"]["environment"]["ONCUE_PORT"]

    assert published.keys() == {"api", "grafana"}
    assert to_others == {"api": [f"${{ONCUE_PORT:-{Settings().port}}}:{listener}"]}


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_mounted_or_waited_for_exists(name: str) -> None:
    volumes = [volume.split(":")[0] for volume in SERVICES[name].get("volumes", [])]

    assert [path for path in volumes if path.startswith(".") and not (ROOT / path).exists()] == []
    assert SERVICES[name].get("depends_on", {}).keys() <= SERVICES.keys()


def test_the_image_holds_every_package_and_nothing_else() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "tests"}
    modules = {path.name for path in ROOT.glob("*.py")}
    instructions = re.findall(
        r"^COPY (\w.+) [\w./]+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE
    )
    copied = [name for names in instructions for name in names.split()]
    let_in = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)

    assert set(copied) == {*packages, *modules, "requirements.lock"}
    assert sorted(let_in) == sorted(copied)


def test_docker_compose_understands_the_file() -> None:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("there is no docker on the PATH")
    if subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("this docker has no compose plugin")
    passwords = dict.fromkeys(re.findall(r"\$\{(\w+):\?", FILE.read_text()), "x")

    outcome = subprocess.run(
        [docker, "compose", "-f", str(FILE), "config", "-q"],
        env={"PATH": str(Path(docker).parent), **passwords},
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.returncode == 0, outcome.stderr

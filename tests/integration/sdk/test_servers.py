"""Other makers' server libraries, as they come from npm and PyPI, pointed at the collector."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import posthog
import pytest
from rudderstack.analytics.client import Client as RudderStack

from engine.events import Identified, PageViewed, ProductViewed, SourceEvent
from tests.support import sdks
from tests.support.collecting import Collecting
from tests.support.waiting import eventually

PACKAGES: Final = ("segment", "rudderstack", "posthog")


@pytest.fixture
def from_npm(pytestconfig: pytest.Config) -> None:
    """The packages are there; else the test is skipped, or fails where they are required."""
    sdks.needed(pytestconfig)


@pytest.mark.parametrize("ends", [pytest.fail.Exception, pytest.skip.Exception])
def test_packages_that_are_missing_fail_only_where_they_are_required(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    pytestconfig: pytest.Config,
    ends: type[BaseException],
) -> None:
    monkeypatch.setattr(sdks, "MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(pytestconfig.option, "require_sdk", ends is pytest.fail.Exception)

    with pytest.raises(ends):
        sdks.needed(pytestconfig)


async def ran(package: str, here: Collecting) -> str:
    """Run the script of a package from npm; what it said."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(sdks.SCRIPTS / f"{package}.cjs"),
        here.url,
        env={**os.environ, "NODE_PATH": str(sdks.MODULES)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    return output.decode()


def of(events: list[SourceEvent], user: str | None) -> list[SourceEvent]:
    return [event for event in events if event.user_id == user]


@pytest.mark.usefixtures("from_npm")
@pytest.mark.parametrize("package", PACKAGES)
async def test_calls_from_node_become_the_events_they_mean(here: Collecting, package: str) -> None:
    assert await ran(package, here) == ""

    events = await here.told(4)

    identified, page, viewed = of(events, "ada")
    assert isinstance(identified, Identified)
    assert identified.traits == {"email": "ada@shop.example"}
    assert isinstance(page, PageViewed)
    assert page.url == "https://shop.example/"
    assert isinstance(viewed, ProductViewed)
    assert (viewed.product.id, str(viewed.product.price)) == ("k-1", "39.9")
    assert [(event.name, event.anonymous_id) for event in of(events, None)] == [
        ("Asked", "visitor")
    ]


@pytest.mark.usefixtures("from_npm")
@pytest.mark.parametrize("package", PACKAGES)
async def test_node_sends_again_what_was_not_taken_and_each_event_arrives_once(
    here: Collecting, package: str
) -> None:
    here.moody.refuse(503)

    await ran(package, here)

    events = await here.told(4, within_s=30)
    assert len(here.moody.posted()) >= 2
    assert (len(events), here.repeated) == (4, [])


async def used(client: RudderStack | posthog.Posthog, send: Callable[[], object]) -> None:
    """Use a library that blocks."""

    def run() -> None:
        send()
        client.flush()
        client.shutdown()

    await asyncio.to_thread(run)


async def test_posthogs_python_library_is_understood(here: Collecting) -> None:
    client = posthog.Posthog("write-1", host=here.url, gzip=True, flush_interval=0.05)
    here.moody.refuse(503)

    def send() -> None:
        client.set(distinct_id="ada", properties={"email": "ada@shop.example"})
        client.capture("Product Viewed", distinct_id="ada", properties={"product_id": "k-1"})
        client.capture("Asked")

    await used(client, send)

    events = await here.told(3, within_s=30)
    assert [type(event) for event in of(events, "ada")] == [Identified, ProductViewed]
    assert [event.name for event in of(events, None)] == ["Asked"]
    assert here.repeated == []


async def test_rudderstacks_python_library_is_understood(here: Collecting) -> None:
    client = RudderStack("write-1", host=here.url, gzip=True, upload_interval=0.05)
    here.moody.refuse(503)

    def send() -> None:
        client.identify("ada", {"email": "ada@shop.example"})
        client.track("ada", "Product Viewed", {"product_id": "k-1"})
        client.track(anonymous_id="visitor", event="Asked")

    await used(client, send)

    events = await here.told(3, within_s=30)
    assert [type(event) for event in of(events, "ada")] == [Identified, ProductViewed]
    assert here.repeated == []
    await eventually(lambda: len(here.moody.posted()) == 2)

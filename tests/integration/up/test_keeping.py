"""Definitions survive the embedded broker, which forgets everything."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from engine.definitions.folded import Definitions
from oncue.up import keeping
from streams.definitions import DefinitionsLog
from tests.support import whole
from tests.support.story import TEMPLATE, Book, campaign
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from engine.definitions.entries import CampaignEntry


def book() -> Book:
    """A live campaign with a newer draft, a paused one, a stopped one and a draft."""
    bodies = {name: {**campaign(), "id": name} for name in ("live", "paused", "stopped", "draft")}
    written = Book().change("templates", "cart-mail", "put", TEMPLATE)
    written.change("settings", "settings", "put", {"region": "DE"})
    for name in ("live", "paused", "stopped"):
        written.publish(bodies[name])
    written.change("campaigns", "live", "put", {**bodies["live"], "name": "not yet"})
    written.change("campaigns", "paused", "pause").change("campaigns", "stopped", "stop")
    return written.change("campaigns", "draft", "put", bodies["draft"])


async def applied(data: Path) -> Definitions:
    """What a fresh broker decides under after the start."""
    with whole.own_broker("embedded", require_kafka=False) as broker:
        await whole.make_topics(broker)
        await keeping.apply(data, brokers=broker.address, at=0)
        async with DefinitionsLog(brokers=broker.address) as log:
            return log.current


async def test_what_ran_runs_again_and_what_paused_is_paused(tmp_path: Path) -> None:
    before = book().definitions
    keeping.write(tmp_path, before)

    after = await applied(tmp_path)

    assert {name: entry.status for name, entry in after.campaigns.items()} == {
        "live": "live",
        "paused": "paused",
        "draft": "draft",
    }
    assert after.settings.region == "DE"
    live: CampaignEntry = after.campaigns["live"]
    assert live.published == before.campaigns["live"].published
    assert after.templates["cart-mail"].latest == before.templates["cart-mail"].latest


def test_what_was_deleted_leaves_the_folder(tmp_path: Path) -> None:
    written = book()
    keeping.write(tmp_path, written.definitions)

    keeping.write(tmp_path, written.change("campaigns", "draft", "delete").definitions)

    files = {path.name for path in (tmp_path / "definitions" / "campaigns").glob("*.json")}
    assert files == {"live.json", "paused.json"}


async def test_a_log_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    keeping.write(tmp_path, book().definitions)
    with whole.own_broker("embedded", require_kafka=False) as broker:
        await whole.make_topics(broker)

        first = await keeping.apply(tmp_path, brokers=broker.address, at=0)
        second = await keeping.apply(tmp_path, brokers=broker.address, at=0)

    assert (first > 0, second) == (True, 0)


async def test_a_broken_file_is_refused_with_its_place(tmp_path: Path) -> None:
    keeping.write(tmp_path, book().definitions)
    (tmp_path / "definitions" / "campaigns" / "live.json").write_text('{"triggers": 1}')

    with pytest.raises(Exception, match=r"campaigns/live\.json: triggers: "):
        await applied(tmp_path)


async def test_changes_are_written_as_they_happen(tmp_path: Path) -> None:
    keeping.write(tmp_path / "source", book().definitions)
    with whole.own_broker("embedded", require_kafka=False) as broker:
        await whole.make_topics(broker)
        following = asyncio.create_task(keeping.keep(tmp_path, brokers=broker.address))

        await keeping.apply(tmp_path / "source", brokers=broker.address, at=0)

        state = tmp_path / "definitions" / "state.json"
        kept = await eventually(
            lambda: (
                state.exists()
                and msgspec.json.decode(state.read_bytes(), type=keeping.KeptState).paused
            )
        )
        following.cancel()
        await asyncio.wait([following])
    assert kept == ("paused",)


async def test_an_orderly_end_keeps_what_came_since_the_last_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LOOK_EVERY_S", 3_600)
    logs: list[DefinitionsLog] = []

    def opened(*, brokers: str) -> DefinitionsLog:
        logs.append(DefinitionsLog(brokers=brokers))
        return logs[-1]

    keeping.write(tmp_path / "source", book().definitions)
    with whole.own_broker("embedded", require_kafka=False) as broker:
        await whole.make_topics(broker)
        monkeypatch.setattr(keeping, "DefinitionsLog", opened)
        following = asyncio.create_task(keeping.keep(tmp_path, brokers=broker.address))
        await eventually((tmp_path / "definitions" / "state.json").exists)
        monkeypatch.undo()
        count = await keeping.apply(tmp_path / "source", brokers=broker.address, at=0)
        await eventually(lambda: logs[0].current.offset == count - 1)

        following.cancel()
        await asyncio.wait([following])

    state = (tmp_path / "definitions" / "state.json").read_bytes()
    assert msgspec.json.decode(state, type=keeping.KeptState).paused == ("paused",)

"""X56, X57: history out of ClickHouse, as worker and sink wrote it, decided once more."""

import asyncio
import sys
from typing import Final

from api import app
from api.backtesting import running
from api.backtesting.reading import Known
from api.backtesting.running import Question
from api.services import Services, now_ms
from engine.facts import Fact
from engine.messages import Message
from tests.integration.collector import serving
from tests.integration.customers.live import Live
from tests.support.waiting import eventually

TEMPLATE: Final = {"channel": "email", "subject": "Hello {{ customer.id }}", "text": "Hello"}


def campaign(name: str, **fields: object) -> dict[str, object]:
    return {
        "triggers": [{"id": "t", "type": "T31", "params": {"event": f"Asked {name}"}}],
        "start": "wait",
        "steps": {
            "wait": {"type": "delay", "for": "1s", "next": "mail"},
            "mail": {"type": "send", "channel": "email", "template": name},
        },
        **fields,
    }


async def happened(live: Live, name: str) -> None:
    """Two customers, one as a visitor first; one says yes to mail."""
    await live.put(f"templates/{name}", TEMPLATE)
    await live.put(f"campaigns/{name}", campaign(name))
    await live.act(f"campaigns/{name}/publish")
    await live.settled()
    traits = {"email": f"{name}@shop.example", "subscriptions": {"email": True}}
    asked = {"type": "track", "event": f"Asked {name}"}
    # In a log of its own: only what was logged earlier is decided earlier, as if.
    await live.track({**asked, "anonymousId": f"d-{name}"})
    await live.track(
        {"type": "identify", "userId": name, "anonymousId": f"d-{name}", "traits": traits},
        {**asked, "userId": f"{name}-silent"},
    )
    sql = """
    SELECT count() AS count FROM oncue.facts
    WHERE campaign = {campaign:String} AND kind = 'exited' HAVING count = 2
    """
    await live.rows(sql, campaign=name)


async def test_a_version_that_ran_is_found_to_do_what_it_did_decision_for_decision(
    live: Live, opened: Services, name: str
) -> None:
    """Of this campaign and of every other that ran here, with merges, timers and switches."""
    await happened(live, name)
    known = Known(opened.definitions.at, opened.catalogue.current)
    entry = opened.definitions.current.campaigns[name]
    question = Question(entry.draft, entry.draft_version, 0, now_ms())
    found: list[object] = []

    async def is_same() -> bool:
        """What came last may still be on its way into ClickHouse."""
        found.clear()
        report = await running.run(
            opened.reader, known, question, progress=lambda _: None, seen=found.append
        )
        assert report.entered in {0, 2}
        rows = await opened.reader.rows("SELECT id FROM oncue.facts WHERE campaign != ''")
        facts = {one.id for one in found if isinstance(one, Fact) and one.campaign}
        return bool(rows) and facts == {row["id"] for row in rows}

    await eventually(is_same, within_s=30)
    rows = await opened.reader.rows("SELECT id FROM oncue.messages")
    assert {one.id for one in found if isinstance(one, Message)} == {row["id"] for row in rows}


async def test_a_draft_is_tried_on_what_happened(live: Live, name: str) -> None:
    """It sends at once where what ran waited a second: too early for the visitor's consent."""
    await happened(live, name)
    steps = {"mail": {"type": "send", "channel": "email", "template": name}}
    draft = campaign(name, start="mail", steps=steps, shadow=True)
    await live.put(f"campaigns/{name}", draft, **{"if-match": '"2"'})
    asked = {"type": "track", "userId": name, "event": f"Asked {name}"}
    await live.track(asked)

    begun = await live.act(
        f"campaigns/{name}/backtest", {"since": "2026-01-01T00:00:00Z"}, status=202
    )
    job = await live.until(f"backtests/{begun['id']}", lambda shown: shown["state"] != "running")

    assert job["state"] == "done", job["message"]
    report = job["report"]
    assert report["refused"] == {"no_consent": 2}
    assert report["fired"] == report["entered"]
    assert not report["is_as_recorded"]
    shadow = await live.until(
        f"campaigns/{name}/shadow",
        lambda shown: (
            shown["comparison"]
            and shown["comparison"]["live"]["sent"]
            and shown["comparison"]["shadow"]["sent"]
        ),
    )
    comparison = shadow["comparison"]
    assert (comparison["live"]["sent"], comparison["shadow"]["sent"]) == (1, 1)
    assert comparison["difference"]["sent"] == 0
    [sample] = comparison["report"]["samples"]
    assert sample["subject"] == f"Hello {name}"


async def test_what_cannot_be_asked_is_refused(live: Live, name: str) -> None:
    await live.put(f"templates/{name}", TEMPLATE)
    await live.put(f"campaigns/{name}", campaign(name))
    path = f"campaigns/{name}/backtest"

    late = await live.act(path, {"since": "2999-01-01T00:00:00Z"}, status=400)
    unknown = await live.act(path, {"since": "2026-01-01", "version": 7}, status=400)

    assert late["errors"][0]["path"] == "since"
    assert unknown["errors"][0]["path"] == "version"
    assert await live.status(f"campaigns/{name}/shadow") == 409


async def test_the_command_prints_what_was_found(live: Live, opened: Services, name: str) -> None:
    await happened(live, name)

    async with serving.listening(app.build(opened)) as port:
        ran = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "oncue", "backtest", name, "--since", "2026-01-01"),
            *("--url", f"http://127.0.0.1:{port}", "--admin-token", "test-admin"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await ran.communicate()

    assert ran.returncode == 0, told
    assert "entered 2, sent 1" in told.decode()
    assert "not sent: no_consent 1" in told.decode()

"""Telling many customers one thing: calls of other systems (T47), and campaigns that begin."""

from collections.abc import AsyncIterator, Mapping
from uuid import uuid4

import httpx
import msgspec
import pytest
import pytest_asyncio

from api.fanning import Fanning
from api.services import Services, now_ms
from clickhouse.client import Writer
from engine import keys
from engine.commands import Activated, Called, Command
from engine.definitions.changes import Change
from engine.definitions.fanouts import Fanout
from settings import Settings
from streams.consumer import Reader
from streams.positions import Beginning
from tests.support import log_rows

OFTEN = {"op": "attr", "path": "events_count", "is": ">=", "value": 5}


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def no_customers(writer: Writer) -> AsyncIterator[None]:
    """Everybody is told: nobody else's customers may be there."""
    await writer.command("TRUNCATE TABLE oncue.customers_log")
    yield
    await writer.command("TRUNCATE TABLE oncue.customers_log")


@pytest.fixture
def name() -> str:
    """A campaign, and an event, that no other test uses."""
    return f"t{uuid4().hex[:12]}"


@pytest.fixture
def fanning(opened: Services) -> Fanning:
    return a_process(opened)


def a_process(opened: Services) -> Fanning:
    """One that waits for nobody."""
    return Fanning(
        definitions=opened.definitions,
        reader=opened.reader,
        producer=opened.producer,
        clock=now_ms,
        per_s=0,
        settle_ms=0,
    )


async def runs(editor: httpx.AsyncClient, name: str, kind: str, **params: object) -> None:
    """A campaign with this trigger begins to run."""
    body = {
        "triggers": [{"id": "t", "type": kind, "params": params}],
        "start": "end",
        "steps": {"end": {"type": "exit"}},
    }
    assert (await editor.put(f"/api/campaigns/{name}", json=body)).is_success
    assert (await editor.post(f"/api/campaigns/{name}/publish")).is_success


async def ends(editor: httpx.AsyncClient, name: str) -> None:
    assert (await editor.delete(f"/api/campaigns/{name}")).is_success


async def there_are(writer: Writer, **events: int) -> None:
    await writer.insert([log_rows.customer(one, events_count=n) for one, n in events.items()])


async def told(config: Settings, about: str) -> list[tuple[str, Command]]:
    """Row key and command of what stands in the log about a campaign or a call."""
    found: list[tuple[str, Command]] = []
    async with Reader(brokers=config.broker) as reader:
        await reader.assign_topics(["events"], start=Beginning())
        async for records in reader.read_to_end():
            for record in records:
                try:
                    command: Command = msgspec.json.decode(record.value or b"", type=Command)
                except msgspec.ValidationError:
                    continue
                if about in {command.name, getattr(command, "campaign", "")}:
                    found.append(((record.key or b"").decode(), command))
    return sorted(found, key=lambda one: one[0])


async def call(editor: httpx.AsyncClient, name: str, **body: object) -> httpx.Response:
    return await editor.post(f"/api/events/{name}", json={"idempotency_key": "k1", **body})


async def test_named_recipients_are_told_before_the_answer(
    editor: httpx.AsyncClient, config: Settings, name: str
) -> None:
    await runs(editor, name, "T47", event=name)
    recipients, payload = ["ada", "anonymous:x", "ada"], {"amount": "12.50"}

    answer = await call(editor, name, recipients=recipients, payload=payload)
    again = await call(editor, name, recipients=recipients, payload=payload)

    assert answer.status_code == 202
    assert answer.json()["told_count"] == 2
    assert again.json() == answer.json()
    events = await told(config, name)
    assert [key for key, _ in events] == ["a:x", "a:x", "u:ada", "u:ada"]
    assert len({event.id for _, event in events}) == 2
    [payloads] = {bytes(one.payload) for _, one in events if isinstance(one, Called)}
    assert msgspec.json.decode(payloads) == payload
    await ends(editor, name)


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        ({"recipients": ["ada"]}, 422, "payload.loan.id"),
        ({"payload": {"loan": {"id": 1}}}, 400, "recipients"),
        ({"recipients": ["ada"], "rule": OFTEN, "payload": {"loan": {"id": 1}}}, 400, "recipients"),
        ({"recipients": [], "payload": {"loan": {"id": 1}}}, 400, "recipients"),
        ({"recipients": ["ada"], "payload": {"loan": {"id": 1, "x": "y" * 2048}}}, 400, "payload"),
        (
            {
                "rule": {"op": "attr", "path": "age", "is": ">", "value": "old"},
                "payload": {"loan": {"id": 1}},
            },
            422,
            "rule.value",
        ),
    ],
)
async def test_a_bad_call_is_refused_with_its_place(
    *, editor: httpx.AsyncClient, name: str, body: Mapping[str, object], status: int, path: str
) -> None:
    await runs(editor, name, "T47", event=name, schema=["loan.id"])

    answer = await call(editor, name, **body)

    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (status, path)
    await ends(editor, name)


async def test_a_call_that_nobody_listens_to_is_refused(
    editor: httpx.AsyncClient, name: str
) -> None:
    assert (await call(editor, name, recipients=["ada"])).status_code == 404


async def test_a_call_by_rule_tells_those_of_the_rule_once(
    *, editor: httpx.AsyncClient, writer: Writer, config: Settings, fanning: Fanning, name: str
) -> None:
    await runs(editor, name, "T47", event=name)
    await there_are(writer, seldom=1, often=5, always=9)

    begun = (await call(editor, name, rule=OFTEN)).json()
    await fanning.turn()
    again = (await call(editor, name, rule=OFTEN)).json()
    await fanning.turn()

    assert (begun["state"], begun["told_count"]) == ("running", 0)
    assert (again["state"], again["told_count"]) == ("done", 2)
    assert (await editor.get(begun["url"])).json() == again
    assert [key for key, _ in await told(config, name)] == ["u:always", "u:often"]
    await ends(editor, name)


async def test_a_campaign_that_begins_is_told_to_everybody_once(
    *, editor: httpx.AsyncClient, writer: Writer, config: Settings, fanning: Fanning, name: str
) -> None:
    await there_are(writer, ada=1, bob=1)
    await runs(editor, name, "T42")

    await fanning.turn()
    await fanning.turn()

    events = await told(config, name)
    assert [(key, isinstance(one, Activated)) for key, one in events] == [
        ("u:ada", True),
        ("u:bob", True),
    ]
    await ends(editor, name)


async def test_another_process_goes_on_where_one_ended(
    *,
    editor: httpx.AsyncClient,
    writer: Writer,
    config: Settings,
    opened: Services,
    name: str,
) -> None:
    await there_are(writer, ada=1, bob=1, cyd=1)
    await runs(editor, name, "T44", start="2030-01-01T09:00")
    half = Fanout(
        id=f"campaign:{name}",
        campaign=name,
        version=opened.definitions.current.campaigns[name].published_version,
        after="ada",
        told_count=1,
        begun_at=0,
        by="gone",
    )
    silent_since = 0
    await opened.definitions.change(
        Change(
            change_id=name,
            kind="fanouts",
            id=half.id,
            action="put",
            based_on=0,
            body=msgspec.Raw(msgspec.json.encode(half)),
            at=silent_since,
        )
    )

    await a_process(opened).turn()

    assert [key for key, _ in await told(config, name)] == ["u:bob", "u:cyd"]
    entry = opened.definitions.current.fanouts[half.id].fanout
    assert (entry.state, entry.told_count, entry.after) == ("done", 3, "cyd")
    assert keys.from_public_id(entry.after) == "u:cyd"
    await ends(editor, name)


async def test_a_campaign_without_clocks_has_nobody_to_tell(
    editor: httpx.AsyncClient, opened: Services, fanning: Fanning, name: str
) -> None:
    await runs(editor, name, "T31", event="Play")

    await fanning.turn()

    assert f"campaign:{name}" not in opened.definitions.current.fanouts
    await ends(editor, name)

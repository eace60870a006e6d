"""X62: `oncue apply`, `oncue diff` and `oncue export DIR`, as a person runs them."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from api import app
from api.services import Services
from oncue.applying import planning
from oncue.applying.carrying import Carrier
from oncue.applying.documents import Key
from oncue.applying.errors import MovedOnError
from oncue.applying.remote import Remote
from tests.integration.api.commands import run
from tests.integration.collector import serving
from tests.support import filed

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder of definitions whose ids no other test uses; all have its name."""
    name = f"shop-{uuid4().hex[:12]}"
    trigger = {"id": "t", "type": "T01", "audience": {"op": "in_segment", "segment": name}}
    step = {"type": "send", "channel": "email", "template": name}
    write(tmp_path / name, "templates", {"subject": "Hello", "text": "You there?"})
    write(
        tmp_path / name, "segments", {"rule": {"op": "attr", "path": "age", "is": ">", "value": 3}}
    )
    write(
        tmp_path / name,
        "campaigns",
        {"triggers": [trigger], "start": "s1", "steps": {"s1": step}},
    )
    return tmp_path / name


def write(shop: Path, kind: str, body: object) -> None:
    file = shop / kind / f"{shop.name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(body))


async def test_a_folder_is_applied_once_and_told_line_by_line(
    opened: Services, editor: httpx.AsyncClient, shop: Path
) -> None:
    """X62."""
    name = shop.name

    planned = await run(opened, str(shop), "--dry-run", command="apply")
    before = await editor.get(f"/api/templates/{name}")
    first = await run(opened, str(shop), command="apply")
    second = await run(opened, str(shop), command="apply")
    campaign = (await editor.get(f"/api/campaigns/{name}")).json()

    assert (planned[0], before.status_code) == (0, 404), planned[1]
    assert f"campaigns/{name}: would save, publish" in planned[1].splitlines()
    assert first[0] == 0, first[1]
    assert first[1].splitlines()[:3] == [
        f"segments/{name}: saved",
        f"templates/{name}: saved",
        f"campaigns/{name}: saved, published",
    ]
    assert (second[0], second[1].startswith("0 done, 3 were so already")) == (0, True), second[1]
    assert (campaign["status"], campaign["revision"]) == ("live", 2)


async def test_an_export_is_the_same_as_what_is_there_and_stays_the_same_bytes(
    opened: Services, shop: Path, tmp_path: Path
) -> None:
    await run(opened, str(shop), command="apply")
    one, two = tmp_path / "one", tmp_path / "two"

    exported = await run(opened, str(one), command="export")
    compared = await run(opened, str(one), command="diff")
    applied = await run(opened, str(one), command="apply")
    await run(opened, str(two), command="export")

    assert [code for code, _ in (exported, compared, applied)] == [0, 0, 0], compared[1]
    assert (one / "templates" / f"{shop.name}.json").exists()
    assert contents(one) == contents(two)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


async def test_a_difference_is_told_field_by_field_and_applied(
    opened: Services, editor: httpx.AsyncClient, shop: Path
) -> None:
    await run(opened, str(shop), command="apply")
    write(shop, "templates", {"subject": "Good day", "text": "You there?"})

    compared = await run(opened, str(shop), command="diff")
    applied = await run(opened, str(shop), command="apply")

    lines = compared[1].splitlines()
    place = lines.index(f"templates/{shop.name}: changed")
    assert (compared[0], lines[place + 1]) == (1, '  subject: "Hello" -> "Good day"')
    assert applied[0] == 0, applied[1]
    template = (await editor.get(f"/api/templates/{shop.name}")).json()
    assert (template["subject"], template["revision"]) == ("Good day", 2)


async def test_of_a_folder_with_one_wrong_file_nothing_is_applied(
    opened: Services, editor: httpx.AsyncClient, shop: Path
) -> None:
    name = shop.name
    write(shop, "segments", {"rule": {"op": "in_segment", "id": "n7", "segment": "nobody"}})

    applied = await run(opened, str(shop), command="apply")
    compared = await run(opened, str(shop), command="diff")

    assert (applied[0], compared[0]) == (1, 2)
    assert any(
        line.startswith(f"segments/{name}.json: rule") and line.endswith("(node n7)")
        for line in applied[1].splitlines()
    ), applied[1]
    assert (await editor.get(f"/api/templates/{name}")).status_code == 404


async def test_new_campaigns_that_name_each_other_are_applied(
    opened: Services, editor: httpx.AsyncClient, tmp_path: Path
) -> None:
    shop = tmp_path / f"pair-{uuid4().hex[:12]}"
    first, second = f"{shop.name}-a", f"{shop.name}-b"
    (shop / "campaigns").mkdir(parents=True)
    (shop / "campaigns" / f"{first}.json").write_text(
        json.dumps(
            {
                "triggers": [{"id": "t", "type": "T01"}],
                "start": "s1",
                "steps": {"s1": {"type": "start_campaign", "campaign": second}},
            }
        )
    )
    params = {"campaigns": [first], "outcomes": ["started"]}
    (shop / "campaigns" / f"{second}.json").write_text(
        json.dumps(
            {
                "triggers": [{"id": "t", "type": "T48", "params": params}],
                "start": "s1",
                "steps": {"s1": {"type": "exit"}},
            }
        )
    )

    code, told = await run(opened, str(shop), command="apply")

    assert code == 0, told
    statuses = [
        (await editor.get(f"/api/campaigns/{one}")).json()["status"] for one in (first, second)
    ]
    assert statuses == ["live", "live"]


async def test_a_revision_that_moved_on_is_refused_and_with_force_written_over(
    opened: Services, editor: httpx.AsyncClient
) -> None:
    """What was read is behind by one when it is carried out."""
    name = f"raced-{uuid4().hex[:12]}"
    await editor.put(f"/api/templates/{name}", json={"subject": "One", "text": "t"})
    here = filed.wanted("templates", name, {"subject": "Three", "text": "t"})
    key = Key("templates", name)

    async with serving.listening(app.build(opened)) as port:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers=editor.headers, trust_env=False
        ) as client:
            remote = Remote(client)
            there = await asyncio.to_thread(remote.one, key)
            steps = [planning.step(here, there)]
            await editor.put(
                f"/api/templates/{name}",
                json={"subject": "Two", "text": "t"},
                headers={"if-match": '"1"'},
            )
            told: list[str] = []
            careful, bold = (
                Carrier(remote, wanted={key: here}, forces=forces, tell=told.append)
                for forces in (False, True)
            )
            with pytest.raises(MovedOnError, match="somebody changed it"):
                await asyncio.to_thread(careful.carry, steps)
            await asyncio.to_thread(bold.carry, steps)

    template = (await editor.get(f"/api/templates/{name}")).json()
    assert (told, template["subject"], template["revision"]) == (
        [f"templates/{name}: saved"],
        "Three",
        3,
    )


async def test_what_is_missing_here_is_deleted_users_first(
    opened: Services, editor: httpx.AsyncClient, shop: Path
) -> None:
    """Only of this folder: the whole installation belongs to other tests."""
    await run(opened, str(shop), command="apply")
    async with serving.listening(app.build(opened)) as port:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers=editor.headers, trust_env=False
        ) as client:
            remote = Remote(client)
            found = await asyncio.to_thread(remote.standing)
            own = {key: one for key, one in found.items() if key.id == shop.name}
            steps = planning.plan([], own, prunes=True)
            await asyncio.to_thread(
                Carrier(remote, wanted={}, forces=False, tell=lambda _: None).carry, steps
            )

    gone = [await editor.get(f"/api/{key.kind}/{key.id}") for key in own]
    assert [answer.status_code for answer in gone] == [404, 404, 404]

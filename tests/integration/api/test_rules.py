"""Rules over HTTP: read, numbered, written, and refused node by node."""

from uuid import uuid4

import httpx
import pytest

from tests.integration.api.test_definitions import campaign

TREE = {
    "op": "all",
    "of": [
        {"op": "metric", "name": "receipts_count", "is": ">=", "value": 1},
        {"op": "attr", "path": "age", "is": ">=", "value": 30, "id": "old"},
    ],
}
TEXT = 'n1: all(n2: metric("receipts_count") >= 1, old: attr("age") >= 30)'


@pytest.fixture
def name() -> str:
    """A campaign that no other test has."""
    return f"test-{uuid4().hex[:12]}"


async def test_a_tree_and_its_text_are_two_forms_of_one_rule(editor: httpx.AsyncClient) -> None:
    of_tree = (await editor.post("/api/rules/check", json={"rule": TREE})).json()
    of_text = (await editor.post("/api/rules/check", json={"text": TEXT})).json()

    assert (of_tree["valid"], of_tree["errors"], of_tree["text"]) == (True, [], TEXT)
    assert of_tree == of_text
    assert [node["id"] for node in of_tree["rule"]["of"]] == ["n2", "old"]


async def test_what_is_wrong_is_told_at_its_node_and_the_rule_is_shown(
    editor: httpx.AsyncClient,
) -> None:
    wrong = {"op": "not", "of": {"op": "attr", "path": "agee", "is": ">", "value": 1}}

    answer = await editor.post("/api/rules/check", json={"rule": wrong})

    told = answer.json()
    assert (answer.status_code, told["valid"]) == (200, False)
    assert told["rule"]["of"]["id"] == "n2"
    assert told["errors"] == [
        {
            "path": "of.path",
            "message": "there is no attribute 'agee': did you mean 'age'?",
            "node": "n2",
        }
    ]


async def test_what_cannot_be_read_has_its_place_and_no_tree(editor: httpx.AsyncClient) -> None:
    text = (await editor.post("/api/rules/check", json={"text": 'all(attr("a") ='})).json()
    tree = (await editor.post("/api/rules/check", json={"rule": {"op": "al"}})).json()

    assert (text["rule"], text["errors"][0]["path"]) == (None, "text:1:16")
    assert (tree["rule"], tree["errors"][0]["path"]) == (None, "op")


async def test_both_forms_or_none_are_no_question(editor: httpx.AsyncClient) -> None:
    both = await editor.post("/api/rules/check", json={"rule": TREE, "text": TEXT})
    none = await editor.post("/api/rules/check", json={})

    assert [answer.json()["code"] for answer in (both, none)] == ["invalid_body", "invalid_body"]


async def test_the_schema_names_every_operator(editor: httpx.AsyncClient) -> None:
    schema = (await editor.get("/api/rules/schema")).json()

    operators = schema["discriminator"]["mapping"]
    assert {"all", "attr", "did", "bought", "sample"} <= set(operators)


async def test_a_rule_that_means_nothing_here_is_refused_at_its_node(
    editor: httpx.AsyncClient, name: str
) -> None:
    audience = {"op": "metric", "id": "big", "name": "receipts_sum", "is": ">", "value": 100}

    trigger = {"id": "idle", "type": "T01", "audience": audience}
    body = {**campaign("mail"), "triggers": [trigger]}
    answer = await editor.put(f"/api/campaigns/{name}", json=body)

    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["path"].startswith("triggers[0].audience")
    assert error["node"] == "big"


async def test_a_rule_is_answered_with_an_id_on_every_node(
    editor: httpx.AsyncClient, name: str
) -> None:
    audience = {"op": "metric", "name": "receipts_count", "is": ">", "value": 1}

    trigger = {"id": "idle", "type": "T01", "audience": audience}
    body = {**campaign("mail"), "triggers": [trigger]}
    answer = await editor.put(f"/api/campaigns/{name}", json=body)

    assert answer.json()["triggers"][0]["audience"] == {
        **audience,
        "id": "n1",
        "tz": "company",
        "fold_case": False,
    }

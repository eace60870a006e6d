"""The manual of campaigns names all there is, and its example can be saved."""

import re
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
import pytest

from engine.definitions import changes, installation, steps
from engine.definitions.folded import Definitions
from engine.definitions.policies import Policy
from engine.definitions.steps import Step
from engine.definitions.triggers.types import Trigger

MANUAL: Final = (Path(__file__).parents[4] / "docs" / "campaigns.md").read_text()
EXAMPLES: Final = re.findall(r"```json\n(.*?)\n```", MANUAL, re.DOTALL)
ROWS: Final = dict(re.findall(r"^\| `?(\w+)`? \| (.*) \|$", MANUAL, re.MULTILINE))


def fields(struct: Any) -> set[str]:  # noqa: ANN401  a class of msgspec's
    return set(struct.__struct_encode_fields__)


@pytest.mark.parametrize("trigger", get_args(Trigger), ids=lambda one: one.__name__)
def test_each_trigger_is_there_with_all_its_parameters(trigger: Any) -> None:  # noqa: ANN401
    [params] = [field.type for field in msgspec.structs.fields(trigger) if field.name == "params"]

    told = ROWS[str(trigger.__struct_config__.tag)]

    assert fields(params) <= set(re.findall(r"`(\w+)`", told))


@pytest.mark.parametrize("step", get_args(Step), ids=lambda one: one.__name__)
def test_each_step_is_there(step: Any) -> None:  # noqa: ANN401
    assert str(step.__struct_config__.tag) in ROWS


def test_what_every_trigger_has_is_told() -> None:
    for name in fields(get_args(Trigger)[0]) - {"id", "params"}:
        assert f"`{name}`" in MANUAL


def test_the_examples_can_be_saved() -> None:
    example, *_ = EXAMPLES
    [policy] = [one for one in EXAMPLES if '"id": "default"' in one]

    campaign = changes.decode_campaign(example.encode())

    assert installation.flaws(campaign, Definitions()) == []
    assert changes.decode_policy(policy.encode()).id == "default"


def test_what_a_policy_has_is_told() -> None:
    for name in fields(Policy) - {"id", "name"}:
        assert f"`{name}`" in MANUAL or f'"{name}"' in MANUAL


@pytest.mark.parametrize("example", [one for one in EXAMPLES if '"type"' in one.split("\n")[1]])
def test_the_examples_of_steps_are_steps(example: str) -> None:
    step = msgspec.json.decode(example, type=Step)

    assert steps.flaws(step, path="steps.example") == []

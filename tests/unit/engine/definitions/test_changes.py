"""A definition that is none is refused with every place."""

import msgspec
import pytest

from engine.definitions import changes
from engine.errors import Flaw, InvalidDefinitionError

STEP = {"type": "send", "channel": "email", "template": "mail"}
CAMPAIGN = {
    "id": "cart",
    "triggers": [{"id": "idle", "type": "T01"}],
    "start": "s1",
    "steps": {"s1": STEP},
}


def flaws_of(**fields: object) -> tuple[Flaw, ...]:
    with pytest.raises(InvalidDefinitionError) as caught:
        changes.decode_campaign(msgspec.json.encode({**CAMPAIGN, **fields}))
    return caught.value.flaws


def test_the_example_is_a_campaign() -> None:
    assert changes.decode_campaign(msgspec.json.encode(CAMPAIGN)).start == "s1"


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ({"type": "send", "channel": "email"}, "steps.bad"),
        ({**STEP, "channel": "smoke"}, "steps.bad.channel"),
        ({**STEP, "type": "dance"}, "steps.bad.type"),
        ({**STEP, "more": 1}, "steps.bad"),
        (None, "steps.bad"),
        ({**STEP, "template": msgspec.Raw(b"1e400")}, "steps.bad.template"),
    ],
)
def test_a_flaw_in_a_step_names_the_step(step: object, path: str) -> None:
    [flaw] = flaws_of(steps={"s1": STEP, "bad": step, "other": STEP})

    assert flaw.path == path


def test_every_flaw_is_told_at_once() -> None:
    triggers = [{"id": "a", "type": "T01", "params": {"idle": "0m"}}, {"id": "a", "type": "T01"}]

    found = flaws_of(triggers=triggers, steps={"s1": STEP, "s2": STEP})

    assert [flaw.path for flaw in found] == ["triggers", "triggers[0].params.idle", "steps.s2"]

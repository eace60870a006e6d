"""T01 over public shop logs fires exactly as computed independently of us."""

import io
import json
from pathlib import Path
from typing import Final

import msgspec
import pytest

from oncue import simulate
from oncue.simulate import Request, SimulationLine

DATA: Final = Path(__file__).parents[3] / "shared" / "data"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the data folder {DATA} is absent"),
]


def cart_campaign(root: Path, *, idle_minutes: int) -> Path:
    campaign = {
        "id": "cart",
        "triggers": [{"id": "idle", "type": "T01", "params": {"idle": f"{idle_minutes}m"}}],
        "start": "s1",
        "steps": {"s1": {"type": "send", "channel": "email", "template": "mail"}},
    }
    template = {"id": "mail", "subject": "Your cart", "text": "It waits."}
    for kind, body in (("campaigns", campaign), ("templates", template)):
        (root / kind).mkdir(parents=True)
        (root / kind / f"{body['id']}.json").write_text(json.dumps(body))
    return root


@pytest.mark.parametrize("idle_minutes", [5, 10, 30])
@pytest.mark.parametrize(
    ("format_name", "file"),
    [
        ("rees46", "rees46_2019-10-01_0000-0250.csv.gz"),
        ("taobao", "taobao_2017-11-26_0100-0255.csv.gz"),
    ],
)
def test_firings_are_those_computed_independently(
    tmp_path: Path, *, format_name: str, file: str, idle_minutes: int
) -> None:
    expected = json.loads((DATA / "triggers.json").read_text())["T01"][file][str(idle_minutes)]
    out = tmp_path / "decisions.ndjson"
    request = Request(
        file=DATA / file,
        format_name=format_name,
        definitions=cart_campaign(tmp_path / "definitions", idle_minutes=idle_minutes),
        out=out,
    )

    assert simulate.run(request, told=io.StringIO()) == 0

    lines = msgspec.json.Decoder(SimulationLine).decode_lines(out.read_bytes())
    fired = [line.customer for line in lines if line.kind == "fired"]
    assert {"firings": len(fired), "customers": len(set(fired))} == expected

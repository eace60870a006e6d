"""`oncue simulate` over small files of our own: what it writes, and what it says beside it."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import pytest

from oncue import simulate
from oncue.simulate import Request

CAMPAIGN: Final = {
    "id": "cart",
    "category": "promo",
    "triggers": [{"id": "idle", "type": "T01", "params": {"idle": "30m"}}],
    "start": "s1",
    "steps": {"s1": {"type": "send", "channel": "email", "template": "mail"}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "definitions"
    for kind, body in (
        ("campaigns", CAMPAIGN),
        ("templates", {"id": "mail", "subject": "Your cart", "text": "It waits."}),
    ):
        (root / kind).mkdir(parents=True)
        (root / kind / f"{body['id']}.json").write_text(json.dumps(body))
    return root


def morning(path: Path, *messages: Mapping[str, object]) -> Path:
    path.write_text("".join(json.dumps(message) + "\n" for message in messages))
    return path


def identify(user: str, at: str, **traits: object) -> dict[str, object]:
    return {"type": "identify", "userId": user, "timestamp": f"2026-03-02T{at}Z", "traits": traits}


def track(user: str, at: str, event: str, **properties: object) -> dict[str, object]:
    return {
        "type": "track",
        "userId": user,
        "timestamp": f"2026-03-02T{at}Z",
        "event": event,
        "properties": properties,
    }


def add(user: str, at: str) -> dict[str, object]:
    return track(user, at, "Product Added", product_id="tea", price="3.50")


def lines_of(request: Request, *, told: io.StringIO | None = None) -> list[dict[str, object]]:
    out = request.file.with_suffix(".decisions")
    assert simulate.run(msgspec.structs.replace(request, out=out), told=told or io.StringIO()) == 0
    return [json.loads(line) for line in out.read_text().splitlines()]


def test_a_reminder_is_four_decisions_at_the_instant_it_was_due(
    tmp_path: Path, folder: Path
) -> None:
    file = morning(
        tmp_path / "m",
        identify("ann", "08:00:00", email="ann@example.com", subscriptions={"email": True}),
        add("ann", "08:00:10"),
        track("bob", "09:00:00", "Product Viewed", product_id="tea"),
    )

    lines = lines_of(Request(file=file, format_name="segment", definitions=folder))

    assert lines == [
        {
            "at": "2026-03-02T08:30:10.000Z",
            "customer": "ann",
            "kind": kind,
            "campaign": "cart",
            "trigger": "idle",
            "reason": reason,
        }
        for kind, reason in [
            ("fired", None),
            ("entered", None),
            ("sent", "admitted"),
            ("exited", "completed"),
        ]
    ]


@pytest.mark.parametrize(
    ("traits", "reason"),
    [
        ({"email": "ann@example.com"}, "no_consent"),
        ({"email": "ann@example.com", "subscriptions": {"email": False}}, "no_consent"),
        ({"subscriptions": {"email": True}}, "no_address"),
    ],
)
def test_who_may_not_be_written_to_still_fires(
    tmp_path: Path, folder: Path, traits: dict[str, object], reason: str
) -> None:
    file = morning(tmp_path / "m", identify("ann", "08:00:00", **traits), add("ann", "08:00:10"))
    request = Request(
        file=file, format_name="segment", definitions=folder, until="2026-03-02T12:00:00Z"
    )

    lines = lines_of(request)

    assert [(line["kind"], line["reason"]) for line in lines if line["kind"] != "entered"] == [
        ("fired", None),
        ("not_sent", reason),
        ("exited", "completed"),
    ]


def test_a_purchase_in_time_means_silence(tmp_path: Path, folder: Path) -> None:
    file = morning(
        tmp_path / "m",
        add("ann", "08:00:00"),
        track("ann", "08:29:59", "Order Completed", order_id="o1"),
        track("bob", "10:00:00", "Product Viewed", product_id="tea"),
    )

    assert lines_of(Request(file=file, format_name="segment", definitions=folder)) == []


def test_a_timer_due_at_the_purchase_fires_before_it(tmp_path: Path, folder: Path) -> None:
    file = morning(
        tmp_path / "m",
        add("ann", "08:00:00"),
        track("ann", "08:30:00", "Order Completed", order_id="o1"),
    )

    lines = lines_of(Request(file=file, format_name="segment", definitions=folder))

    assert lines[0]["kind"] == "fired"


def test_a_visitor_nobody_knows_is_called_by_the_device(tmp_path: Path, folder: Path) -> None:
    message = {**add("ann", "08:00:00"), "anonymousId": "d1"}
    del message["userId"]
    file = morning(tmp_path / "m", message)
    request = Request(
        file=file, format_name="segment", definitions=folder, until="2026-03-02T08:30:00Z"
    )

    assert lines_of(request)[0]["customer"] == "anonymous:d1"


def test_lines_passed_over_are_told_and_the_rest_decided(tmp_path: Path, folder: Path) -> None:
    file = tmp_path / "m"
    nobody = {"type": "track", "event": "x", "timestamp": "2026-03-02T08:00:01Z"}
    morning(file, add("ann", "08:00:00"), nobody)
    file.write_text(file.read_text() + "{broken\n" + json.dumps(add("bob", "08:30:00")) + "\n")
    told = io.StringIO()

    lines = lines_of(Request(file=file, format_name="segment", definitions=folder), told=told)

    assert [line["customer"] for line in lines if line["kind"] == "fired"] == ["ann"]
    malformed, refused, count = told.getvalue().splitlines()
    assert malformed.startswith("line 3: invalid_json")
    assert refused.startswith("line 2: ")
    assert count == "2 lines passed over"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"format_name": "xml"}, "unknown format 'xml': choose one of rees46, taobao, segment"),
        ({"file": Path("/gone.csv")}, "no such file: /gone.csv"),
        ({"definitions": Path("/gone")}, "/gone: no such folder"),
        (
            {"until": "noon"},
            "--until: 'noon' is no time: write it like \"2026-11-22T10:00:00Z\"",
        ),
        ({"out": Path("/gone/out")}, "cannot write /gone/out: No such file or directory"),
        ({"format_name": "taobao"}, "{file}: the first line has no column user_id, item_id, "),
    ],
)
def test_a_mistake_is_told_in_one_line(
    tmp_path: Path, folder: Path, changes: dict[str, object], complaint: str
) -> None:
    file = morning(tmp_path / "m", add("ann", "08:00:00"))
    asked = Request(file=file, format_name="segment", definitions=folder)
    told = io.StringIO()

    code = simulate.run(msgspec.structs.replace(asked, **changes), told=told)

    assert code == 1
    (line,) = told.getvalue().splitlines()
    assert line.startswith(complaint.format(file=file))


def test_a_mistake_leaves_an_earlier_output_as_it_was(tmp_path: Path, folder: Path) -> None:
    out = tmp_path / "out"
    out.write_text("earlier")
    (folder / "campaigns" / "cart.json").write_text("{")
    file = morning(tmp_path / "m", add("ann", "08:00:00"))
    request = Request(file=file, format_name="segment", definitions=folder, out=out)

    assert simulate.run(request, told=io.StringIO()) == 1
    assert out.read_text() == "earlier"


def test_decisions_go_to_standard_output_by_default(
    tmp_path: Path, folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = morning(tmp_path / "m", add("ann", "08:00:00"), add("bob", "08:30:00"))

    simulate.run(Request(file=file, format_name="segment", definitions=folder))

    captured = capfdbinary.readouterr()
    assert captured.out.count(b"\n") == 4
    assert captured.err == b""

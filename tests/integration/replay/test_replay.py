"""A replay loses nothing, repeats nothing and never runs ahead of the clock."""

import io
import json
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from rich.console import Console

from oncue.replay import command
from oncue.replay.collector import Collector
from oncue.replay.command import Request
from oncue.replay.errors import CollectorAwayError
from oncue.replay.tally import Tally
from tests.integration.replay import recording
from tests.integration.replay.recording import RecordingCollector, Told
from tests.support.ports import free_port
from tests.support.waiting import eventually_now


@pytest.fixture
def collector() -> Iterator[RecordingCollector]:
    with recording.recording() as collector:
        yield collector


def market(path: Path, *seconds: int) -> Path:
    """A file of views at the given seconds, of three customers in turn."""
    lines = [f"{line % 3},11,13,pv,{1_511_658_000 + at}\n" for line, at in enumerate(seconds)]
    path.write_text("".join(lines))
    return path


def replay(file: Path, url: str, *, speed: float = 1e9, key: str = "demo") -> tuple[int, list[str]]:
    """Run the command; its exit code and what it printed after the bar."""
    out = io.StringIO()
    request = Request(file=file, format_name="taobao", speed=speed, url=url, write_key=key)
    code = command.run(request, console=Console(file=out, width=200))
    return code, [line.strip() for line in out.getvalue().splitlines() if line.strip()]


def ids(collector: RecordingCollector) -> list[object]:
    return [message["messageId"] for batch in collector.batches for message in batch]


def test_every_event_arrives_once_and_in_the_files_order(
    tmp_path: Path, collector: RecordingCollector
) -> None:
    file = market(tmp_path / "m", *range(1_234))

    code, printed = replay(file, collector.url)

    assert code == 0
    assert ids(collector) == [f"m:{line}" for line in range(1, 1_235)]
    assert "1234/1234" in printed[-2]
    assert printed[-1].startswith("1,234 of 1,234 events stored in ")
    assert printed[-1].endswith("0 rejected, 0 not sent, 0 retries")


def test_batches_keep_within_the_collectors_limits(
    tmp_path: Path, collector: RecordingCollector
) -> None:
    file = tmp_path / "m"
    message = {
        "type": "track",
        "userId": "u",
        "event": "x",
        "timestamp": "2026-03-02T08:00:00Z",
        "properties": {"novel": "x" * 20_000},
    }
    file.write_text((json.dumps(message) + "\n") * 100)
    request = Request(file=file, format_name="segment", speed=1e9, url=collector.url)

    assert command.run(request, console=Console(file=io.StringIO())) == 0
    assert len(ids(collector)) == 100
    assert max(collector.sizes) <= 500 * 1024

    replay(market(tmp_path / "many", *range(1_100)), collector.url)
    assert max(len(batch) for batch in collector.batches) <= 500


def test_no_event_is_sent_before_its_time_comes(
    tmp_path: Path, collector: RecordingCollector
) -> None:
    file = market(tmp_path / "m", 0, 0, 10, 20, 30, 30, 60)

    began_s = time.time()
    replay(file, collector.url, speed=100)

    sent = [
        (datetime.fromisoformat(str(message["timestamp"])).timestamp(), received_s)
        for batch, received_s in zip(collector.batches, collector.received_at, strict=True)
        for message in batch
    ]
    assert all(at <= received_s for at, received_s in sent)
    assert [round(at - sent[0][0], 3) for at, _ in sent] == [0, 0, 0.1, 0.2, 0.3, 0.3, 0.6]
    assert sent[0][0] >= began_s - 0.001


@pytest.mark.parametrize("told", ["later", "soon", "cut"])
def test_what_was_not_answered_is_sent_again(
    tmp_path: Path, collector: RecordingCollector, told: Told
) -> None:
    collector.script = [told]

    code, printed = replay(market(tmp_path / "m", *range(700)), collector.url)

    assert code == 0
    assert list(collector.stored) == [f"m:{line}" for line in range(1, 701)]
    assert printed[-1].endswith("0 rejected, 0 not sent, 1 retries")


def test_the_time_a_busy_collector_asks_for_is_given(
    tmp_path: Path, collector: RecordingCollector
) -> None:
    collector.script = ["later"]

    replay(market(tmp_path / "m", 0), collector.url)

    assert collector.received_at[1] - collector.received_at[0] >= 1


def test_a_replay_outlives_a_restart_of_the_collector(tmp_path: Path) -> None:
    collector = RecordingCollector(free_port())
    file = market(tmp_path / "m", *range(300))
    outcome: list[tuple[int, list[str]]] = []
    thread = threading.Thread(target=lambda: outcome.append(replay(file, collector.url, speed=150)))

    with recording.listening(collector):
        thread.start()
        eventually_now(lambda: len(collector.stored) >= 50)
    before_count = len(collector.stored)
    with recording.listening(collector):
        thread.join()

    assert 50 <= before_count < 300
    assert outcome[0][0] == 0
    assert list(collector.stored) == [f"m:{line}" for line in range(1, 301)]


def test_a_rejected_event_is_counted_and_fails_the_command(
    tmp_path: Path, collector: RecordingCollector
) -> None:
    collector.rejects = {"m:2"}

    code, printed = replay(market(tmp_path / "m", 0, 1, 2), collector.url)

    assert code == 1
    assert printed[-1].startswith("2 of 3 events stored")
    assert "1 rejected" in printed[-1]


def test_a_refused_batch_fails_the_command_and_not_the_next_batch(
    tmp_path: Path, collector: RecordingCollector
) -> None:
    collector.script = ["bad"]

    code, printed = replay(market(tmp_path / "m", *range(700)), collector.url)

    assert code == 1
    assert len(collector.stored) in range(1, 700)
    assert "answered 400" in printed[-1]


def test_malformed_lines_are_told_and_the_rest_is_sent(
    tmp_path: Path, collector: RecordingCollector
) -> None:
    file = market(tmp_path / "m", 0, 1)
    file.write_text(file.read_text() + "broken\n7,11,13,pv,1511658009\n")

    code, printed = replay(file, collector.url)

    assert code == 0
    assert list(collector.stored) == ["m:1", "m:2", "m:4"]
    assert printed[0] == "line 3: 1 cells instead of 5"
    assert printed[-1] == "1 lines passed over"


def test_a_wrong_key_is_told_in_one_line(tmp_path: Path, collector: RecordingCollector) -> None:
    code, printed = replay(market(tmp_path / "m", 0), collector.url, key="guess")

    assert (code, printed) == (1, [f"{collector.url}/v1/batch does not know this key (401)"])


def test_a_page_that_is_no_collector_is_told_in_one_line(
    tmp_path: Path, collector: RecordingCollector
) -> None:
    collector.script = ["nonsense"]

    code, printed = replay(market(tmp_path / "m", 0), collector.url)

    assert code == 1
    assert printed[-1] == f"{collector.url}/v1/batch does not answer as a collector does"


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://127.0.0.1:{port}", "cannot reach http://127.0.0.1:{port}/v1/batch: "),
        ("{collector}/other", "{collector}/other/v1/batch is no collector (404)"),
        ("localhost:8080", "localhost:8080/v1/batch is no address: "),
    ],
)
def test_a_wrong_url_is_told_in_one_line(
    tmp_path: Path, collector: RecordingCollector, url: str, complaint: str
) -> None:
    names = {"port": free_port(), "collector": collector.url}

    code, printed = replay(market(tmp_path / "m", 0), url.format(**names))

    assert code == 1
    (line,) = printed
    assert line.startswith(complaint.format(**names))


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_speed_no_clock_can_do_is_told_in_one_line(tmp_path: Path, speed: float) -> None:
    code, printed = replay(market(tmp_path / "m", 0), "http://127.0.0.1:1", speed=speed)

    assert (code, printed) == (1, [f"speed {speed} is not above 0"])


def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    code, printed = replay(tmp_path / "gone", "http://127.0.0.1:1")

    assert (code, printed) == (1, [f"no such file: {tmp_path / 'gone'}"])


async def test_a_collector_that_is_busy_for_ever_is_given_up(
    collector: RecordingCollector,
) -> None:
    collector.script = ["soon"] * 100
    client = Collector(collector.url, key="demo", patience_s=0.5)

    with pytest.raises(CollectorAwayError, match=r"gave up .* answered 429"):
        await client.post([b"{}"], Tally(total_count=1))
    await client.close()

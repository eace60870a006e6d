"""S14: what libraries put into their messages never reaches our log."""

import logging
from collections.abc import Iterator

import orjson
import pytest
import structlog

import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def said(capfdbinary: pytest.CaptureFixture[bytes]) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in capfdbinary.readouterr().out.splitlines()]


def test_a_log_event_is_a_line_of_json(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    logs.configure("info")

    structlog.get_logger().info("message_deferred", customer_id="17")

    [line] = said(capfdbinary)
    assert (line["event"], line["customer_id"], line["level"]) == (
        "message_deferred",
        "17",
        "info",
    )


def test_below_the_level_nothing_is_said(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    logs.configure("warning")

    structlog.get_logger().info("message_deferred")

    assert said(capfdbinary) == []


def test_a_librarys_message_is_left_out(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    logs.configure("info")

    logging.getLogger("faust.topics").error("DROPPED MESSAGE k=%r", "anna@example.com")

    [line] = said(capfdbinary)
    assert line["library"] == "faust.topics"
    assert "anna" not in orjson.dumps(line).decode()

"""The command as a person meets it: every option is explained, a failure is one line."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator

from oncue import cli
from tests.support.ports import free_port


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """One and those below it."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)


def test_help_explains_every_option() -> None:
    silent = [
        f"{parser.prog} {action.dest}"
        for parser in parsers(cli._parser())
        for action in parser._actions
        if not action.help and not isinstance(action, argparse._SubParsersAction)
    ]

    assert silent == []


def test_a_clickhouse_that_is_away_is_one_line() -> None:
    port = free_port()
    environment = {**os.environ, "ONCUE_CLICKHOUSE": f"http://127.0.0.1:{port}"}

    ended = subprocess.run(
        [sys.executable, "-m", "oncue", "migrate"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    assert (ended.stdout, ended.stderr.splitlines()) == (
        "",
        [f"no ClickHouse answers at 127.0.0.1:{port}: Connection refused"],
    )

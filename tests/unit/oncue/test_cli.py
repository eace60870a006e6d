"""The command as a person meets it: every option is explained, a failure is one line."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["customers"], "customers need a FILE; a folder of that name is ./customers"),
        (["receipts", "x.csv"], "cannot be exported into a FILE: choose from customers"),
        (["shop", "--format", "csv"], "definitions are JSON"),
    ],
)
def test_what_is_to_be_exported_is_never_guessed(
    capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["export", *arguments])

    assert (ended.value.code, reason in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize(("command", "code"), [("apply", 1), ("diff", 2), ("export", 1)])
def test_an_api_that_is_away_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str, code: int
) -> None:
    ended = cli.main([command, str(tmp_path), "--url", f"http://127.0.0.1:{free_port()}"])

    said = capsys.readouterr()
    assert (ended, said.out, len(said.err.splitlines())) == (code, "", 1)


def test_a_folder_that_is_not_there_is_told_before_anybody_is_asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ended = cli.main(["diff", str(tmp_path / "none")])

    assert ended == 2
    assert capsys.readouterr().err.splitlines()[0] == f"{tmp_path / 'none'}: no such folder"

"""What keeps a run from starting is one line, said before anything is started."""

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console

from oncue.up import command
from oncue.up.command import Request
from tests.support.ports import free_port


def said(data: Path, environment: dict[str, str] | None = None) -> str:
    output = io.StringIO()
    request = Request(data=data, port=free_port(), keys={}, environment=environment or {})

    assert command.run(request, console=Console(file=output)) == 1
    return output.getvalue()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"

    assert said(folder) == f"cannot write in {folder}: Not a directory; use another --data\n"


def test_an_address_no_mail_could_leave_by_is_refused(tmp_path: Path) -> None:
    assert said(tmp_path, {"ONCUE_SMTP_URL": "mail.example"}) == (
        "a setting ONCUE_... is wrong: "
        "smtp_url: '' is none of smtp://, smtps://, smtp+starttls://\n"
    )


def test_a_missing_engine_of_clickhouse_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "chdb", None)

    assert said(tmp_path) == (
        "no ClickHouse for this machine: install the package chdb-core, or use your own\n"
    )

"""The command `oncue`: one parser, one function per command; a part is imported when it runs."""

import argparse
import logging
import os
import runpy
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, get_args

import msgspec
from rich.console import Console

import settings
from engine.intake.backoffice import KINDS
from engine.intake.files.items import Format
from oncue import backtesting, exporting, prepare, simulate
from oncue.applying import arguments as applying
from oncue.demo import command as demo
from oncue.formats import reading
from oncue.importing import command as importing
from oncue.replay import command as replay
from oncue.subcommands import Commands
from oncue.testing import command as testing
from oncue.up import command as up
from oncue.up import parts, status
from oncue.up.command import Request
from settings import Settings

DATA: Final = Path("var")

FORMATS: Final = tuple(reading.FORMATS)
FILE_FORMATS: Final = get_args(Format)


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and carry out."""
    # What went wrong is said by us; its client would say so too, in a line before.
    logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())
    chosen = _parser().parse_args(arguments)
    try:
        config = settings.load()
    except msgspec.ValidationError as error:
        sys.stderr.write(f"a setting ONCUE_... is wrong: {error}\n")
        return 2
    command: Callable[[argparse.Namespace, Settings], int] = chosen.run
    return command(chosen, config)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="oncue", description="The right message, once, the moment it is due."
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_up(commands)
    _add_status(commands)
    _add_replay(commands)
    _add_import(commands)
    _add_export(commands)
    _add_simulate(commands)
    _add_test(commands)
    _add_backtest(commands)
    applying.add(commands)
    for name, module in parts.MODULES.items():
        part = commands.add_parser(name, help=f"run the part {name} alone")
        part.set_defaults(run=_part, module=module)
    migrate = commands.add_parser("migrate", help="bring ClickHouse to this version")
    migrate.set_defaults(run=_migrate)
    first = commands.add_parser("prepare", help="make the topics, then migrate")
    first.add_argument("--data", type=Path, help="folder whose definitions an empty log gets")
    first.set_defaults(run=_prepare)
    return parser


def _add_up(commands: Commands) -> None:
    everything = commands.add_parser("up", help="run everything on this machine, without Docker")
    morning = commands.add_parser("demo", help="run everything, with a small shop's morning")
    for parser in (everything, morning):
        parser.add_argument(
            "--port", type=int, default=8080, help="of page, API and collector (%(default)s)"
        )
        parser.add_argument(
            "--data", type=Path, default=DATA, help="folder of the runs (%(default)s)"
        )
        parser.add_argument("--broker", help="HOST:PORT of a Kafka instead of the embedded broker")
        parser.add_argument("--redis", help="redis:// URL instead of the embedded Valkey")
        parser.add_argument(
            "--clickhouse", help="http:// URL of a ClickHouse instead of the embedded one"
        )
    everything.set_defaults(run=_up)
    morning.add_argument("--speed", type=float, default=240.0, help="times faster (%(default)g)")
    morning.add_argument("--exit", action="store_true", help="end after the summary")
    morning.set_defaults(run=_demo)


def _add_status(commands: Commands) -> None:
    look = commands.add_parser("status", help="show the parts of the last `oncue up`")
    look.add_argument("--data", type=Path, default=DATA, help="folder of the runs (%(default)s)")
    look.set_defaults(run=_status)


def _add_replay(commands: Commands) -> None:
    stream = commands.add_parser("replay", help="stream a file into a running collector")
    stream.add_argument("file", type=Path, help="plain or packed by gzip")
    stream.add_argument("--format", required=True, choices=FORMATS, help="what the file is")
    stream.add_argument("--speed", type=float, default=60.0, help="times faster (%(default)g)")
    stream.add_argument("--url", default="http://127.0.0.1:8080", help="collector (%(default)s)")
    stream.add_argument("--write-key", help="default: ONCUE_WRITE_KEY, else demo")
    stream.set_defaults(run=_replay)


def _add_import(commands: Commands) -> None:
    upload = commands.add_parser("import", help="import a file of the back office")
    upload.add_argument("kind", choices=sorted(KINDS), help="what its rows are")
    upload.add_argument("file", type=Path, help="plain or packed by gzip, UTF-8")
    upload.add_argument("--format", choices=FILE_FORMATS, help="default: by the file's name")
    upload.add_argument("--url", default="http://127.0.0.1:8080", help="API (%(default)s)")
    upload.add_argument("--admin-token", help="default: ONCUE_ADMIN_TOKEN, else demo-admin")
    upload.add_argument(
        "--report", type=Path, help="where refused rows go; default: FILE.refused.csv"
    )
    upload.set_defaults(run=_import)


def _add_export(commands: Commands) -> None:
    download = commands.add_parser(
        "export",
        help="all customers into a file that import takes, or the definitions into a folder",
        usage="%(prog)s [options] customers FILE\n       %(prog)s [options] DIR",
    )
    download.add_argument(
        "what", help=f"{', '.join(exporting.KINDS)}: with FILE; else DIR, which gets definitions"
    )
    download.add_argument("file", type=Path, nargs="?", help="replaced once it is whole")
    download.add_argument(
        "--format", choices=FILE_FORMATS, help="of FILE; default: by the file's name"
    )
    download.add_argument("--url", default="http://127.0.0.1:8080", help="API (%(default)s)")
    download.add_argument("--admin-token", help="default: ONCUE_ADMIN_TOKEN, else demo-admin")
    download.set_defaults(run=_export, refuse=download.error)


def _add_simulate(commands: Commands) -> None:
    dry = commands.add_parser("simulate", help="what campaigns would decide over a file")
    dry.add_argument("file", type=Path, help="plain or packed by gzip")
    dry.add_argument("--format", required=True, choices=FORMATS, help="what the file is")
    dry.add_argument(
        "--definitions", type=Path, required=True, help="folder with campaigns/ and templates/"
    )
    dry.add_argument("--until", help="a time like 2026-11-22T10:00:00Z; default: the last event's")
    dry.add_argument("--out", type=Path, help="default: standard output")
    dry.set_defaults(run=_simulate)


def _add_test(commands: Commands) -> None:
    tests = commands.add_parser("test", help="run tests of campaigns, without any server")
    tests.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="YAML, or a folder of such files"
    )
    tests.add_argument("--name", default="", help="only tests whose name has this in it")
    tests.add_argument(
        "--verbose", action="store_true", help="show what was decided in tests that passed, too"
    )
    tests.set_defaults(run=_test)


def _add_backtest(commands: Commands) -> None:
    past = commands.add_parser("backtest", help="what a campaign would have done; sends nothing")
    past.add_argument("campaign", help="its id")
    past.add_argument("--since", required=True, help="a time like 2026-11-01T00:00:00Z")
    past.add_argument("--until", help="default: now")
    past.add_argument("--version", type=int, help="one that ran; default: the draft")
    past.add_argument("--file", type=Path, help="a campaign that is nowhere saved, as JSON")
    past.add_argument("--json", action="store_true", help="print the whole report as JSON")
    past.add_argument("--url", default="http://127.0.0.1:8080", help="API (%(default)s)")
    past.add_argument("--admin-token", help="default: ONCUE_ADMIN_TOKEN, else demo-admin")
    past.set_defaults(run=_backtest)


def _up(chosen: argparse.Namespace, config: Settings) -> int:
    return up.run(_up_request(chosen, config), console=Console())


def _demo(chosen: argparse.Namespace, config: Settings) -> int:
    return demo.run(
        _up_request(chosen, config),
        speed=chosen.speed,
        stays=not chosen.exit,
        console=Console(),
    )


def _up_request(chosen: argparse.Namespace, config: Settings) -> Request:
    return Request(
        data=chosen.data,
        port=chosen.port,
        broker=chosen.broker,
        redis=chosen.redis,
        clickhouse=chosen.clickhouse,
        keys={
            "write_key": config.write_key,
            "secret_key": config.secret_key,
            "admin_token": config.admin_token,
        },
        environment={
            name: value for name, value in os.environ.items() if name.startswith(settings.PREFIX)
        },
    )


def _status(chosen: argparse.Namespace, _: Settings) -> int:
    for line in status.lines(chosen.data):
        sys.stdout.write(f"{line}\n")
    found = status.of(chosen.data)
    return 0 if found is not None and found.is_well else 1


def _replay(chosen: argparse.Namespace, config: Settings) -> int:
    request = replay.Request(
        file=chosen.file,
        format_name=chosen.format,
        speed=chosen.speed,
        url=chosen.url,
        write_key=chosen.write_key or config.write_key,
    )
    return replay.run(request, console=Console(stderr=True))


def _import(chosen: argparse.Namespace, config: Settings) -> int:
    request = importing.Request(
        kind=chosen.kind,
        file=chosen.file,
        format_name=chosen.format or "",
        url=chosen.url,
        admin_token=chosen.admin_token or config.admin_token,
        report=chosen.report,
    )
    return importing.run(request, console=Console(stderr=True))


def _export(chosen: argparse.Namespace, config: Settings) -> int:
    if chosen.file is None and chosen.what not in exporting.KINDS:
        if chosen.format is not None:
            chosen.refuse("--format is of a FILE; definitions are JSON")
        return applying.export(chosen, config)
    if chosen.file is None:
        chosen.refuse(f"{chosen.what} need a FILE; a folder of that name is ./{chosen.what}")
    if chosen.what not in exporting.KINDS:
        known = ", ".join(exporting.KINDS)
        chosen.refuse(f"{chosen.what!r} cannot be exported into a FILE: choose from {known}")
    request = exporting.Request(
        kind=chosen.what,
        file=chosen.file,
        format_name=chosen.format or "",
        url=chosen.url,
        admin_token=chosen.admin_token or config.admin_token,
    )
    return exporting.run(request, console=Console(stderr=True))


def _simulate(chosen: argparse.Namespace, _: Settings) -> int:
    return simulate.run(
        simulate.Request(
            file=chosen.file,
            format_name=chosen.format,
            definitions=chosen.definitions,
            until=chosen.until,
            out=chosen.out,
        )
    )


def _test(chosen: argparse.Namespace, _: Settings) -> int:
    return testing.run(
        testing.Request(files=tuple(chosen.files), name=chosen.name, is_verbose=chosen.verbose)
    )


def _backtest(chosen: argparse.Namespace, config: Settings) -> int:
    request = backtesting.Request(
        campaign=chosen.campaign,
        since=chosen.since,
        until=chosen.until,
        version=chosen.version,
        file=chosen.file,
        is_json=chosen.json,
        url=chosen.url,
        admin_token=chosen.admin_token or config.admin_token,
    )
    return backtesting.run(request, out=Console(), told=Console(stderr=True))


def _part(chosen: argparse.Namespace, _: Settings) -> int:
    runpy.run_module(chosen.module, run_name="__main__", alter_sys=True)
    return 0


def _migrate(_: argparse.Namespace, config: Settings) -> int:
    return prepare.tables(config)


def _prepare(chosen: argparse.Namespace, config: Settings) -> int:
    return prepare.everything(config, data=chosen.data)

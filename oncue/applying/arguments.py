"""What `oncue apply`, `oncue diff` and `oncue export DIR` can be told."""

import argparse
from pathlib import Path

import msgspec
from rich.console import Console

from oncue.applying import command
from oncue.applying.command import Request
from oncue.subcommands import Commands
from settings import Settings


def add(commands: Commands) -> None:
    """Add `apply` and `diff`; `export` shares its command with the exports of rows."""
    apply = commands.add_parser(
        "apply",
        help="make a running installation what a folder of definitions says",
        description="Saves what differs and publishes campaigns, those that are named first. All "
        "files are checked before anything is changed; running it again changes nothing. What was "
        "paused or stopped by hand stays so.",
    )
    _add_common(apply)
    apply.add_argument("--dry-run", action="store_true", help="only say what would be done")
    apply.add_argument("--prune", action="store_true", help="delete what the folder does not have")
    apply.add_argument(
        "--force",
        action="store_true",
        help="write over what somebody else saves meanwhile; default: refuse",
    )
    apply.set_defaults(run=_apply)
    diff = commands.add_parser(
        "diff",
        help="how a folder of definitions differs from a running installation",
        description="Ends with 0 where all is the same, 1 where something differs, 2 where that "
        "cannot be told. Of two values the first is the installation's.",
    )
    _add_common(diff)
    diff.set_defaults(run=_diff)


def export(chosen: argparse.Namespace, config: Settings) -> int:
    """Carry `oncue export DIR` out."""
    request = _request(chosen, config, folder=Path(chosen.what))
    return command.export(request, out=Console(), errors=Console(stderr=True))


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="with campaigns/, segments/, templates/ and so on"
    )
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="API (%(default)s)")
    parser.add_argument("--admin-token", help="default: ONCUE_ADMIN_TOKEN, else demo-admin")


def _apply(chosen: argparse.Namespace, config: Settings) -> int:
    asked = msgspec.structs.replace(
        _request(chosen, config, folder=chosen.folder),
        is_dry=chosen.dry_run,
        prunes=chosen.prune,
        forces=chosen.force,
    )
    return command.apply(asked, out=Console(), errors=Console(stderr=True))


def _diff(chosen: argparse.Namespace, config: Settings) -> int:
    asked = _request(chosen, config, folder=chosen.folder)
    return command.diff(asked, out=Console(), errors=Console(stderr=True))


def _request(chosen: argparse.Namespace, config: Settings, *, folder: Path) -> Request:
    return Request(
        folder=folder, url=chosen.url, admin_token=chosen.admin_token or config.admin_token
    )

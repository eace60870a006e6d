"""`oncue apply`, `oncue diff` and `oncue export` of a folder of definitions.

`diff` answers 0 where all is the same, 1 where something differs, 2 where it cannot tell; the
others answer 0 only when everything is as it was asked for.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx
import msgspec
from rich.console import Console

from oncue.applying import checking, folder, planning, telling
from oncue.applying.carrying import Carrier
from oncue.applying.errors import ApplyingError, MovedOnError, WrongFilesError
from oncue.applying.folder import Folder
from oncue.applying.planning import Step
from oncue.applying.remote import Remote

PATIENCE_S: Final = 60.0
"""For one answer: publishing may run a campaign's tests."""

DIFFERS: Final = 1
CANNOT_TELL: Final = 2

INTERRUPTED: Final = 130
"""What shells expect of a command ended by Ctrl-C."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    folder: Path
    url: str
    admin_token: str
    is_dry: bool = False
    prunes: bool = False
    forces: bool = False


def apply(request: Request, *, out: Console, errors: Console) -> int:
    """Make the installation what the folder says."""

    def work(remote: Remote) -> int:
        read, steps = _planned(request, remote, errors)
        if request.is_dry:
            return _would(steps, out)
        carrier = Carrier(
            remote,
            wanted={one.key: one for one in read.wanted},
            forces=request.forces,
            tell=lambda line: _say(out, line),
        )
        _carry(steps, carrier, out)
        return 0

    return _connected(request, work, errors=errors, failed=1)


def diff(request: Request, *, out: Console, errors: Console) -> int:
    """Say how they differ; nothing is changed."""

    def work(remote: Remote) -> int:
        _, steps = _planned(request, remote, errors)
        for line in telling.differing(steps):
            _say(out, line)
        _say(out, telling.counted(steps))
        return DIFFERS if any(step.what != "same" for step in steps) else 0

    return _connected(request, work, errors=errors, failed=CANNOT_TELL)


def export(request: Request, *, out: Console, errors: Console) -> int:
    """Write the folder from what the installation has; other files in it stay."""

    def work(remote: Remote) -> int:
        written = folder.write(request.folder, remote.standing())
        for name in written.left:
            _say(out, f"{name}: not in the installation; left as it is")
        told = f"{written.changed_count} files written, {written.same_count} were so already"
        _say(out, f"{request.folder}: {told}")
        return 0

    return _connected(request, work, errors=errors, failed=1)


def _planned(request: Request, remote: Remote, errors: Console) -> tuple[Folder, list[Step]]:
    read = folder.read(request.folder)
    for name in read.unread:
        _say(errors, f"{name}/: no kind of definition; its files are not read")
    standing = remote.standing()
    steps = planning.plan(read.wanted, standing, prunes=request.prunes)
    checking.check(read, standing, steps, prunes=request.prunes)
    return read, steps


def _would(steps: list[Step], out: Console) -> int:
    asked = [step for step in steps if step.verbs]
    for step in asked:
        _say(out, telling.would(step))
        for difference in step.differences:
            _say(out, f"  {telling.of_difference(difference)}")
    _note(steps, out)
    _say(out, f"nothing was changed: {telling.counted(steps)}")
    return 0


def _carry(steps: list[Step], carrier: Carrier, out: Console) -> None:
    asked_count = sum(bool(step.verbs) for step in steps)
    try:
        carrier.carry(steps)
    except (ApplyingError, httpx.TransportError) as error:
        told = str(error) or type(error).__name__
        hint = "; --force puts the folder's over it" if isinstance(error, MovedOnError) else ""
        done = f"{carrier.done_count} of {asked_count} done, and stay so: run it again to go on"
        raise ApplyingError(f"{told}{hint}\n{done}") from error
    _note(steps, out)
    left = [step for step in steps if step.what == "missing" and not step.verbs]
    kept = f", {len(left)} not in the folder (--prune deletes them)" if left else ""
    same_count = sum(step.what == "same" for step in steps)
    _say(out, f"{carrier.done_count} done, {same_count} were so already{kept}")


def _note(steps: list[Step], out: Console) -> None:
    for step in steps:
        if step.note:
            _say(out, f"{step.key}: {step.note}")


def _connected(
    request: Request, work: Callable[[Remote], int], *, errors: Console, failed: int
) -> int:
    try:
        with httpx.Client(
            base_url=request.url.rstrip("/"),
            headers={"authorization": f"Bearer {request.admin_token}"},
            timeout=httpx.Timeout(PATIENCE_S, connect=5),
            trust_env=False,
        ) as client:
            return work(Remote(client))
    except WrongFilesError as error:
        told = [*error.flaws, "nothing was changed"]
    except ApplyingError as error:
        told = str(error).splitlines()
    except (httpx.TransportError, httpx.InvalidURL) as error:
        told = [f"no answer from {request.url}: {str(error) or type(error).__name__}"]
    except OSError as error:
        told = [f"{error.filename}: {error.strerror}"]
    except KeyboardInterrupt:
        return INTERRUPTED
    for line in told:
        _say(errors, line)
    return failed


def _say(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)

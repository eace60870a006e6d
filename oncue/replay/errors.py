"""What ends a replay before its last event.

ReplayError
├── WrongSpeedError        asked for what no clock can do
├── WrongUrlError          what answers there is no collector
├── WrongKeyError          the collector does not know the key
└── CollectorAwayError     nobody answers, or only with "later", for longer than we wait
"""


class ReplayError(Exception):
    """The message is one line for people."""

    code: str


class WrongSpeedError(ReplayError):
    """Not a number above 0."""

    code = "wrong_speed"


class WrongUrlError(ReplayError):
    """No address, or a place that does not answer as a collector does."""

    code = "wrong_url"


class WrongKeyError(ReplayError):
    """Answered with 401 or 403."""

    code = "wrong_key"


class CollectorAwayError(ReplayError):
    """What was not acknowledged may be sent again: ids make that harmless."""

    code = "collector_away"

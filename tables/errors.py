"""What can go wrong with stored rows and with Redis. The base class is the fate; `code` is stable.

TablesError
├── RetryError                   later it may work: `retry_after_ms`
│   └── RedisAwayError           nobody answers, or it is still loading its data
├── CopyLostError                Redis was emptied, or went back in time: fill it again
└── CrashError                   a bug, a wrong setting or a lost store
    ├── UnreadableRowError       the bytes are no row
    ├── NewerFormatError         the row was written by a newer version
    ├── ForeignCopyError         Redis holds a copy of another log
    ├── RedisUrlError            the setting is no address of a Redis
    └── RedisRefusedError        it answers, but not to us
"""


class TablesError(Exception):
    """Base of every error that `tables` raises on purpose."""

    code: str


class RetryError(TablesError):
    """The same call may succeed after `retry_after_ms`."""

    retry_after_ms: int = 500


class CrashError(TablesError):
    """Going on would lose something, or be wrong."""


class UnreadableRowError(CrashError):
    """A stored row cannot be read; nobody but us writes them."""

    code = "unreadable_row"


class NewerFormatError(CrashError):
    """An older process met a row of a newer one; upgrade it before it writes."""

    code = "newer_format"

    def __init__(self, stored_format: int, *, known: int) -> None:
        super().__init__(f"a row has format {stored_format}; this version knows up to {known}")
        self.stored_format = stored_format
        self.known = known


class RedisAwayError(RetryError):
    """Redis is a copy: who needs it waits, and loses nothing."""

    code = "redis_away"

    def __init__(self, *, address: str, reason: str) -> None:
        super().__init__(f"no Redis answers at {address}: {reason}")
        self.address = address
        self.reason = reason


class CopyLostError(TablesError):
    """The copy of the customers is not where its writer left it."""

    code = "copy_lost"

    def __init__(self) -> None:
        super().__init__("Redis lost its copy of the customers; it is filled again from the log")


class ForeignCopyError(CrashError):
    """The topic was made anew, or this Redis belongs to another installation."""

    code = "foreign_copy"

    def __init__(self, *, partition: int, position: int, end: int) -> None:
        super().__init__(
            f"Redis holds a copy up to offset {position} of partition {partition}, whose log ends "
            f"at {end}: the topic was made anew, or it is another installation's. Empty this Redis "
            "(it is a copy) and start again"
        )
        self.partition = partition
        self.position = position
        self.end = end


class RedisUrlError(CrashError):
    """Said at start, without the password that the URL may hold."""

    code = "redis_url"

    def __init__(self, *, reason: str) -> None:
        super().__init__(
            f"ONCUE_REDIS is no address of a Redis ({reason}): "
            "write it like redis://user:password@host:6379/0"
        )


class RedisRefusedError(CrashError):
    """A wrong password, a missing right, a server that is no Redis."""

    code = "redis_refused"

    def __init__(self, *, address: str, reason: str) -> None:
        super().__init__(f"the Redis at {address} refuses: {reason}")
        self.address = address
        self.reason = reason

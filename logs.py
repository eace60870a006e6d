"""How every process of ours logs: one JSON object a line on standard output, written by orjson.

Libraries' warnings go the same way, by name and level only: Faust and aiokafka put keys, values
and addresses into their messages, which belong into no log.
"""

import logging
import sys
from typing import Final

import orjson
import structlog

OURS: Final = ("agents", "api", "oncue")

LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}


def configure(level: str) -> None:
    """Set up logging for this process; `level` is debug, info or warning."""
    lowest = LEVELS.get(level, logging.INFO)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(lowest),
        logger_factory=structlog.BytesLoggerFactory(file=sys.stdout.buffer),
        cache_logger_on_first_use=False,
    )
    handler = _Bare()
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(lowest, logging.WARNING))
    # It warns of every try to reach a server that is away; who waits for it says so once.
    logging.getLogger("urllib3").setLevel(logging.ERROR)


class _Bare(logging.Handler):
    """Tells that a library said something, and where in its code; not what about whom."""

    def emit(self, record: logging.LogRecord) -> None:
        place = f"{record.module}.{record.funcName}:{record.lineno}"
        kind = None if not record.exc_info or record.exc_info[0] is None else record.exc_info[0]
        structlog.get_logger().log(
            record.levelno,
            "library_says",
            library=record.name,
            place=place,
            error=None if kind is None else kind.__name__,
        )

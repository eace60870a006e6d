"""What a request asks for: URL parameters, form fields and body, sorted into one record."""

import re
from collections.abc import Mapping
from email import policy
from email.parser import BytesParser
from typing import Final

import msgspec

from oncue.up.clickhouse import encodings, statements
from oncue.up.clickhouse.errors import ClickHouseError, ReadonlyError, UnsupportedError
from oncue.up.clickhouse.statements import Statement

DEFAULT_FORMAT: Final = "TabSeparated"

_PARAM_PREFIX: Final = "param_"
_SETTING_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)

_OF_HTTP: Final = frozenset(
    {
        *("query", "database", "default_format", "query_id", "user", "password", "role"),
        *("session_id", "session_timeout", "session_check", "close_session", "quota_key"),
        *("buffer_size", "wait_end_of_query", "client_protocol_version"),
        *("enable_http_compression", "http_zlib_compression_level", "add_http_cors_header"),
        *("send_progress_in_http_headers", "http_headers_progress_interval_ms"),
        "cancel_http_readonly_queries_on_client_close",
    }
)
"""URL parameters that are no settings, or settings of the HTTP server alone."""

_OF_FRAMING: Final = frozenset({"compress", "decompress"})


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """One request, checked as far as it can be without the engine."""

    statement: Statement
    parameters: Mapping[str, str]
    """Server-side values, by name without `param_`, escaped as in TabSeparated."""
    settings: Mapping[str, str]
    database: str = ""
    default_format: str = DEFAULT_FORMAT
    query_id: str = ""
    is_streamed: bool
    """The client takes the answer as it grows; a failure then arrives inside of it."""

    @property
    def format(self) -> str:
        """The answer's format."""
        return self.statement.format or self.default_format


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """HTTP's part, as the server got it."""

    method: str
    url_parameters: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in small letters."""
    body: bytes


def read(request: Request) -> Query:
    """Sort a request.

    Raises:
        ClickHouseError: it cannot be one that we would carry out.
    """
    fields, body = _form(request)
    given = {**request.url_parameters, **fields}
    encoding = request.headers.get("content-encoding", "").lower()
    body = encodings.decoded(body, encoding=encoding)
    text = b"\n".join(part for part in (given.get("query", "").encode(), body) if part)
    statement = statements.split(text)
    settings = _settings(given, method=request.method)
    if "readonly" in settings and not statement.is_read:
        raise ReadonlyError
    return Query(
        statement=statement,
        parameters={
            name.removeprefix(_PARAM_PREFIX): value
            for name, value in given.items()
            if name.startswith(_PARAM_PREFIX)
        },
        settings=settings,
        database=given.get("database", request.headers.get("x-clickhouse-database", "")),
        default_format=given.get("default_format")
        or request.headers.get("x-clickhouse-format", DEFAULT_FORMAT),
        query_id=given.get("query_id", ""),
        is_streamed=given.get("wait_end_of_query", "0") != "1",
    )


def _settings(given: Mapping[str, str], *, method: str) -> dict[str, str]:
    """Keep the settings, `readonly` last: after it no other may be set."""
    settings: dict[str, str] = {}
    for name, value in given.items():
        if name in _OF_HTTP or name.startswith(_PARAM_PREFIX):
            continue
        if name in _OF_FRAMING:
            if value not in {"", "0"}:
                raise UnsupportedError(f"?{name}=1")
            continue
        if not _SETTING_NAME.fullmatch(name):
            raise ClickHouseError(
                f"Code: 115. DB::Exception: Unknown setting '{name}'. (UNKNOWN_SETTING)", code=115
            )
        settings[name] = value
    # GET must not change anything: the same rule as a real server's.
    readonly = settings.pop("readonly", "2" if method == "GET" else "0")
    if readonly != "0":
        settings["readonly"] = readonly
    return settings


def _form(request: Request) -> tuple[dict[str, str], bytes]:
    """Read form fields out of the body; what is left is the body proper."""
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("multipart/form-data"):
        return {}, request.body
    head = b"Content-Type: " + content_type.encode() + b"\r\n\r\n"
    message = BytesParser(policy=policy.HTTP).parsebytes(head + request.body)
    fields: dict[str, str] = {}
    for part in message.iter_parts():
        if part.get_filename() is not None:
            raise UnsupportedError("external data")
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        fields[str(name)] = payload.decode() if isinstance(payload, bytes) else ""
    return fields, b""

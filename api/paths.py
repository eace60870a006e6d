"""Paths whose ids may hold any character, a slash too.

A server decodes a path before it is routed, so the id `a/b`, sent as `a%2Fb`, would become two
segments. For `/api` the path is put together again from what was sent, with `/` and `%` inside a
segment left encoded; `api.admin.requests.path_id` decodes them.
"""

from urllib.parse import unquote_to_bytes

from starlette.types import Scope


def whole(scope: Scope) -> str:
    """The path with every segment in one piece.

    Raises:
        UnicodeDecodeError: a segment is not UTF-8.
    """
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    segments = raw.partition(b"?")[0].split(b"/")
    return "/".join(_routable(segment) for segment in segments)


def _routable(segment: bytes) -> str:
    return unquote_to_bytes(segment).decode().replace("%", "%25").replace("/", "%2F")

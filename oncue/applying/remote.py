"""The definitions of a running installation, through its API."""

from typing import Final, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from api.admin.definitions import OURS
from engine.errors import Flaw
from oncue import definitions
from oncue.applying.documents import KINDS, Key, Standing, canonical
from oncue.applying.errors import ApplyingError, MovedOnError, RefusedError

T = TypeVar("T")

PAGE: Final = 500

OF_VERSIONS: Final = ("at", "by", "published_at")
"""What a list of versions adds to each."""

MOVED_ON: Final = frozenset({"stale_revision", "exists"})


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    items: list[msgspec.Raw]
    cursor: str | None = None


class _Stands(msgspec.Struct, frozen=True, kw_only=True):
    id: str = "settings"
    revision: int = 0
    version: int = 0
    published_version: int | None = None
    status: str = "saved"


class _Problem(msgspec.Struct, frozen=True, kw_only=True):
    code: str = ""
    message: str = ""
    errors: tuple[Flaw, ...] = ()


class Remote:
    """Reads all of them, and changes one at a time; each change names the revision it is for."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def standing(self) -> dict[Key, Standing]:
        """Everything there is.

        Raises:
            ApplyingError: the answer is no, or nothing that this command knows.
        """
        found = [self._settings()]
        for kind in KINDS[1:]:
            cursor: str | None = ""
            while cursor is not None:
                asked = {"limit": str(PAGE), **({"cursor": cursor} if cursor else {})}
                response = self._client.get(f"/api/{kind}", params=asked)
                page = _decoded(_taken(response, kind).content, _Page)
                found += [self._read(Key(kind, _id(item)), bytes(item)) for item in page.items]
                cursor = page.cursor
        return {one.key: one for one in found}

    def one(self, key: Key) -> Standing | None:
        """As it stands now.

        Raises:
            ApplyingError: see `standing`.
        """
        if key.kind == "settings":
            return self._settings()
        response = self._client.get(_path(key))
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        return self._read(key, _taken(response, str(key)).content)

    def put(self, key: Key, body: bytes, *, seen: int | None) -> int:
        """Create it, or replace the revision that was seen; return the new one.

        Raises:
            MovedOnError: there is a newer one.
            RefusedError: the definition is refused, with each place.
        """
        response = self._client.put(
            _path(key), content=body, headers={"content-type": "application/json", **_match(seen)}
        )
        return _decoded(_taken(response, str(key)).content, _Stands).revision

    def publish(self, key: Key, *, seen: int | None) -> int:
        """Let a campaign's draft run; return the new revision.

        Raises:
            MovedOnError: there is a newer revision.
            RefusedError: it would not work, with each place.
        """
        response = self._client.post(f"{_path(key)}/publish", headers=_match(seen))
        return _decoded(_taken(response, str(key)).content, _Stands).revision

    def delete(self, key: Key, *, seen: int | None) -> None:
        """Delete it; what is gone already is as it should be.

        Raises:
            MovedOnError: there is a newer revision.
            RefusedError: something needs it.
        """
        response = self._client.delete(_path(key), headers=_match(seen))
        if response.status_code != httpx.codes.NOT_FOUND:
            _taken(response, str(key))

    def _settings(self) -> Standing:
        key = Key("settings", "settings")
        return self._read(key, _taken(self._client.get(_path(key)), str(key)).content)

    def _read(self, key: Key, content: bytes) -> Standing:
        stands = _decoded(content, _Stands)
        body = canonical(key, _own(content))
        return Standing(
            key=key,
            revision=stands.revision,
            body=body,
            status=stands.status,
            published=self._published(key, stands, body),
        )

    def _published(self, key: Key, stands: _Stands, draft: bytes) -> bytes | None:
        if not stands.published_version:
            return None
        if stands.published_version == stands.version:
            return draft
        response = self._client.get(f"{_path(key)}/versions")
        for item in _decoded(_taken(response, str(key)).content, _Page).items:
            if _decoded(bytes(item), _Stands).version == stands.published_version:
                return canonical(key, _own(bytes(item)))
        raise ApplyingError(f"{key}: version {stands.published_version}, which runs, is not told")


def _path(key: Key) -> str:
    if key.kind == "settings":
        return "/api/settings"
    return f"/api/{key.kind}/{quote(key.id, safe='')}"


def _id(item: msgspec.Raw) -> str:
    return _decoded(bytes(item), _Stands).id


def _match(seen: int | None) -> dict[str, str]:
    return {} if seen is None else {"if-match": f'"{seen}"'}


def _own(content: bytes) -> bytes:
    """The definition alone, without what an answer adds."""
    fields = _decoded(content, dict[str, msgspec.Raw])
    for name in (*OURS, *OF_VERSIONS):
        fields.pop(name, None)
    return msgspec.json.encode(fields)


def _taken(response: httpx.Response, what: str) -> httpx.Response:
    if response.is_success:
        return response
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = _Problem()
    message = problem.message or f"{response.url.host} answers {response.status_code}"
    if problem.code in MOVED_ON:
        raise MovedOnError(f"{what}: somebody changed it since it was read: {message}")
    flaws = problem.errors or (Flaw(path="", message=message),)
    raise RefusedError("\n".join(definitions.told(what, flaw) for flaw in flaws))


def _decoded(content: bytes, expected: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=expected)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ApplyingError(f"what answers is no API of this version: {error}") from error

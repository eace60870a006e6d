"""One who sends through the collector, and asks the administration and ClickHouse."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import httpx

from api.services import Services
from tests.support.waiting import eventually

SOON_S: Final = 60
"""Until something that was sent shows up everywhere; a second or two when nothing else runs."""

Shown: TypeAlias = dict[str, Any]


class Live:
    """The stack from outside."""

    def __init__(self, http: httpx.AsyncClient, opened: Services, *, admin_token: str) -> None:
        self._http = http
        self._opened = opened
        self._admin = {"authorization": f"Bearer {admin_token}"}

    async def post(self, kind: str, *items: Mapping[str, object]) -> None:
        """What a back office sends."""
        auth = (self._opened.settings.secret_key, "")
        answer = await self._http.post(f"/v1/{kind}", json={"batch": items}, auth=auth)
        assert answer.json() == {"success": True} | answer.json(), answer.text
        assert answer.json().get("rejected", 0) == 0, answer.text

    async def track(self, *messages: Mapping[str, object]) -> None:
        """What a tracker sends."""
        await self.post("batch", *messages)

    async def put(self, path: str, body: object, **headers: str) -> Shown:
        """Write through the administration."""
        answer = await self._http.put(f"/api/{path}", json=body, headers={**self._admin, **headers})
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def act(self, path: str, body: object = None, *, status: int = 200) -> Shown:
        """Tell the administration to do something."""
        answer = await self._http.post(f"/api/{path}", json=body, headers=self._admin)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def delete(self, path: str) -> None:
        """Delete through the administration."""
        answer = await self._http.delete(f"/api/{path}", headers=self._admin)
        assert answer.is_success, answer.text

    async def status(self, path: str) -> int:
        """How a read is answered."""
        return (await self._http.get(f"/api/{path}", headers=self._admin)).status_code

    async def settled(self) -> None:
        """Wait until every partition decides by the definitions as they are now."""
        newest = self._opened.definitions.current.offset

        async def is_there() -> bool:
            sql = """
            SELECT uniqExact(log_partition) FROM oncue.events_log
            WHERE kind = 'switch' AND JSONExtractInt(payload, 'definitions_offset') >= {at:Int64}
            """
            found = await self._opened.reader.value(sql, {"at": newest})
            return int(found) == self._opened.settings.partitions

        await eventually(is_there, within_s=SOON_S)

    async def reassessed(self) -> int:
        """Tell who is behind the definitions as they are now; how many were told."""
        wanted = self._opened.definitions.current.watched.changed_at
        return await self._opened.reassessor.sweep(wanted)

    async def get(self, path: str, **asked: str) -> Shown:
        """Read through the administration; empty where there is nothing yet."""
        answer = await self._http.get(f"/api/{path}", params=asked, headers=self._admin)
        assert answer.status_code in {200, 404}, answer.text
        return dict(answer.json()) if answer.is_success else {}

    async def until(self, path: str, is_there: Callable[[Shown], object], **asked: str) -> Shown:
        """Wait until an answer is as it should be, and give it."""

        async def found() -> Shown:
            shown = await self.get(path, **asked)
            return shown if shown and is_there(shown) else {}

        return await eventually(found, within_s=SOON_S)

    async def items(self, path: str, *, count: int, **asked: str) -> list[Shown]:
        """Wait for a list to have so many items."""
        page = await self.until(path, lambda shown: len(shown["items"]) >= count, **asked)
        assert len(page["items"]) == count, page["items"]
        return list(page["items"])

    async def rows(self, sql: str, **parameters: object) -> list[Shown]:
        """Ask ClickHouse until it has something."""
        return await eventually(lambda: self._opened.reader.rows(sql, parameters), within_s=SOON_S)

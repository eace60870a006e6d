"""The people behind the addresses: some open what they get, some of those click."""

import asyncio
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from oncue.demo.chance import Chance
from oncue.demo.errors import DemoError
from oncue.formats import instants

OPENS_SHARE: Final = 0.45
CLICKS_SHARE: Final = 0.4
"""Of those who open."""

OPENS_AFTER_MEDIAN_S: Final = 8 * 60
OPENS_AFTER_MOST_S: Final = 40 * 60
"""As long as people take; divided by the speed of the replay."""

LOOKS_AT_LEAST_S: Final = 1.5
"""Whatever the speed: faster than that is a machine."""

POLL_S: Final = 1.0
_BROWSER: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/144.0"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed of an item of the outbox."""

    id: str
    html: str


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    items: list[Mail]
    cursor: str | None = None


class Readers:
    """Watches the mailbox of the sandbox and reads what comes, each mail at most once."""

    def __init__(
        self, client: httpx.AsyncClient, *, seed: int, since_at: int, speed: float
    ) -> None:
        self._client = client
        self._seed = seed
        self._since = instants.rfc3339(since_at)
        self._speed = speed
        self._stopping = asyncio.Event()
        self._reading_count = 0
        self.mail_ids: list[str] = []
        """As the outbox listed them last: an id twice would be a mail twice."""
        self._met: set[str] = set()
        self.opened: set[str] = set()
        self.clicked: set[str] = set()
        self.failures: list[str] = []

    @property
    def is_quiet(self) -> bool:
        """Whether nobody holds a mail that is still to be opened or clicked."""
        return not self._reading_count

    def stop(self) -> None:
        """Read no more."""
        self._stopping.set()

    async def read(self) -> None:
        """Look into the mailbox until told to stop.

        Raises:
            DemoError: the mailbox cannot be read.
        """
        async with asyncio.TaskGroup() as readers:
            while not self._stopping.is_set():
                mails = await self._mails()
                if mails is not None:
                    self.mail_ids = [mail.id for mail in mails]
                for mail in mails or ():
                    if mail.id not in self._met:
                        self._met.add(mail.id)
                        self._reading_count += 1
                        readers.create_task(self._open(mail))
                await self._pause(POLL_S)

    async def _mails(self) -> list[Mail] | None:
        """The whole mailbox of this run; None while it cannot be looked at."""
        found: list[Mail] = []
        cursor: str | None = None
        while True:
            query = {"since": self._since, "limit": "500"} | ({"cursor": cursor} if cursor else {})
            response = await self._client.get("/api/outbox", params=query)
            if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                return None
            if not response.is_success:
                raise DemoError(f"the outbox was answered with {response.status_code}")
            page = msgspec.json.decode(response.content, type=_Page)
            found.extend(page.items)
            cursor = page.cursor
            if cursor is None:
                return found

    async def _open(self, mail: Mail) -> None:
        """Decide by the mail's own chance, so that the order of arrival changes nothing."""
        chance = Chance(f"{self._seed}:{mail.id}")
        try:
            if not chance.happens(OPENS_SHARE):
                return
            wait_s = chance.skewed(median=OPENS_AFTER_MEDIAN_S, spread=0.8, most=OPENS_AFTER_MOST_S)
            await self._pause(max(LOOKS_AT_LEAST_S, wait_s / self._speed))
            pixels, links = found_in(mail.html)
            await self._fetch(pixels[0] if pixels else "", mail.id, self.opened)
            if links and chance.happens(CLICKS_SHARE):
                await self._pause(LOOKS_AT_LEAST_S)
                for _ in range(1 + chance.happens(0.3)):
                    await self._fetch(chance.one_of(links), mail.id, self.clicked)
        finally:
            self._reading_count -= 1

    async def _fetch(self, link: str, mail_id: str, done: set[str]) -> None:
        """Follow a link like a browser would, but not out of the installation."""
        if self._stopping.is_set():
            return
        try:
            response = await self._client.get(link, headers={"user-agent": _BROWSER})
        except (httpx.InvalidURL, httpx.TransportError) as error:
            self.failures.append(f"{link[:60] or 'no pixel'}: {error}")
            return
        if response.is_success or response.status_code in _REDIRECTS:
            done.add(mail_id)
        else:
            self.failures.append(f"{link[:60]} was answered with {response.status_code}")

    async def _pause(self, seconds: float) -> None:
        """Wait, unless told to stop."""
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def found_in(html: str) -> tuple[list[str], list[str]]:
    """The pixels of a mail, and the links that lead through us."""
    finder = _Finder()
    finder.feed(html)
    finder.close()
    return finder.pixels, finder.links


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pixels: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        source, link = given.get("src") or "", given.get("href") or ""
        if tag == "img" and urlsplit(source).path.startswith("/o/"):
            self.pixels.append(source)
        if tag == "a" and urlsplit(link).path.startswith("/c/"):
            self.links.append(link)

"""Logs, the clock, commits and the outside provider; everything random comes from one seed."""

import random
from collections import Counter
from collections.abc import Generator
from typing import TypeAlias

import msgspec

from agents.worker.batches import LogRecord
from engine.catalogue.shelf import Shelf
from engine.definitions.changes import Change
from engine.definitions.folded import Definitions
from engine.definitions.history import History
from engine.events import ProductListed
from streams import topics
from streams.records import CAUSE_HEADER, FORWARDED_HEADER, KIND_HEADER, Record
from tables.rows import Switch
from tests.support import replaying
from tests.support.story import TEMPLATE, campaign

Process: TypeAlias = Generator[None, None, None]
"""Runs from one durable step to the next; a crash is not being resumed."""


class World:
    """One partition of each topic."""

    unread: frozenset[str] = frozenset({topics.SHARED.name})
    """Nobody looks there: when its records are durable makes no difference, and takes no chance."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = random.Random(seed)  # noqa: S311 a seeded simulation
        self.now = 1_000_000
        self.logs: dict[str, list[LogRecord]] = {}
        self.committed: Counter[str] = Counter()
        self.owners: dict[str, str] = {}
        self.provider: Counter[str] = Counter()
        self.history = History()
        self.shelf = Shelf()
        self._publish_first()

    def log(self, topic: str) -> list[LogRecord]:
        """A topic's only partition."""
        return self.logs.setdefault(topic, [])

    def append(self, record: Record) -> int:
        """Durable from here on."""
        log = self.log(record.topic)
        headers = dict(record.headers)
        log.append(
            LogRecord(
                key=record.key,
                value=record.value,
                kind=headers.get(KIND_HEADER, b""),
                cause=headers.get(CAUSE_HEADER),
                offset=len(log),
                logged_at=record.timestamp_at or self.now,
                origin=headers.get(FORWARDED_HEADER, b""),
            )
        )
        return len(log) - 1

    def commit(self, part: str, run: str, position: int) -> None:
        """Take a commit from the current owner; a zombie's is refused by its generation."""
        if self.owners.get(part) == run:
            self.committed[part] = max(self.committed[part], position)

    def change(self, body: dict[str, object]) -> None:
        """A marketer publishes another version."""
        name = str(body["id"])
        self._append_change("put", name, body)
        self._append_change("publish", name, None)

    def list_product(self, product_id: str, category_id: str) -> None:
        """The back office moves a product to a category."""
        at = self.shelf.offset + 1
        listed = ProductListed(
            id=str(at),
            occurred_at=at,
            product_id=product_id,
            updated_at=at,
            category_id=category_id,
        )
        self.shelf.apply(listed, offset=at)

    def newest(self) -> Switch:
        """What a worker's own folds have reached."""
        return Switch(self.history.current.offset, self.shelf.offset)

    def folded(self, switch: Switch) -> Definitions:
        """Definitions and catalogue exactly there."""
        return replaying.folded(self.history, self.shelf, switch)

    def _publish_first(self) -> None:
        template = Change(
            change_id="t",
            kind="templates",
            id="cart-mail",
            action="put",
            based_on=0,
            body=msgspec.Raw(msgspec.json.encode(TEMPLATE)),
            at=0,
        )
        self.history.append(template, offset=0)
        self.change(campaign(idle="30s"))

    def _append_change(self, action: str, name: str, body: object) -> None:
        entry = self.history.current.campaigns.get(name)
        offset = self.history.current.offset + 1
        change = msgspec.convert(
            {
                "change_id": str(offset),
                "kind": "campaigns",
                "id": name,
                "action": action,
                "based_on": 0 if entry is None else entry.revision,
                "at": self.now,
            },
            Change,
        )
        body_json = msgspec.Raw(msgspec.json.encode(body))
        applied = self.history.append(
            msgspec.structs.replace(change, body=body_json), offset=offset
        )
        assert not applied.is_void

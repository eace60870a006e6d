"""A delivery process of its own, what goes in and what comes out."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from engine.deadletters import DeadLetter
from engine.definitions.changes import Action, Change, DefinitionKind
from engine.events import RecheckRequested, Responded
from engine.faults import CampaignFailed
from engine.messages import Message, MessageClass
from engine.sends import Send
from streams import topics, wire
from streams.admin import Admin
from streams.consumer import Reader
from streams.definitions import Applied, DefinitionsLog
from streams.positions import Beginning
from streams.producer import Producer
from streams.records import Received, Record
from tables.profiles import COPY, COUNTER, COUNTERS_COPY, CUSTOMER, Copies
from tests.support import brokers, decided
from tests.support.brokers import Broker
from tests.support.processes import Part
from tests.support.story import campaign
from tests.support.waiting import eventually

PARTITIONS: Final = 2
MODULE: Final = "agents.delivery.run"
HASTY: Final = "tests.integration.delivery.hasty"

_event = msgspec.json.Decoder(Responded | RecheckRequested)


async def mark_complete(redis: str) -> None:
    """Do what a mirror does that has met the ends of its logs."""
    for rows_at, place in ((CUSTOMER, COPY), (COUNTER, COUNTERS_COPY)):
        copies = Copies(url=redis, rows_at=rows_at, place=place)
        await copies.mark_complete()
        await copies.close()


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def message(
    message_id: str,
    *,
    template: str = "mail",
    message_class: MessageClass = "marketing",
    lives_ms: int = 3_600_000,
    context: dict[str, object] | None = None,
) -> Message:
    """Decide a message, as a worker would."""
    return msgspec.structs.replace(
        decided.message(message_id, at=now_ms(), lives_ms=lives_ms, message_class=message_class),
        customer=f"of-{message_id}",
        to="ann@mail.example",
        template=template,
        context={"customer": {"name": "Ann"}} if context is None else context,
    )


def records_of(messages: Sequence[Message], *, age_ms: int = 0) -> list[Record]:
    """As the worker appends them."""
    return [
        Record(
            topic=topics.MESSAGES.name,
            key=f"u:{found.customer}".encode(),
            value=msgspec.json.encode(found),
            timestamp_at=now_ms() - age_ms,
        )
        for found in messages
    ]


def fresh(prefix: str = "m") -> str:
    """An id that no other test has."""
    return brokers.fresh_name(prefix)


class Post:
    """The topics around the delivery process; ids tell tests apart."""

    def __init__(self, broker: Broker, folder: Path, *, redis: str) -> None:
        self.broker = broker
        self.redis = redis
        self._folder = folder

    async def prepare(self) -> None:
        """Make the topics and one template."""
        await Admin(brokers=self.broker.address).ensure_topics(partition_count=PARTITIONS)
        await self.put_template("mail")

    def process(self, *, module: str = MODULE, smtp_url: str = "", redis: str = "") -> Part:
        """One that is not running yet."""
        return Part(
            module,
            log=self._folder / f"{fresh('delivery')}.log",
            broker=self.broker.address,
            redis=redis or self.redis,
            smtp_url=smtp_url,
            mail_from="Shop <news@shop.example>",
        )

    async def put_template(self, template_id: str, **parts: str) -> None:
        """Save a template."""
        body = {"subject": "Hello {{ customer.name }}", "text": "Dear {{ customer.name }}"} | parts
        await self._change("templates", template_id, "put", body=body)

    async def put_campaign(self, campaign_id: str, *actions: Action) -> None:
        """Publish one with a single mail, and do this to it."""
        await self._change("campaigns", campaign_id, "put", body=campaign())
        for revision, action in enumerate(("publish", *actions), start=1):
            await self._change("campaigns", campaign_id, action, based_on=revision)

    async def failures(self) -> list[CampaignFailed]:
        """What was said of campaigns."""
        found = [
            wire.decode_shared(record.value, None)[0]
            for record in await self.records(topics.SHARED.name)
        ]
        return [one for one in found if isinstance(one, CampaignFailed)]

    async def _change(
        self,
        kind: DefinitionKind,
        name: str,
        action: Action,
        *,
        based_on: int = 0,
        body: dict[str, Any] | None = None,
    ) -> None:
        said = None if body is None else {**body, "id": name}
        change = Change(
            change_id=fresh("change"),
            kind=kind,
            id=name,
            action=action,
            based_on=based_on,
            body=msgspec.Raw(msgspec.json.encode(said)),
            at=now_ms(),
        )
        async with (
            Producer(brokers=self.broker.address) as producer,
            DefinitionsLog(brokers=self.broker.address, producer=producer) as definitions,
        ):
            assert isinstance(await definitions.change(change), Applied)

    async def append(self, records: Sequence[Record]) -> None:
        """Write records as they are."""
        async with Producer(brokers=self.broker.address) as producer:
            await producer.deliver(records)

    async def decide(self, *messages: Message, age_ms: int = 0) -> None:
        """Append decided messages."""
        await self.append(records_of(messages, age_ms=age_ms))

    async def records(self, *names: str) -> list[Received]:
        """Everything in these topics so far."""
        async with Reader(brokers=self.broker.address) as reader:
            await reader.assign_topics(names, start=Beginning())
            return [record async for batch in reader.read_to_end() for record in batch]

    async def sends(self, *ids: str) -> list[Send]:
        """The ledger of these messages, in the order of the log."""
        found = [
            msgspec.json.decode(record.value or b"", type=Send)
            for record in await self.records(topics.SENDS.name)
        ]
        return [send for send in found if send.id in ids]

    async def events(self, message_id: str) -> list[Responded | RecheckRequested]:
        """What the worker is told of a message."""
        found = [
            _event.decode(record.value or b"") for record in await self.records(topics.EVENTS.name)
        ]
        return [
            event
            for event in found
            if message_id
            == (event.message_id if isinstance(event, Responded) else event.message.id)
        ]

    async def heard(self, message_id: str, count: int = 1) -> list[Responded | RecheckRequested]:
        """Wait until the worker was told so often."""

        async def enough() -> list[Responded | RecheckRequested]:
            events = await self.events(message_id)
            return events if len(events) >= count else []

        return await eventually(enough, within_s=30)

    async def responses(self, message_id: str, count: int = 1) -> list[str]:
        """Wait for so many, and name them."""
        return [
            event.response
            for event in await self.heard(message_id, count)
            if isinstance(event, Responded)
        ]

    async def dead_letters(self) -> list[DeadLetter]:
        """All there are."""
        return [
            msgspec.json.decode(record.value or b"", type=DeadLetter)
            for record in await self.records(topics.DEAD_LETTERS.name)
        ]

"""Delivery's shell over logs in memory, driven by the real ledger; the provider cannot dedup."""

import msgspec

from agents.delivery.decisions import (
    Close,
    Decision,
    Dispatch,
    Finished,
    Recheck,
    Reserve,
    Wait,
)
from agents.delivery.ledger import Ledger
from agents.worker.batches import LogRecord
from engine import ids, keys
from engine.events import RecheckRequested, Responded
from engine.messages import Message
from engine.sends import Send, SendState
from streams import topics, wire
from streams.records import Record
from tests.support.simulation.world import Process, World


class Delivery:
    """One delivery process; it may linger as a zombie beside the next."""

    def __init__(self, world: World, run: str) -> None:
        self.world = world
        self.run_id = run
        self.position = 0
        self._ledger = Ledger(writer=run)
        self._tail = 0

    @property
    def is_idle(self) -> bool:
        """Every message has an end, and it is committed."""
        end = len(self.world.log(topics.MESSAGES.name))
        return self.position == end == self.world.committed["delivery"]

    def run(self) -> Process:
        """Read the ledger back, then one message after the other."""
        self.position = self.world.committed["delivery"]
        while True:
            log = self.world.log(topics.MESSAGES.name)
            if self.position < len(log):
                yield from self._message(log[self.position])
                self.position += 1
            if self.world.rng.random() < 0.3:
                self.world.commit("delivery", self.run_id, self.position)
            yield

    def _message(self, record: LogRecord) -> Process:
        message = msgspec.json.decode(record.value or b"", type=Message)
        while True:
            self._read_tail()
            decision = self._ledger.decide(
                message, logged_at=record.logged_at, now=self.world.now, is_certain=False
            )
            yield
            yield from self._carry_out(message, record, decision)
            if isinstance(decision, Finished | Recheck):
                return

    def _carry_out(self, message: Message, record: LogRecord, decision: Decision) -> Process:
        match decision:
            case Reserve(attempt=attempt):
                self._append(message, attempt, "reserved")
            case Dispatch(attempt=attempt):
                self.world.provider[message.id] += 1
                yield
                self._append(message, attempt, "accepted")
            case Close(attempt=attempt, state=state, code=code):
                self._append(message, attempt, state, code)
            case Wait():
                yield
            case Recheck():
                event_id = ids.derived("recheck", message.id, record.offset)
                event = RecheckRequested(id=event_id, occurred_at=self.world.now, message=message)
                self.world.append(wire.record_of(keys.from_public_id(message.customer), event))
            case Finished(outcomes=outcomes):
                for ended in outcomes:
                    self._respond(message, ended.state)
                    yield

    def _respond(self, message: Message, state: SendState) -> None:
        assert state != "reserved"
        event = Responded(
            id=ids.derived(message.id, state),
            occurred_at=self.world.now,
            message_id=message.id,
            channel=message.channel,
            campaign=message.campaign,
            response=state,
        )
        self.world.append(wire.record_of(keys.from_public_id(message.customer), event))

    def _append(
        self, message: Message, attempt: int, state: SendState, code: str | None = None
    ) -> None:
        send = Send(
            id=message.id,
            attempt=attempt,
            state=state,
            at=self.world.now,
            customer=message.customer,
            channel=message.channel,
            campaign=message.campaign,
            version=message.version,
            step=message.step,
            template=message.template,
            writer=self.run_id,
            provider="smtp",
            code=code,
        )
        key = keys.from_public_id(message.customer).encode()
        self.world.append(Record(topic=topics.SENDS.name, key=key, value=msgspec.json.encode(send)))

    def _read_tail(self) -> None:
        log = self.world.log(topics.SENDS.name)
        for record in log[self._tail :]:
            send = msgspec.json.decode(record.value or b"", type=Send)
            self._ledger.apply(send, logged_at=record.logged_at)
        self._tail = len(log)

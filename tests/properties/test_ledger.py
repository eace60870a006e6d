"""Whatever two delivery processes do, however they die, a message leaves once or is in doubt."""

import random
from collections import Counter
from typing import Final

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.delivery.decisions import Close, Dispatch, Finished, Recheck, Reserve, Wait
from agents.delivery.ledger import Ledger
from engine.messages import Message, MessageClass
from engine.sends import Send, SendState
from tests.support import decided
from tests.support.examples import examples

START: Final = 1_800_000_000_000
STEPS: Final = 120

ANSWERS: Final = (
    *("accepted", "450", "550", "unreachable"),
    *("lost after sending", "lost before sending"),
)


class World:
    """One log, one provider, one clock; processes come and go."""

    def __init__(
        self, chance: random.Random, *, message_class: MessageClass, is_certain: bool
    ) -> None:
        self.chance = chance
        self.is_certain = is_certain
        self.now = START
        self.log: list[tuple[Send, int]] = []
        self.delivered: Counter[str] = Counter()
        self.heard: dict[str, list[str]] = {}
        self.born = 0
        self.messages = [
            decided.message(f"m{n}", at=START, lives_ms=400_000, message_class=message_class)
            for n in range(2)
        ]

    def append(self, send: Send) -> int:
        """Write to the log, acknowledged at once."""
        self.log.append((send, self.now))
        return len(self.log) - 1

    def ask_provider(self, message_id: str) -> str:
        """Hand a message over; what is lost after sending was sent."""
        answer = self.chance.choice(ANSWERS)
        if answer in {"accepted", "lost after sending"}:
            self.delivered[message_id] += 1
        return answer


class Process:
    """One delivery process at one message, as slow and as mortal as chance wants."""

    def __init__(self, world: World, message: Message, *, reads_up: bool = True) -> None:
        world.born += 1
        self.world = world
        self.message = message
        self.writer = f"w{world.born}"
        self.ledger = Ledger(writer=self.writer)
        self.read = 0
        self.awaited = -1
        self.answer: str | None = None
        self.attempt = 0
        self.is_done = False
        self.reads_up = reads_up
        self.read_on(len(world.log))

    def read_on(self, count: int) -> None:
        """Fold some more of the log."""
        for send, at in self.world.log[self.read : self.read + count]:
            self.ledger.apply(send, logged_at=at)
            self.read += 1

    def step(self) -> None:
        """One thing between two moments at which a process may die or stand still."""
        if self.answer is not None:
            self.report(self.answer)
        elif self.read <= self.awaited and self.reads_up:
            self.read_on(self.world.chance.randint(1, 3))
        elif not self.is_done:
            self.act()

    def act(self) -> None:
        """Do what the ledger says."""
        decision = self.ledger.decide(
            self.message,
            # Always fresh: rechecks are the worker's, not the ledger's.
            logged_at=self.world.now,
            now=self.world.now,
            is_certain=self.world.is_certain,
        )
        match decision:
            case Reserve(attempt=attempt):
                self.claim(attempt, "reserved")
                if not self.reads_up:
                    self.dispatch(attempt)
            case Dispatch(attempt=attempt):
                self.dispatch(attempt)
            case Close(attempt=attempt, state=state, code=code):
                self.claim(attempt, state, code)
            case Finished(outcomes=outcomes):
                self.world.heard[self.message.id] = [outcome.state for outcome in outcomes]
                self.is_done = True
            case Wait() | Recheck():
                self.read_on(1)

    def dispatch(self, attempt: int) -> None:
        """Send; the answer is written down in a later step, or never."""
        self.attempt = attempt
        self.answer = self.world.ask_provider(self.message.id)

    def report(self, answer: str) -> None:
        """Write down what the provider made of it."""
        self.answer = None
        state: SendState = "failed"
        if answer == "accepted":
            state = "accepted"
        elif answer.startswith("lost"):
            state = "in_doubt"
        self.claim(self.attempt, state, answer)

    def claim(self, attempt: int, state: SendState, code: str | None = None) -> None:
        """Append to the ledger; nothing else happens before it has come back."""
        self.awaited = self.world.append(
            Send(
                id=self.message.id,
                attempt=attempt,
                state=state,
                at=self.world.now,
                customer="ann",
                channel="email",
                campaign="cart",
                version=1,
                step="s1",
                template="t",
                writer=self.writer,
                provider="p",
                code=code,
            )
        )


def simulate(world: World, *, reads_up: bool = True) -> None:
    """Two processes at each message, interleaved, killed and frozen; then one that finishes."""

    def born(message: Message) -> Process:
        return Process(world, message, reads_up=reads_up)

    running = [born(message) for message in world.messages for _ in range(2)]
    for _ in range(STEPS):
        at = world.chance.randrange(len(running))
        lot = world.chance.random()
        if lot < 0.05:
            running[at] = born(running[at].message)
        elif lot < 0.12:
            world.now += world.chance.choice((10, 1_000, 10_000, 60_000))
        else:
            running[at].step()
    settle(world)


def settle(world: World) -> None:
    """Let a sound process bring every message to its end."""
    for message in world.messages:
        last = Process(world, message)
        for _ in range(1_000):
            last.step()
            world.now += 1_000
            if last.is_done:
                break
        else:
            pytest.fail(f"{message.id} never came to an end")


def violations(world: World) -> list[str]:
    """What must never be, checked over the log and the provider's own count."""
    found = []
    for message in world.messages:
        count = world.delivered[message.id]
        doubts = sum(send.id == message.id and send.state == "in_doubt" for send, _ in world.log)
        heard = world.heard[message.id]
        if not world.is_certain and message.message_class == "marketing" and count > 1:
            found.append(f"{message.id}: marketing sent {count} times")
        if not world.is_certain and count > 1 + doubts:
            found.append(f"{message.id}: sent {count} times with {doubts} doubts")
        if "accepted" in heard and count == 0:
            found.append(f"{message.id}: called accepted, never sent")
        if not world.is_certain and count and not {"accepted", "in_doubt"} & set(heard):
            found.append(f"{message.id}: sent, but called {heard}")
    return found


CLASSES = st.sampled_from(("marketing", "transactional"))


@settings(max_examples=examples(200), deadline=None, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False), message_class=CLASSES, is_certain=st.booleans())
def test_no_interleaving_of_two_writers_and_no_crash_sends_twice(
    chance: random.Random, message_class: MessageClass, *, is_certain: bool
) -> None:
    world = World(chance, message_class=message_class, is_certain=is_certain)

    simulate(world)

    assert violations(world) == []


@settings(max_examples=examples(50), deadline=None, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False))
def test_every_process_that_reads_the_whole_log_knows_the_same(chance: random.Random) -> None:
    world = World(chance, message_class="transactional", is_certain=False)
    simulate(world)

    folds = [Process(world, world.messages[0]).ledger.entries for _ in range(2)]

    assert msgspec.json.encode(folds[0]) == msgspec.json.encode(folds[1])
    assert len(folds[0]) == len(world.messages)


@pytest.mark.parametrize("message_class", ["marketing", "transactional"])
def test_the_simulation_catches_who_sends_without_reading_up(message_class: MessageClass) -> None:
    caught = []
    for seed in range(200):
        chance = random.Random(seed)  # noqa: S311 - a schedule, not a secret
        world = World(chance, message_class=message_class, is_certain=False)
        simulate(world, reads_up=False)
        caught += violations(world)

    assert caught

"""A test's story on the virtual clock: what was given, then what happens, and every decision."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeAlias

import msgspec

from engine import facts, ids, keys
from engine.catalogue.shelf import Shelf
from engine.commands import Activated
from engine.customer import Customer
from engine.definitions import changes, folded, moments
from engine.definitions.cases import Case, Happening
from engine.definitions.changes import Action, Change
from engine.definitions.folded import Definitions
from engine.definitions.publishing import NOTHING, Publication
from engine.definitions.templates import Template
from engine.definitions.triggers import base
from engine.errors import InvalidDefinitionError, RejectedError
from engine.events import Responded
from engine.facts import Fact
from engine.intake.arrivals import Listing
from engine.messages import Message
from engine.rehearsal import happenings
from engine.rehearsal.telling import Entry, Shown
from engine.replay import Decision, Occurrence, Refused, Timeline
from engine.rows import Row

RUNS_ON_MS: Final = 30 * moments.DAY_MS
"""Behind the last thing that happens, for a case that does not say its end."""

TOLD: Final = frozenset({"arm_assigned", "goal_reached"})
"""Changes that a campaign led to: a test may ask for them, too."""

Render: TypeAlias = Callable[[Message, Template], Shown]


class StoryError(Exception):
    """Something in the case cannot happen; `path` says what."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(message)
        self.path = path


class Planned(NamedTuple):
    """A happening with its time and its place in the case."""

    at: int
    one: Happening
    path: str
    customer: str


class Stage:
    """One case, from its beginning to its end."""

    def __init__(self, case: Case, definitions: Definitions, render: Render) -> None:
        self.start = moments.instant(case.start)
        self.entries: list[Entry] = []
        self._case = case
        self._live = definitions
        self._render = render
        self._shelf = Shelf()
        self._timeline = Timeline(_without_triggers(definitions))
        self._messages: dict[str, Message] = {}
        self._placed: list[str] = []
        self._count = 0

    def place(self, name: str, row: Row) -> None:
        """Begin with a customer as they are somewhere else."""
        self._timeline.place(keys.from_public_id(name), row)
        self._placed.append(name)

    def play(self) -> Iterator[int]:
        """Go through the story; yields before each thing that happens, and at the end, the time.

        What is there to be asked then is as of before it.

        Raises:
            StoryError: something cannot happen.
        """
        self._give()
        self._timeline.definitions = self._live
        for campaign in self._live.campaigns:
            self._activate(campaign, at=self.start)
        planned = self._planned()
        for one in planned:
            yield one.at
            self.run_until(one.at)
            self._happen(one)
        yield self._end(planned)

    def run_until(self, at: int) -> None:
        """Let the clock go on; messages are accepted by their provider as soon as they are sent."""
        while (due_at := self._timeline.next_due_at) is not None and due_at <= at:
            self._take(self._timeline.fire_next())

    def customer(self, name: str) -> Customer:
        """Somebody as they are now."""
        return self._timeline.row(keys.from_public_id(name)).customer

    @property
    def definitions(self) -> Definitions:
        """Those that are decided under now."""
        return self._timeline.definitions

    def _give(self) -> None:
        """Profiles first, then what everybody did before, in the order of time."""
        history = sorted(
            (
                self._plan(one, f"customers.{name}.history[{place}]", customer=name)
                for name, said in self._case.customers.items()
                for place, one in enumerate(said.history)
            ),
            key=lambda planned: planned.at,
        )
        first = min([self.start, *(planned.at for planned in history)]) - 60_000
        for name, said in self._case.customers.items():
            try:
                self._apply(happenings.given(name, said, at=first))
            except RejectedError as error:
                path = f"customers.{name}.{error.path}".rstrip(".")
                raise StoryError(path, str(error)) from error
        for planned in history:
            self._happen(planned)

    def _planned(self) -> list[Planned]:
        found = [
            self._plan(one, f"when[{place}]", customer="")
            for place, one in enumerate(self._case.when)
        ]
        return sorted(found, key=lambda planned: planned.at)

    def _plan(self, one: Happening, path: str, *, customer: str) -> Planned:
        who = one.customer or customer or next(iter(self._case.customers), "")
        return Planned(moments.moment(one.at, start=self.start), one, path, who)

    def _end(self, planned: list[Planned]) -> int:
        if self._case.until is not None:
            return moments.moment(self._case.until, start=self.start)
        return max([self.start, *(one.at for one in planned)]) + RUNS_ON_MS

    def _happen(self, planned: Planned) -> None:
        self._count += 1
        try:
            self._carry_out(planned)
        except RejectedError as error:
            path = f"{planned.path}.{error.path}".rstrip(".")
            raise StoryError(path, f"{error.code}: {error}") from error
        except InvalidDefinitionError as error:
            raise StoryError(f"{planned.path}.to.{error.flaws[0].path}", str(error)) from error

    def _carry_out(self, planned: Planned) -> None:
        at, one, path, customer = planned
        if one.response is not None:
            self._apply(self._response(planned))
            return
        if one.campaign is not None:
            self._change(one, path)
            if one.do == "publish":
                self._activate(one.campaign, at=at)
            return
        occurred_at = at if one.occurred is None else moments.moment(one.occurred, start=self.start)
        found = happenings.occurrence(
            one, customer, at=at, occurred_at=occurred_at, name=f"happening-{self._count}"
        )
        if isinstance(found, Listing):
            self._list(found)
        else:
            self._apply(found)

    def _activate(self, campaign_id: str, *, at: int) -> None:
        """As at its publishing, its clocks are set for who was there before."""
        entry = self.definitions.live(campaign_id)
        if entry is None or entry.published is None:
            return
        if not any(base.is_activated(one) for one in entry.published.triggers if one.enabled):
            return
        for name in (*self._case.customers, *self._placed):
            event = Activated(
                id=ids.derived("activated", campaign_id, entry.published_version, name),
                occurred_at=at,
                campaign=campaign_id,
                version=entry.published_version,
            )
            self._apply(Occurrence(keys.from_public_id(name), event, at))

    def _list(self, found: Listing) -> None:
        self._shelf.apply(found.event, offset=self._shelf.offset + 1)
        catalogue = self._shelf.at(self._shelf.offset)
        self._live = msgspec.structs.replace(self._live, catalogue=catalogue)
        self._timeline.definitions = msgspec.structs.replace(
            self._timeline.definitions, catalogue=catalogue
        )

    def _response(self, planned: Planned) -> Occurrence:
        at, one, path, customer = planned
        name = keys.from_public_id(customer)
        own = self._timeline.row(name).customer.id
        sent = [
            message
            for message in self._messages.values()
            if message.template == one.message and message.customer in {own, customer}
        ]
        if not sent:
            message = f"{customer} was sent no {one.message!r} by then"
            raise StoryError(f"{path}.message", message)
        assert one.response is not None
        event = Responded(
            id=one.id or ids.derived(sent[-1].id, one.response, self._count),
            occurred_at=at,
            source=happenings.SOURCE,
            message_id=sent[-1].id,
            channel=sent[-1].channel,
            campaign=sent[-1].campaign,
            response=one.response,
            code=one.code,
            is_machine=one.machine,
        )
        return Occurrence(name, event, at)

    def _change(self, one: Happening, path: str) -> None:
        assert one.campaign is not None
        assert one.do is not None
        if one.to is not None:
            body = msgspec.json.encode({**one.to, "id": one.campaign})
            changes.decode_campaign(body)
            self._fold(one.campaign, "put", path, body=body)
        told = Publication(running=one.running, map=one.map)
        is_published = one.do == "publish"
        self._fold(
            one.campaign,
            one.do,
            path,
            body=msgspec.json.encode(told) if is_published else NOTHING,
        )

    def _fold(self, campaign: str, action: Action, path: str, *, body: bytes = NOTHING) -> None:
        known = self._timeline.definitions
        change = Change(
            change_id=f"{path}.{action}",
            kind="campaigns",
            id=campaign,
            action=action,
            based_on=folded.revision_of(known, "campaigns", campaign),
            body=msgspec.Raw(body),
            at=self.start,
        )
        after = folded.fold(known, change, offset=known.offset + 1)
        if after.is_void:
            status = known.status(campaign)
            message = f"{campaign!r} is {status}: it cannot be told to {action}"
            raise StoryError(path, message)
        self._timeline.definitions = after.definitions

    def _apply(self, occurrence: Occurrence) -> None:
        self._take(self._timeline.apply(occurrence.key, occurrence.event, occurrence.at))

    def _take(self, decisions: Iterator[Decision]) -> None:
        """Note what was decided; what was sent is accepted."""
        sent = []
        for decision in decisions:
            match decision:
                case Message():
                    self._messages.pop(decision.id, None)
                    self._messages[decision.id] = decision
                    sent.append(decision)
                case Fact(kind=kind):
                    if facts.is_decision(kind) or kind in TOLD:
                        self.entries.append(self._entry(decision))
                case Refused(error=error):
                    raise StoryError("", f"{error.code}: {error}")
        for message in sent:
            self._apply(_accepted(message))

    def _entry(self, fact: Fact) -> Entry:
        message = self._messages.get(fact.message_id or "")
        if fact.kind != "sent" or message is None:
            return Entry(fact)
        template = self.definitions.templates[message.template].versions[message.template_version]
        return Entry(fact, message, self._render(message, template))


def _accepted(message: Message) -> Occurrence:
    event = Responded(
        id=ids.derived(message.id, "accepted"),
        occurred_at=message.decided_at,
        source=happenings.SOURCE,
        message_id=message.id,
        channel=message.channel,
        campaign=message.campaign,
        response="accepted",
    )
    return Occurrence(keys.from_public_id(message.customer), event, message.decided_at)


def _without_triggers(definitions: Definitions) -> Definitions:
    """What is counted is counted; nobody is let in."""
    return msgspec.structs.replace(definitions, triggers=(), watching={}, timers={})

"""Two people who were taken for one: what each of them would be, had nothing shown them to be one.

    the survivor's row, ready ──▶ whose identities go (`along`) and whose stay
    events before the marks   ──▶ each group replayed for itself, in the order of the log
    what was decided          ──▶ stays with whom it was decided for: what was sent was sent

Every event is stored under the identity it came by, whatever was merged later. The evidence merges
the identities of a group again as it did; what only the other group's events showed is joined at
the end. How the two rows get their place: `engine.merges.unmerging`.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from engine import claims, keys, merging, people, responses, rows
from engine.customer import MESSAGES_MAX, Customer, SentMessage
from engine.definitions.folded import Definitions
from engine.errors import RejectedError
from engine.events import Event, Responded
from engine.journeys import entering, rechecking, walks
from engine.links import SPLIT, Freeze, Link, Unmerge
from engine.merges import freezing, moving
from engine.merges.moving import State
from engine.messages import Message
from engine.replay import Occurrence
from engine.rows import Arrival, Row

DECIDED: Final = frozenset(
    {"messages", "entered", "arms", "runs", "counts", "held", "pursuits", "points"}
)
"""Fields of a customer that say what was decided: no replay makes them, they are handed out."""

_NOT_REPLAYED: Final = (claims.TIMER, walks.TIMER, rechecking.TIMER)

_decode: Final = msgspec.json.Decoder(Event).decode


class Decided(NamedTuple):
    """What was decided for the identities that go, as it is on record."""

    sent: Sequence[SentMessage] = ()
    """Oldest first."""
    entered: Mapping[str, int] = {}
    """By campaign, epoch ms."""
    entered_by_others: Mapping[str, int] = {}
    """The same of the identities that stay."""
    runs: frozenset[str] = frozenset()
    """Ids of the runs that began for the identities that go."""


NOTHING_DECIDED: Final = Decided()


class Split(NamedTuple):
    """The two states."""

    survivor: State
    identity: State


class Replay:
    """Both groups side by side; memory is that of their rows."""

    def __init__(self, row: Row, decided: Decided) -> None:
        """Begin with nothing.

        Args:
            row: The survivor's, whose unmerge is ready.
        """
        assert row.unmerge is not None
        self._row, self._unmerge = row, row.unmerge
        self._freeze = row.freeze or Freeze(base=row.customer)
        self._own = keys.from_public_id(row.customer.id)
        self._along = dict.fromkeys(row.unmerge.along)
        self._staying = dict.fromkeys((self._own, *row.links))
        self._rows: dict[str, Row] = {}
        self._decided = decided
        self._sent = Customer(id="", messages=tuple(decided.sent)[-MESSAGES_MAX:])

    def apply(self, happened: Occurrence, definitions: Definitions) -> None:
        """Apply one event under the row key it came by; what a worker refuses changes nothing."""
        if isinstance(happened.event, Responded) and happened.key in self._along:
            self._sent = responses.respond(self._sent, happened.event)
        arrival = Arrival(event=happened.event, logged_at=happened.at)
        self._advance(happened.key, arrival, definitions)

    def split(self, definitions: Definitions) -> Split:
        """Both, when everything before the marks is applied."""
        others = [key for key in self._staying if key not in self._along]
        survivor = self._whole(self._own, others, definitions)
        identity = self._whole(self._unmerge.identity, list(self._along), definitions)
        return Split(self._survivor_state(survivor), self._identity_state(identity))

    def _advance(self, key: str, arrival: Arrival, definitions: Definitions) -> None:
        """Apply it, and at once what follows from it for others of the group."""
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._blank(key)
        try:
            found = people.advance(row, arrival, definitions)
        except (RejectedError, ArithmeticError):
            return
        for emission in () if isinstance(found, str) else found:
            if emission.topic == "events":
                event = _decode(emission.value)
                follows = Arrival(event=event, logged_at=arrival.logged_at, origin=emission.origin)
                self._advance(emission.key, follows, definitions)

    def _blank(self, key: str) -> Row:
        """Nobody yet, and told who of the other group is another person."""
        row = rows.blank(key)
        others = self._staying if key in self._along else self._along
        apart = [other for other in others if (other in self._along) != (key in self._along)]
        row.links = {other: Link("refused", SPLIT, 0) for other in apart}
        return row

    def _whole(self, top: str, group: Sequence[str], definitions: Definitions) -> Row:
        """The group's row; whoever nothing shows any more to be of it is joined, the rule's way."""
        survivor = self._end(top)
        for key in sorted(group, key=keys.strength):
            other = self._end(key)
            freezing.thaw(other, definitions)
            if other is not survivor:
                survivor.customer = merging.merged(survivor.customer, other.customer)
                moving.rearm(survivor, moving.due_times(other))
                other.forward = top
        return survivor

    def _end(self, key: str) -> Row:
        row = self._rows.setdefault(key, self._blank(key))
        while row.forward:
            row = self._rows.setdefault(row.forward, self._blank(row.forward))
        return row

    def _survivor_state(self, row: Row) -> State:
        base, decided = self._freeze.base, self._decided
        gone = {one.message_id for one in self._sent.messages}
        customer = msgspec.structs.replace(
            row.customer,
            id=self._row.customer.id,
            messages=tuple(one for one in base.messages if one.message_id not in gone),
            entered={
                name: decided.entered_by_others.get(name, at) if name in decided.entered else at
                for name, at in base.entered.items()
                if not self._is_theirs(name)
            },
            arms=base.arms,
            runs=tuple(run for run in base.runs if run.id not in decided.runs),
            counts=tuple(one for one in base.counts if one.message_id not in gone),
            held=tuple(one for one in base.held if one.id not in gone),
            pursuits=tuple(one for one in base.pursuits if one.id not in decided.runs),
            points=tuple(one for one in base.points if one.run not in decided.runs),
        )
        return State(
            customer=customer,
            now_at=self._row.now_at,
            timers=self._timers(row, customer),
            merges_count=max(0, self._row.merges_count - len(self._along)),
        )

    def _identity_state(self, row: Row) -> State:
        unmerge, base, decided = self._unmerge, self._freeze.base, self._decided
        gone = {one.message_id for one in self._sent.messages}
        once = {name: at for name, at in base.entered.items() if self._is_theirs(name)}
        customer = msgspec.structs.replace(
            row.customer,
            id=keys.public_id(unmerge.identity),
            messages=self._sent.messages,
            entered={**once, **decided.entered},
            # Both keep what either was dealt: one of them was shown it, and nobody knows who.
            arms=base.arms,
            runs=tuple(run for run in base.runs if run.id in decided.runs),
            counts=tuple(one for one in base.counts if one.message_id in gone),
            held=tuple(one for one in base.held if one.id in gone),
            pursuits=tuple(one for one in base.pursuits if one.id in decided.runs),
            points=tuple(one for one in base.points if one.run in decided.runs),
        )
        links = {key: self._row.links[key] for key in unmerge.along if key != unmerge.identity}
        return State(
            customer=customer,
            now_at=self._row.now_at,
            timers=self._timers(row, customer),
            seen=self._seen(),
            links={**links, self._own: Link("refused", SPLIT, unmerge.at)},
            merges_count=len(unmerge.along) - 1,
        )

    def _is_theirs(self, entry: str) -> bool:
        """Whether only identities that go have entered the campaign."""
        campaign, decided = entering.campaign_of(entry), self._decided
        return campaign in decided.entered and campaign not in decided.entered_by_others

    def _seen(self) -> dict[bytes, int]:
        """All that the survivor has seen: of no harm. But what is held is still to come."""
        held = {
            rows.hashed(_decode(one.value).id)
            for one in self._freeze.held
            if not one.is_before_mark
        }
        return {key: at for key, at in self._row.seen.items() if key not in held}

    def _timers(self, row: Row, customer: Customer) -> dict[str, int]:
        """Those still to come: what was due before has fired, or is on its way to.

        A run's go with the run. What waits for a claim stays in the row that claimed it.
        """
        pending = {name: timer.due_at for name, timer in self._row.timers.items()}
        replayed = {
            name: due_at
            for name, due_at in moving.due_times(row).items()
            if not name.startswith(_NOT_REPLAYED)
            and (due_at > self._unmerge.at or pending.get(name) == due_at)
        }
        of_runs = {f"{walks.TIMER}{run.id}" for run in customer.runs}
        of_held = {f"{rechecking.TIMER}{message.id}" for message in customer.held}
        return replayed | {name: pending[name] for name in (of_runs | of_held) & pending.keys()}


def sent(message: Message) -> SentMessage:
    """How a row remembers a message."""
    return SentMessage(
        message_id=message.id,
        campaign=message.campaign,
        channel=message.channel,
        decided_at=message.decided_at,
    )


def is_ready(unmerge: Unmerge | None, unmerge_id: str) -> bool:
    """Whether the row waits for this unmerge's replay."""
    return unmerge is not None and unmerge.id == unmerge_id and unmerge.state == "ready"

"""X47: what stands against an address, who is told, and what is written down."""

import msgspec
import pytest

from engine import suppressions
from engine.addresses import AddressType
from engine.claims import SharedEvent
from engine.events import Event
from engine.rows import ROW_MAX_BYTES
from engine.shared import answering
from engine.shared.answering import SharedArrival
from engine.shared.counters import CounterRow
from engine.shared.standings import (
    MEMBERS_MAX,
    MEMBERS_MAX_BYTES,
    SOFT_APART_MS,
    SOFT_MAX,
    AddressState,
)
from engine.suppressions import (
    AddressLeft,
    AddressReported,
    AddressTaken,
    Scope,
    SuppressionAdded,
    SuppressionChanged,
    SuppressionRecorded,
    SuppressionRemoved,
    Verdict,
)

COUNTER = suppressions.counter(suppressions.hashed("email", "ada@shop.io"))


class Desk:
    """One address."""

    def __init__(self) -> None:
        self.row = CounterRow()
        self.told: list[tuple[str, SuppressionChanged]] = []
        self.recorded: list[SuppressionRecorded] = []
        self._now = 0

    @property
    def state(self) -> AddressState:
        """As stored."""
        assert self.row.address is not None
        return self.row.address

    @property
    def standing(self) -> tuple[str, str] | None:
        """Reason and scope."""
        mark = self.state.standing
        return None if mark is None else (mark.reason, mark.scope)

    def hears(self, event: SharedEvent) -> "Desk":
        """Apply a record."""
        self._now += 1
        arrival = SharedArrival(counter=COUNTER, event=event, logged_at=self._now)
        found = answering.advance(self.row, arrival)
        assert not isinstance(found, str)
        for emission in found:
            if emission.topic == "shared":
                assert emission.key == COUNTER
                recorded = msgspec.json.decode(emission.value, type=SuppressionRecorded)
                self.recorded.append(recorded)
                self.hears(recorded)
                continue
            event_told = msgspec.json.decode(emission.value, type=Event)
            assert isinstance(event_told, SuppressionChanged)
            self.told.append((emission.key, event_told))
        return self

    def taken(self, customer: str, *, knows: int = 0) -> "Desk":
        """Somebody comes."""
        return self.hears(
            AddressTaken(
                id=f"t{customer}", occurred_at=1, kind="email", customer=customer, revision=knows
            )
        )

    def reported(self, verdict: Verdict, *, at: int = 1) -> "Desk":
        """A message met its fate."""
        return self.hears(
            AddressReported(
                id=f"r{self._now}",
                occurred_at=at,
                kind="email",
                customer="anna",
                verdict=verdict,
                message_id="m",
                code="5.1.1",
            )
        )

    def added(self, *, scope: Scope = "all", note: str = "") -> "Desk":
        """An operator suppresses it."""
        return self.hears(
            SuppressionAdded(
                id="a", occurred_at=1, kind="email", reason="operator", scope=scope, note=note
            )
        )

    def removed(self, note: str = "") -> "Desk":
        """An operator undoes it."""
        return self.hears(SuppressionRemoved(id="x", occurred_at=2, note=note))


def test_a_hard_bounce_suppresses_the_address_at_once_for_everything() -> None:
    assert Desk().reported("hard").standing == ("hard_bounce", "all")


def test_a_complaint_suppresses_marketing_only() -> None:
    assert Desk().reported("complaint").standing == ("complaint", "marketing")


def test_everybody_who_has_the_address_is_told() -> None:
    desk = Desk().taken("u:anna").taken("u:ben").reported("hard")

    assert [(key, one.scope, one.reason) for key, one in desk.told] == [
        ("u:anna", "all", "hard_bounce"),
        ("u:ben", "all", "hard_bounce"),
    ]


def test_whoever_comes_later_is_told_what_stands() -> None:
    desk = Desk().reported("complaint").taken("u:cleo")

    assert [(key, one.scope) for key, one in desk.told] == [("u:cleo", "marketing")]


def test_whoever_comes_to_an_address_nothing_was_ever_said_of_costs_no_answer() -> None:
    assert Desk().taken("u:anna").told == []


def test_whoever_knows_it_already_is_not_told_again() -> None:
    desk = Desk().reported("hard")

    assert desk.taken("u:anna", knows=desk.state.revision).told == []


def test_whoever_left_is_told_nothing_more() -> None:
    left = AddressLeft(id="l", occurred_at=1, customer="u:anna")

    assert Desk().taken("u:anna").hears(left).reported("hard").told == []


def test_removing_a_suppression_tells_everybody_and_keeps_what_was() -> None:
    desk = Desk().taken("u:anna").reported("hard").removed("a typo of the provider")

    assert desk.standing is None
    assert desk.told[-1][1].scope == ""
    assert [(one.scope, one.reason, one.origin, one.note) for one in desk.recorded] == [
        ("all", "hard_bounce", "response", ""),
        ("", "", "operator", "a typo of the provider"),
    ]


def test_the_same_again_changes_nothing() -> None:
    desk = Desk().added().added()

    assert (desk.state.revision, len(desk.recorded)) == (1, 1)


def test_of_several_reasons_the_widest_counts_and_all_are_written_down() -> None:
    desk = Desk().reported("complaint").reported("hard")

    assert desk.standing == ("hard_bounce", "all")
    assert desk.recorded[-1].reasons == ("complaint", "hard_bounce")


def test_soft_bounces_of_several_days_count_as_a_hard_one() -> None:
    desk = Desk()
    for number in range(SOFT_MAX - 1):
        desk.reported("soft", at=number * SOFT_APART_MS)
    assert desk.standing is None

    desk.reported("soft", at=SOFT_MAX * SOFT_APART_MS)

    assert desk.standing == ("soft_bounces", "all")


def test_soft_bounces_of_one_day_are_one() -> None:
    desk = Desk()
    for number in range(2 * SOFT_MAX):
        desk.reported("soft", at=number)

    assert (desk.standing, desk.state.soft_count) == (None, 1)


def test_a_delivered_message_begins_the_count_anew() -> None:
    desk = Desk().taken("u:anna")
    for number in range(SOFT_MAX - 1):
        desk.reported("soft", at=number * SOFT_APART_MS)

    desk.reported("delivered", at=SOFT_MAX * SOFT_APART_MS)

    assert desk.state.soft_count == 0
    assert [one.is_soft for _, one in desk.told] == [True, False]


def test_a_delivery_from_before_the_last_soft_bounce_says_nothing() -> None:
    desk = Desk().reported("soft", at=SOFT_APART_MS).reported("delivered", at=1)

    assert desk.state.soft_count == 1


def test_many_customers_with_one_address_are_bounded_and_the_last_to_come_are_told() -> None:
    desk = Desk()
    for number in range(MEMBERS_MAX + 1):
        desk.taken(f"u:{number}")

    assert len(desk.state.members) == MEMBERS_MAX
    assert "u:0" not in desk.state.members


def test_long_ids_are_bounded_by_their_bytes_and_a_change_fits_a_row() -> None:
    desk = Desk()
    for number in range(MEMBERS_MAX):
        desk.taken(f"u:{number:0500}")
    arrival = SharedArrival(
        counter=COUNTER,
        event=SuppressionAdded(id="a", occurred_at=1, kind="email", reason="operator", scope="all"),
        logged_at=9,
    )
    found = answering.advance(desk.row, arrival)

    assert sum(map(len, desk.state.members)) <= MEMBERS_MAX_BYTES
    assert not isinstance(found, str)
    size = sum(len(one.value) + len(one.key) for one in found)
    assert size + len(msgspec.msgpack.encode(desk.row)) < ROW_MAX_BYTES


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_an_addresss_row_has_a_counters_key(kind: AddressType) -> None:
    counter = suppressions.counter(suppressions.hashed(kind, "+49 151 1"))
    assert len(counter.removeprefix("address:")) == 32


def test_case_and_spaces_tell_no_two_addresses_apart() -> None:
    assert suppressions.hashed("email", " Ada@Shop.io ") == suppressions.hashed(
        "email", "ada@shop.io"
    )
    assert suppressions.hashed("phone", "+49 151-1") == suppressions.hashed("phone", "+491511")

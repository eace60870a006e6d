"""The end of the demo: what happened, and whether it adds up."""

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table

from oncue.demo.observing import DecisionCount, Latency, Sight
from oncue.replay.tally import Tally


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known at the end of a run."""

    events: Tally
    receipts: Tally
    elapsed_s: float
    """Of the replay."""
    sight: Sight
    is_quiet: bool
    customers_missing: int
    decisions: Sequence[DecisionCount]
    latency: Latency
    views: dict[str, int]
    mail_ids: Sequence[str]
    opened_count: int
    """Mails whose pixel was fetched."""
    clicked_count: int
    failures: Sequence[str]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that has to add up."""

    meaning: str
    is_right: bool
    numbers: str


def checks(outcome: Outcome) -> list[Check]:
    """Hold what was sent against what is stored."""
    sight, events, receipts = outcome.sight, outcome.events, outcome.receipts
    return [
        _equal(
            "events sent = stored + rejected", events.total_count, _arrived(events, sight.events)
        ),
        _equal(
            "receipts sent = stored + rejected",
            receipts.total_count,
            _arrived(receipts, sight.receipts),
        ),
        Check(
            meaning="customers with events, but without a row",
            is_right=not outcome.customers_missing,
            numbers=f"{outcome.customers_missing:,}",
        ),
        _equal("decisions to send = messages", sight.sent, sight.messages),
        _equal("messages = distinct messages", sight.messages, sight.messages_distinct),
        _equal("accepted by the provider = distinct", sight.accepted, sight.accepted_distinct),
        _equal("accepted = mails in the outbox", sight.accepted, len(outcome.mail_ids)),
        _equal("mails = distinct mails", len(outcome.mail_ids), len(set(outcome.mail_ids))),
        _equal("mails opened = opens stored", outcome.opened_count, sight.opened),
        _equal("mails clicked = clicks stored", outcome.clicked_count, sight.clicked),
        Check(
            meaning="links that led nowhere",
            is_right=not outcome.failures,
            numbers=", ".join(outcome.failures[:3]) or "0",
        ),
        Check(
            meaning="quiet before the deadline",
            is_right=outcome.is_quiet,
            numbers=f"{sight.unsettled} messages under way",
        ),
        Check(
            meaning="something was sent, opened and clicked",
            is_right=bool(sight.accepted and outcome.opened_count and outcome.clicked_count),
            numbers=f"{sight.accepted}, {outcome.opened_count}, {outcome.clicked_count}",
        ),
    ]


def show(console: Console, outcome: Outcome) -> None:
    """Print the table and the checks."""
    table = Table(title="The morning", show_header=False)
    for name, value in _rows(outcome):
        table.add_row(name, value)
    console.print(table)
    for check in checks(outcome):
        mark = "[green]ok[/green]" if check.is_right else "[red]WRONG[/red]"
        console.print(f"{mark}  {check.meaning}: {check.numbers}", highlight=False)


def _rows(outcome: Outcome) -> list[tuple[str, str]]:
    fired = [count for count in outcome.decisions if count.kind == "fired"]
    rate = outcome.events.sent_count / max(outcome.elapsed_s, 0.001)
    return [
        ("events sent", f"{outcome.events.sent_count:,} in {outcome.elapsed_s:.0f} s"),
        ("events/s", f"{rate:,.0f}"),
        ("events rejected", f"{outcome.events.rejected_count + outcome.events.refused_count:,}"),
        ("receipts sent", f"{outcome.receipts.sent_count:,}"),
        ("customers", f"{outcome.views['customers']:,}"),
        *(
            (
                f"carts abandoned ({count.campaign})",
                f"{count.decisions:,} by {count.customers:,} visitors",
            )
            for count in fired
        ),
        *(
            (f"messages {_words(count)} ({count.campaign})", f"{count.decisions:,}")
            for count in outcome.decisions
            if count.kind in {"sent", "not_sent"}
        ),
        ("mails opened", f"{outcome.sight.opened:,}"),
        ("mails clicked", f"{outcome.sight.clicked:,}"),
        ("due to decided, p50", _milliseconds(outcome.latency.p50_ms)),
        ("due to decided, p99", _milliseconds(outcome.latency.p99_ms)),
        *((f"rows of the view {view}", f"{count:,}") for view, count in outcome.views.items()),
    ]


def _words(count: DecisionCount) -> str:
    return "sent" if count.kind == "sent" else f"not sent: {count.reason}"


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f} ms"


def _arrived(tally: Tally, stored_count: int) -> int:
    return stored_count + tally.rejected_count + tally.refused_count


def _equal(meaning: str, expected: int, found: int) -> Check:
    sign = "=" if expected == found else "but"
    return Check(
        meaning=meaning, is_right=expected == found, numbers=f"{expected:,} {sign} {found:,}"
    )

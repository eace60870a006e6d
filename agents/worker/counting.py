"""What the worker tells the metrics of a batch."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from agents import telemetry
from agents.worker.batches import Batch, LogRecord
from engine.claims import ClaimAnswer, ClaimGranted, ClaimRefused
from engine.events import KINDS, RecheckRequested
from engine.suppressions import SuppressionChanged

PLACE: Final = "worker"

_KINDS: Final = {kind.encode(): kind for kind in KINDS.values()}
_COMMAND: Final = KINDS[RecheckRequested].encode()


class _Counted(msgspec.Struct):
    """What the metrics need of a fact or a message."""

    kind: str = ""
    reason: str | None = None
    channel: str = ""
    caused_at: int = 0


_counted: Final = msgspec.json.Decoder(_Counted).decode
_answer: Final = msgspec.json.Decoder(ClaimAnswer | SuppressionChanged).decode


def count_events(records: Sequence[LogRecord], batch: Batch, now: int) -> None:
    """Of the customers' table."""
    for kind, count in Counter(record.kind for record in records).items():
        telemetry.EVENTS.labels(_KINDS.get(kind, "unknown")).inc(count)
    for reason in batch.ignored:
        telemetry.EVENTS_SKIPPED.labels(reason).inc()
    _count_refusals(batch)
    # A recheck is a cause of its own: the message's first one may lie hours back.
    commanded = {r.offset: r.logged_at for r in records if r.kind == _COMMAND}
    for emitted in batch.effects:
        if emitted.emission.topic not in {"messages", "facts"}:
            continue
        counted = _counted(emitted.emission.value)
        if emitted.emission.topic == "messages":
            telemetry.MESSAGES.labels(counted.channel).inc()
            caused_at = commanded.get(emitted.offset, counted.caused_at)
            telemetry.DECISION_SECONDS.observe((now - caused_at) / 1000)
        else:
            telemetry.DECISIONS.labels(counted.kind, counted.reason or "").inc()


def count_claims(records: Sequence[LogRecord], batch: Batch, now: int) -> None:
    """Of the table `shared`: a replayed record counts again."""
    del records, now
    _count_refusals(batch)
    for emitted in batch.effects:
        match emitted.emission.topic:
            case "shared":
                telemetry.SUPPRESSIONS.inc()
            case "definitions":
                telemetry.CAMPAIGNS_HALTED.inc()
            case _:
                _count_answer(emitted.emission.value)


def _count_answer(value: bytes) -> None:
    match _answer(value):
        case ClaimGranted():
            telemetry.CLAIMS.labels("granted").inc()
        case ClaimRefused():
            telemetry.CLAIMS.labels("refused").inc()
        case SuppressionChanged():
            telemetry.SUPPRESSIONS_TOLD.inc()


def _count_refusals(batch: Batch) -> None:
    for refusal in batch.refusals:
        telemetry.DEAD_LETTERS.labels(PLACE, refusal.error.code).inc()

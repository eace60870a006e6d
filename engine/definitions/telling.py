"""What a change makes of definitions that nobody writes by hand: fan-outs, cut points, verdicts."""

from collections.abc import Mapping

from engine.definitions import changes, experiments, fanouts, rfm
from engine.definitions.changes import Change
from engine.definitions.experiments import ExperimentEntry
from engine.definitions.fanouts import FanoutEntry
from engine.definitions.rfm import RfmEntry


def after(entries: Mapping[str, FanoutEntry], change: Change) -> Mapping[str, FanoutEntry] | None:
    """The entries with the change's word; there is nothing to delete, each ends by itself.

    Raises:
        InvalidDefinitionError: the body is none.
    """
    if change.action != "put":
        return None
    fanout = changes.decode_fanout(bytes(change.body))
    if fanout.id != change.id:
        return None
    entry = FanoutEntry(revision=change.based_on + 1, fanout=fanout, at=change.at)
    return fanouts.with_entry(entries, entry)


def cuts(change: Change) -> RfmEntry | None:
    """The cuts; there is one id, and nothing to delete: without receipts nobody is compared.

    Raises:
        InvalidDefinitionError: the body is none.
    """
    if change.id != rfm.ID or change.action != "put":
        return None
    return RfmEntry(
        revision=change.based_on + 1,
        cuts=changes.decode_cuts(bytes(change.body)),
        computed_at=change.at,
    )


def verdicts(
    entries: Mapping[str, ExperimentEntry], change: Change
) -> Mapping[str, ExperimentEntry] | None:
    """The entries with the change's verdict; there is nothing to delete, another one replaces it.

    Raises:
        InvalidDefinitionError: the body is none.
    """
    if change.action != "put":
        return None
    verdict = changes.decode_verdict(bytes(change.body))
    if verdict.id != change.id:
        return None
    entry = ExperimentEntry(revision=change.based_on + 1, verdict=verdict, at=change.at)
    return experiments.with_entry(entries, entry)

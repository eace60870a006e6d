"""What a change makes of definitions of few words: fan-outs, cut points, verdicts, pools."""

from collections.abc import Mapping

from engine.definitions import changes, experiments, fanouts, pools, rfm
from engine.definitions.changes import Change
from engine.definitions.experiments import ExperimentEntry
from engine.definitions.fanouts import FanoutEntry
from engine.definitions.pools import PoolEntry
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


def pools_after(entries: Mapping[str, PoolEntry], change: Change) -> Mapping[str, PoolEntry] | None:
    """The pools with the change's; of what is deleted the codes are remembered.

    Raises:
        InvalidDefinitionError: the body is none.
    """
    entry, revision = entries.get(change.id), change.based_on + 1
    if change.action == "put":
        pool = changes.decode_pool(bytes(change.body))
        if pool.id != change.id or pools.flaws_after(pool, entries):
            return None
        found = PoolEntry(revision=revision, latest=pool)
    elif change.action == "delete" and entry is not None and not entry.deleted:
        found = PoolEntry(revision=revision, latest=entry.latest, deleted=True)
    else:
        return None
    return {**entries, change.id: found}

"""Which part of each identity's log is a person's: all of it, but for a device that changed hands.

moved ──▶ everything          unlinked ──▶ up to there          linked (refused) ──▶ from there
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from engine.links import OWNED, Link
from engine.mergers import MergeEvent, MergeRefused, Moved, Unlinked

LAST: Final = 2**63 - 1


class Span(NamedTuple):
    """Offsets of one log: `first` is in it, `until` is not."""

    first: int
    until: int


def of_links(
    links: Mapping[str, Link], told: Iterable[tuple[MergeEvent, int]]
) -> dict[str, list[Span]]:
    """The spans by row key, of the identities that are or were the customer's.

    Args:
        told: What the customer's row was told of devices that changed hands, in the order of its
            log, each with the offset it stands for in the device's own.
    """
    found = {key: [Span(0, LAST)] for key, link in links.items() if link.state in OWNED}
    for event, offset in told:
        _take(found, links, event, offset)
    return found


def _take(
    found: dict[str, list[Span]], links: Mapping[str, Link], event: MergeEvent, offset: int
) -> None:
    match event:
        case Moved(origin=origin) if _has_changed_hands(links, origin):
            found[origin] = [Span(0, LAST)]
        case Unlinked(origin=origin) if _has_changed_hands(links, origin) and origin in found:
            *before, last = found[origin]
            found[origin] = [*before, Span(last.first, offset)]
        case MergeRefused(origin=origin, reason="other_users") if _has_changed_hands(links, origin):
            found.setdefault(origin, []).append(Span(offset + 1, LAST))
        case _:
            pass


def _has_changed_hands(links: Mapping[str, Link], origin: str) -> bool:
    known = links.get(origin)
    return known is not None and known.state in {"linked", "lost"}


def is_within(spans: Iterable[Span], offset: int) -> bool:
    """Whether an offset lies in one of them."""
    return any(span.first <= offset < span.until for span in spans)

"""Whatever an SDK of PostHog's may send is read or refused, and nothing else."""

import gzip
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from api.collector import posthog as bodies
from api.errors import ProblemError
from engine.errors import RejectedError
from engine.intake import messages, posthog
from engine.intake.arrivals import Origin

ORIGIN: Final = Origin(source="web", received_at=1_795_348_800_000, seed="seed")

NAMES: Final = ("$identify", "$set", "$pageview", "$screen", "$create_alias", "$groupidentify")
KNOWN: Final = (
    *("distinct_id", "token", "alias", "$set", "$device_id", "$anon_distinct_id", "$is_identified"),
    *("$group_key", "$group_type", "$group_set", "$current_url", "$referrer", "$session_id"),
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
properties = st.dictionaries(st.sampled_from(KNOWN) | st.text(max_size=5), anything, max_size=8)
events = st.fixed_dictionaries(
    {},
    optional={
        "event": st.sampled_from(NAMES) | anything,
        "distinct_id": st.just("ada") | anything,
        "uuid": st.just("u-1") | anything,
        "timestamp": anything,
        "$set": properties | anything,
        "properties": properties | anything,
    },
)
sent = (
    st.fixed_dictionaries(
        {"batch": st.lists(events | anything, max_size=3)},
        optional={"api_key": anything, "token": anything, "sent_at": anything},
    )
    | events
    | st.lists(events, max_size=3)
    | anything
)
packings: st.SearchStrategy[Callable[[bytes], bytes]] = st.sampled_from(
    [bytes, gzip.compress, lambda body: b"data=" + body]
)


@given(sent, packings)
def test_any_body_is_read_or_refused(said: object, pack: Callable[[bytes], bytes]) -> None:
    with suppress(ProblemError):
        found = bodies.read(pack(msgspec.json.encode(said)))
        for payload in found.payloads:
            with suppress(RejectedError):
                messages.arrive(posthog.message(payload), origin=ORIGIN)


@given(events)
def test_traits_that_are_brought_along_are_told_once(event: dict[str, object]) -> None:
    brought = posthog.traits_of(event)
    if brought is None:
        return

    assert posthog.traits_of(brought) is None
    assert posthog.converted(brought)["type"] == "identify"

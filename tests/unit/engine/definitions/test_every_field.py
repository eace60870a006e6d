"""Definitions with one bad field: refused with its place, or read and written again as they are."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import pytest

from engine.definitions import changes
from engine.errors import Flaw, InvalidDefinitionError
from tests.support import mutations

WHERE: Final = {
    "op": "all",
    "of": [
        {"op": "prop", "path": "price", "is": ">", "value": 1},
        {"op": "not", "of": {"op": "any", "of": [{"op": "none", "of": []}]}},
        {
            "op": "any_item",
            "path": "products",
            "where": {"op": "prop", "path": "id", "is": "in", "value": ["a", "b"]},
        },
    ],
}
ORDERED: Final = {"event": "Order Completed", "where": WHERE, "match_key": True}
CAMPAIGN: Final = {
    "id": "cart",
    "name": "Cart",
    "class": "marketing",
    "category": "cart",
    "triggers": [
        {
            "id": "idle",
            "type": "T01",
            "enabled": True,
            "property_filter": {"op": "prop", "path": "value", "is": ">", "value": 5},
            "re_entry": {"policy": "once_per", "key": "cart.id"},
            "correlation_key": "cart.id",
            "max_concurrent": 2,
            "max_lateness": "24h",
            "params": {
                "container": "cart",
                "idle": "30m",
                "completed_by": "any",
                "match": "any_purchase",
                "reset_on": "add",
            },
        },
        {
            "id": "own",
            "type": "T31",
            "debounce": "10m",
            "throttle": "1h",
            "valid_from": "2026-03-01T00:00:00Z",
            "valid_until": "2026-04-01T00:00:00+03:00",
            "params": {
                "event": "Signed Up",
                "window": "1h",
                "sequence": {"then": "Played", "with": "Saved", "without": "Left"},
            },
        },
        {
            "id": "birthday",
            "type": "T42",
            "backfill": {"policy": "since", "since": "2026-03-01T00:00:00Z"},
            "params": {"field": "birthday", "offset_days": -3, "at_time": "09:00", "feb29": "mar1"},
        },
        {
            "id": "warranty",
            "type": "T43",
            "params": {"object": "order", "field": "custom.until", "offset": "-3d", "tz": "UTC"},
        },
        {
            "id": "mondays",
            "type": "T44",
            "params": {
                "start": "2026-03-02T09:00",
                "rrule": "FREQ=WEEKLY;BYDAY=MO",
                "blackout_days": ["12-24"],
            },
        },
    ],
    "exit": [{"id": "bought", "on": ORDERED}],
    "start": "wait",
    "steps": {
        "wait": {
            "type": "wait_until",
            "branches": [{"id": "b", "on": ORDERED, "next": "thank"}],
            "timeout": "1h",
            "next": "later",
        },
        "later": {"type": "delay", "for": "1h", "next": "again"},
        "again": {"type": "loop", "to": "wait", "max_turns": 2, "next": "test"},
        "thank": {
            "type": "send",
            "channel": "email",
            "template": "mail",
            "category": "promo",
            "ttl": "24h",
            "on_refused": "exit",
            "next": "end",
        },
        "test": {
            "type": "ab_test",
            "salt": "subjects",
            "arms": {"a": {"weight": 1, "next": "pay"}, "b": {"weight": 2, "next": "end"}},
            "metric": "click",
            "sample_size": 100,
            "wait": "2d",
            "min_effect": "0.01",
            "tie": "a",
        },
        "pay": {
            "type": "points",
            "amount": -100,
            "reason": "gift",
            "next": "thank",
            "otherwise": "end",
        },
        "end": {"type": "exit"},
    },
}
TEMPLATE: Final = {
    "id": "mail",
    "channel": "email",
    "category": "promo",
    "subject": "Hello",
    "text": "{{ customer.id }}",
    "html": "<p>",
}
METRIC: Final = {
    "id": "spent",
    "name": "Spent",
    "of": "event",
    "event": "Order Completed",
    "aggregate": "sum",
    "field": "total",
    "filter": WHERE,
    "window": "30d",
    "history": True,
}
SETTINGS: Final = {
    "timezone": "UTC",
    "currency": "EUR",
    "region": "DE",
    "features": {"orders": True, "favourite_stores": True, "category_interest": True},
    "interest_days": 30,
    "loyalty": True,
    "anonymous_history_days": 60,
    "fields": {"profile": ["gender"], "receipt": ["number"], "order": ["number"]},
    "columns": {"receipts": ["number"], "orders": ["number"]},
    "custom_fields": {
        "customer": [{"name": "shoe", "type": "choice", "label": "Shoe", "choices": ["a", "b"]}],
        "receipt": [{"name": "gift", "type": "boolean"}],
    },
}
VERDICT: Final = {
    "id": "cart/test",
    "weights": {"a": 1, "b": 0},
    "winner": "a",
    "by": "statistics",
    "why": "a is ahead",
}
KINDS: Final[Mapping[str, tuple[Mapping[str, object], Callable[[bytes], msgspec.Struct]]]] = {
    "campaigns": (CAMPAIGN, changes.decode_campaign),
    "templates": (TEMPLATE, changes.decode_template),
    "metrics": (METRIC, changes.decode_metric),
    "settings": (SETTINGS, changes.decode_settings),
    "experiments": (VERDICT, changes.decode_verdict),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_field_is_refused_with_its_place_or_it_is_none(kind: str) -> None:
    good, decode = KINDS[kind]
    decode(msgspec.json.encode(good))

    for bad in mutations.of(good):
        outcome = read(bad.body, decode)

        if isinstance(outcome, msgspec.Struct):
            assert decode(msgspec.json.encode(outcome)) == outcome, bad
        else:
            assert outcome, bad
            assert all(flaw.message for flaw in outcome), bad


def read(
    body: bytes, decode: Callable[[bytes], msgspec.Struct]
) -> msgspec.Struct | tuple[Flaw, ...]:
    try:
        return decode(body)
    except InvalidDefinitionError as error:
        return tuple(error.flaws)

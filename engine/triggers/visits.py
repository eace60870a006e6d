"""What is seen of a customer: T06, T24 by silence, T25 to T29 by the event."""

from collections.abc import Iterator
from typing import Final

from engine import durations, keys
from engine.aggregates import documents
from engine.conditions import numbers
from engine.conditions.evaluation import Document
from engine.customer import Customer
from engine.definitions.triggers.visits import (
    CategorySeen,
    Dormant,
    PageSeen,
    ProductSeen,
    Returned,
    SearchAbandoned,
    VisitBegan,
    VisitParams,
)
from engine.events import CategoryViewed, PageViewed, ProductViewed, SourceEvent, Tracked
from engine.reasons import Reason
from engine.triggers import dating, matching, repeating
from engine.triggers.browsing import last_bought_at
from engine.triggers.machines import DAY_MS, Arm, Began, Fire, Keep, Machine, Outcome, Rung, Seen

SILENCE_MS: Final = 30 * 60 * 1000
"""What ends a visit, as trackers have it."""


def _search(seen: Seen[SearchAbandoned]) -> Iterator[Outcome]:
    """T06."""
    event, params = seen.event, seen.trigger.params
    if not isinstance(event, Tracked) or params.event.strip().casefold() != event.name.casefold():
        return
    said = documents.properties(event)
    query, asked = said.get("query"), params.query_filter
    if asked is not None and not (
        isinstance(query, str) and matching.is_like(query.casefold(), asked.casefold())
    ):
        return
    found = (numbers.exact(said.get(name)) for name in ("results", "results_count"))
    if params.zero_results_only and not any(count == 0 for count in found if count is not None):
        return
    yield Arm(event.occurred_at + durations.parse_ms(params.idle), is_latest=True)


def _searched(rung: Rung[SearchAbandoned]) -> Document | None:
    searched_at = rung.due_at - durations.parse_ms(rung.trigger.params.idle)
    return None if last_bought_at(rung.customer) > searched_at else {"searched_at": searched_at}


def _found_since(trigger: SearchAbandoned, customer: Customer, began: Began) -> Reason | None:
    searched_at = began.at - durations.parse_ms(trigger.params.idle)
    return "completed" if last_bought_at(customer) > searched_at else None


def _seen_now(seen: Seen[Dormant]) -> Iterator[Outcome]:
    """T24: each visit moves the timer on."""
    params, event = seen.trigger.params, seen.event
    last_at = seen.customer.last_seen_at
    if params.source is not None:
        # When a source was heard of last is known since the trigger runs.
        if not isinstance(event, SourceEvent) or event.source != params.source:
            return
        last_at = max(event.occurred_at, *seen.note().times, 0)
        yield Keep((last_at,))
    if last_at is not None:
        yield Arm(_dormant_at(seen, last_at), is_latest=True)


def _dormant_at(asked: Seen[Dormant] | Rung[Dormant], since: int) -> int:
    params = asked.trigger.params
    return dating.due(params, since, days=params.days, zones=dating.zones(asked))


def _last_seen_at(rung: Rung[Dormant]) -> int | None:
    times = rung.note().times
    if rung.trigger.params.source is not None:
        return times[-1] if times else None
    return rung.customer.last_seen_at


def _dormant(rung: Rung[Dormant]) -> Document | None:
    last_at = _last_seen_at(rung)
    if last_at is None or _dormant_at(rung, last_at) > rung.due_at:
        return None
    return {"last_seen_at": last_at, "days": rung.trigger.params.days}


def _dormant_again(rung: Rung[Dormant]) -> Iterator[Arm]:
    last_at = _last_seen_at(rung)
    if last_at is not None:
        yield from dating.put_back(rung, _dormant_at(rung, last_at))


def _began(seen: Seen[VisitBegan]) -> Iterator[Outcome]:
    """T26: the first sign after a silence; news that comes late begins no visit."""
    last_at, event, params = seen.before.last_seen_at, seen.event, seen.trigger.params
    if last_at is not None and event.occurred_at - last_at < SILENCE_MS:
        return
    if not isinstance(event, SourceEvent) or params.source not in {None, event.source}:
        return
    is_nobody = keys.from_public_id(seen.customer.id).startswith("a:")
    if params.identified_only and is_nobody and event.user_id is None:
        return
    context = documents.context(event)
    landing = _landing(event, context)
    is_there = params.landing is None or (
        landing is not None and matching.is_like(landing, params.landing)
    )
    if is_there and _is_tagged(context.get("campaign"), params):
        yield Fire()


def _landing(event: SourceEvent, context: Document) -> str | None:
    told = event.url if isinstance(event, PageViewed) else None
    page = context.get("page")
    said = page.get("url") if isinstance(page, dict) else None
    for url in (told, documents.properties(event).get("url"), said):
        if isinstance(url, str):
            return url
    return None


def _is_tagged(campaign: object, params: VisitParams) -> bool:
    said = campaign if isinstance(campaign, dict) else {}
    wanted = {"source": params.utm_source, "medium": params.utm_medium, "name": params.utm_campaign}
    return all(value is None or said.get(name) == value for name, value in wanted.items())


def _returned(seen: Seen[Returned]) -> Iterator[Outcome]:
    """T25: by the visit before this one."""
    params, event, last_at = seen.trigger.params, seen.event, seen.before.last_seen_at
    if params.source is not None:
        if event.source != params.source:
            return
        times = seen.note().times
        last_at = times[-1] if times else None
        yield Keep((max(event.occurred_at, last_at or 0),))
    if last_at is not None and event.occurred_at - last_at >= params.absence_days * DAY_MS:
        yield Fire()


def _page(seen: Seen[PageSeen]) -> Iterator[Outcome]:
    """T27."""
    event, params = seen.event, seen.trigger.params
    if not isinstance(event, PageViewed) or event.url is None:
        return
    if not matching.is_like(event.url, params.url) or not _was_open(event, params.min_seconds):
        return
    yield from repeating.counted(
        seen.note(), event.occurred_at, times=params.times, window=params.window
    )


def _was_open(event: PageViewed, seconds: int) -> bool:
    if seconds == 0:
        return True
    said = numbers.exact(documents.properties(event).get("seconds"))
    return said is not None and said >= seconds


def _product(seen: Seen[ProductSeen]) -> Iterator[Outcome]:
    """T28."""
    event, params, catalogue = seen.event, seen.trigger.params, seen.definitions.catalogue
    if (
        isinstance(event, ProductViewed)
        and matching.is_listed(event.product.id, params.products)
        and matching.is_within(catalogue.category_of(event.product), params.categories, catalogue)
        and matching.is_between(event.product.price, params.min_price, params.max_price)
    ):
        yield from repeating.counted(
            seen.note(), event.occurred_at, times=params.times, window=params.window
        )


def _category(seen: Seen[CategorySeen]) -> Iterator[Outcome]:
    """T29."""
    event, params = seen.event, seen.trigger.params
    if isinstance(event, CategoryViewed) and matching.is_within(
        event.category,
        params.categories,
        seen.definitions.catalogue,
        deep=params.include_children,
    ):
        yield from repeating.counted(
            seen.note(), event.occurred_at, times=params.times, window=params.window
        )


SEARCHED: Final = Machine(_search, _searched, _found_since)
DORMANT: Final = Machine(_seen_now, _dormant, again=_dormant_again)
RETURNED: Final = Machine(_returned)
VISIT: Final = Machine(_began)
PAGE: Final = Machine(_page)
PRODUCT: Final = Machine(_product)
CATEGORY: Final = Machine(_category)

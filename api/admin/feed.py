"""The activity feed: eight categories, each entry with a name, a description and a time."""

from starlette.requests import Request

from api.admin import answers, features
from api.admin.errors import BadRequestError
from api.admin.occasions import Kind
from clickhouse.queries.activity import CATEGORIES, Activity, Category
from engine.definitions.settings import Settings
from engine.errors import Flaw


def categories(request: Request, settings: Settings) -> list[Category]:
    """What the feed shall hold; everything that is switched on, unless told (M173, M222).

    Raises:
        BadRequestError: a word that is no category.
        FeatureOffError: orders were asked for, and are switched off.
    """
    asked = request.query_params.get("category", "")
    words = {word.strip() for word in asked.split(",") if word.strip()}
    unknown = sorted(words - set(CATEGORIES))
    if unknown:
        flaw = Flaw(path="category", message=f"of {', '.join(CATEGORIES)}; not {unknown[0]!r}")
        raise BadRequestError("invalid_query", f"category: {flaw.message}", flaws=[flaw])
    if "orders" in words:
        features.require(settings, "orders")
    shown = [one for one in CATEGORIES if one != "orders" or settings.features.orders]
    return [category for category in shown if not words or category in words]


def entry(item: Activity, *, campaign_kind: Kind | None) -> dict[str, object]:
    """One entry; what does not apply is left out (M171)."""
    details = {
        "product_id": item.product_id,
        "product_name": item.product_name,
        "url": item.url,
        "order_id": item.order_id,
        "receipt_id": item.receipt_id,
        "total": None if item.total is None else answers.money(item.total),
        "currency": item.currency,
        "campaign": item.campaign,
        "campaign_kind": campaign_kind,
        "message_id": item.message_id,
        "reason": item.reason,
        "before": item.before,
        "after": item.after,
        "viewed_category": item.viewed,
    }
    return {
        "id": item.id,
        "at": answers.time(item.at_ms),
        "category": item.category,
        "type": item.type,
        "name": item.name or item.type.replace("_", " "),
        "description": description(item),
        **{name: value for name, value in details.items() if value not in {"", None}},
    }


def description(item: Activity) -> str:
    """What it was about, in a few words; empty when the name says it all."""
    match item.category:
        case "tags":
            return "assigned" if item.after else "taken away"
        case "bonuses" | "points" if item.after:
            return f"{item.before or '0'} → {item.after}"
        case "receipts" | "orders":
            total = "" if item.total is None else str(answers.money(item.total))
            words = (item.order_id or item.receipt_id, f"{total} {item.currency}".strip())
            return ", ".join(word for word in words if word)
        case "campaigns":
            return item.campaign
        case _:
            return item.product_name or item.product_id or item.viewed or item.url or item.campaign

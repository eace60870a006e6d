"""What the API's description says of the collector: bodies, keys and answers, by path.

Bodies are described loosely, because they are taken so: an object with a wrong field is one
rejection, told in `rejected`, and refuses the request only with `?strict=1`.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from api.collector import posthog
from api.collector.routes import BATCHES, CALLS, EITHER
from api.problems import MEDIA_TYPE
from engine.intake import backoffice, customers, limits

SECURITY: Final = {
    "writeKey": {"type": "http", "scheme": "basic", "description": "The key as user name."},
    "secretKey": {"type": "http", "scheme": "bearer"},
}

STATUSES: Final = (400, 401, 403, 408, 413, 415, 429, 503)

_TEXT: Final = {"type": "string"}
_ID: Final = {"type": ["string", "integer", "null"], "maxLength": limits.ID_MAX_CHARS}
_TIME: Final = {"type": "string", "format": "date-time"}
_MONEY: Final = {"type": ["string", "number"], "description": "Decimal, exactly as written."}
_OBJECT: Final = {"type": "object"}
_LIST: Final = {"type": "array", "items": _OBJECT}
_NAMES: Final = {"type": "array", "items": _TEXT}

MESSAGE: Final[Mapping[str, Any]] = {
    "messageId": {"type": "string", "maxLength": limits.MESSAGE_ID_MAX_CHARS},
    "userId": _ID,
    "anonymousId": _ID,
    "timestamp": _TIME,
    "originalTimestamp": _TIME,
    "sentAt": _TIME,
    "context": _OBJECT,
    "integrations": _OBJECT,
    "writeKey": _TEXT,
}
"""What every call may say."""

OWN: Final[Mapping[str, Mapping[str, Any]]] = {
    "identify": {"traits": _OBJECT},
    "track": {"event": _TEXT, "properties": _OBJECT},
    "page": {"name": _TEXT, "category": _TEXT, "properties": _OBJECT},
    "screen": {"name": _TEXT, "category": _TEXT, "properties": _OBJECT},
    "group": {"groupId": _ID, "traits": _OBJECT},
    "alias": {"previousId": _ID},
}

_WHOSE: Final = {"customerId": _ID, "email": _TEXT, "phone": _TEXT, "card": _TEXT}
_RECEIPT: Final = {
    "id": _ID,
    "number": _ID,
    **_WHOSE,
    "occurredAt": _TIME,
    "updatedAt": _TIME,
    "status": _TEXT,
    "paymentStatus": _TEXT,
    "storeId": _ID,
    "storeName": _TEXT,
    "currency": {"type": "string", "pattern": "^[A-Za-z]{3}$"},
    "total": _MONEY,
    "shipping": _MONEY,
    "source": _TEXT,
    "returnOf": _ID,
    "lines": _LIST,
    "custom": _OBJECT,
}

FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "receipts": _RECEIPT,
    "orders": {**_RECEIPT, "deliveryStatus": _TEXT, "receiptId": _ID},
    "order-status": {
        "orderId": _ID,
        **_WHOSE,
        "status": _TEXT,
        "paymentStatus": _TEXT,
        "deliveryStatus": _TEXT,
        "occurredAt": _TIME,
    },
    "products": {
        "id": _ID,
        "name": _TEXT,
        "categoryId": _ID,
        "price": _MONEY,
        "currency": _TEXT,
        "stock": {"type": "integer"},
        "url": _TEXT,
        "imageUrl": _TEXT,
        "updatedAt": _TIME,
    },
    "categories": {"id": _ID, "name": _TEXT, "parentId": _ID, "updatedAt": _TIME},
    "customers": {"id": _ID, "traits": _OBJECT, "subscriptions": _OBJECT, "updatedAt": _TIME},
    "contacts": {
        "customerId": _ID,
        "channel": {"enum": ["sms", *customers.TYPES]},
        "value": {"type": ["string", "null"], "description": "null takes it away."},
        "state": {"enum": list(customers.STATES)},
        "updatedAt": _TIME,
    },
    "bonus-balances": {
        "customerId": _ID,
        "active": _MONEY,
        "pending": _MONEY,
        "expiring": _LIST,
        "updatedAt": _TIME,
    },
    "promo-codes": {
        "customerId": _ID,
        "code": _TEXT,
        "group": _TEXT,
        "campaign": _ID,
        "issuedAt": _TIME,
        "expiresAt": _TIME,
        "usedAt": _TIME,
        "reissued": {"type": "boolean"},
        "updatedAt": _TIME,
    },
    "tags": {"customerId": _ID, "add": _NAMES, "remove": _NAMES, "updatedAt": _TIME},
}
"""Of one object, by kind."""


def operations() -> dict[str, dict[str, Any]]:
    """Describe every POST of the collector, by path."""
    several = _batch({**MESSAGE, "type": {"enum": list(CALLS)}, **_all_own()})
    found = {
        path: _operation("Take a batch of tracker messages; 200 once Kafka has them.", several)
        for path in BATCHES
    }
    for call, short in CALLS.items():
        body = {"type": "object", "properties": {**MESSAGE, **OWN[call]}}
        said = _operation(f"Take one {call} message; 200 once Kafka has it.", body)
        found |= {f"/v1/{name}": said for name in (call, short)}
    for kind in backoffice.KINDS:
        summary = f"Take {kind} of the back office; 200 once Kafka has them."
        said = _operation(summary, _batch(FIELDS[kind]), is_secret=True)
        found[f"/v1/{kind}"] = said
    events = {"type": ["object", "array"]}
    for path in (*EITHER, *posthog.PATHS):
        summary = "Take messages of Segment's or PostHog's SDKs; 200 once Kafka has them."
        found[path] = _operation(summary, events)
    return found


def _all_own() -> dict[str, Any]:
    return {name: schema for fields in OWN.values() for name, schema in fields.items()}


def _batch(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["batch"],
        "properties": {
            "batch": {
                "type": "array",
                "maxItems": limits.BATCH_MAX_MESSAGES,
                "items": {"type": "object", "properties": dict(fields)},
            },
            "sentAt": _TIME,
            "context": _OBJECT,
            "writeKey": _TEXT,
        },
    }


def _operation(summary: str, body: Mapping[str, Any], *, is_secret: bool = False) -> dict[str, Any]:
    answer = {
        "type": "object",
        "required": ["success"],
        "properties": {"success": {"const": True}, "rejected": {"type": "integer"}},
    }
    refusals = {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in STATUSES
    }
    kept: dict[str, Any] = {
        "description": "OK",
        "content": {"application/json": {"schema": answer}},
    }
    return {
        "summary": summary,
        "security": [{"secretKey": []}] if is_secret else [{"writeKey": []}, {"secretKey": []}],
        "parameters": [
            {
                "name": "strict",
                "in": "query",
                "description": "`1`: one bad object refuses all of the request.",
                "schema": {"enum": ["1"]},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": dict(body)}},
        },
        "responses": {"200": kept, **refusals},
    }

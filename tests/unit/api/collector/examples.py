"""One good object of everything the collector takes, with every field its description names."""

from collections.abc import Mapping
from typing import Final

TIME: Final = "2026-11-22T12:00:00Z"
PRODUCT: Final = {
    "product_id": "k-1",
    "name": "Kettle",
    "price": 39.9,
    "quantity": 2,
    "currency": "EUR",
    "category": "kitchen",
    "url": "https://shop.example/k-1",
    "image_url": "https://shop.example/k-1.png",
}
_MESSAGE: Final = {
    "messageId": "m-1",
    "userId": "ada",
    "anonymousId": "d-1",
    "timestamp": TIME,
    "originalTimestamp": TIME,
    "sentAt": TIME,
    "context": {
        "page": {"url": "https://shop.example/", "title": "Shop"},
        "locale": "de-DE",
        "timezone": "Europe/Berlin",
        "userAgent": "x",
    },
    "integrations": {"All": True},
    "writeKey": "demo",
}
_TRAITS: Final = {
    "email": "ada@shop.example",
    "phone": "+4930123456",
    "firstName": "Ada",
    "birthday": "1980-01-01",
    "address": {"city": "Berlin", "country": "DE"},
    "subscriptions": {"email": True, "sms": {"promo": False}},
}
_PURCHASE: Final = {
    "id": "r-1",
    "number": "17",
    "customerId": "ada",
    "email": "ada@shop.example",
    "phone": "+4930123456",
    "card": "c-1",
    "occurredAt": TIME,
    "updatedAt": TIME,
    "status": "new",
    "paymentStatus": "paid",
    "storeId": "s-1",
    "storeName": "Berlin",
    "currency": "EUR",
    "total": "99.90",
    "shipping": "4.90",
    "source": "till",
    "returnOf": "r-0",
    "lines": [{"productId": "k-1", "name": "Kettle", "quantity": 1, "price": "95", "custom": {}}],
    "custom": {"gift": True},
}

TRACKED: Final[Mapping[str, Mapping[str, object]]] = {
    "identify": {**_MESSAGE, "traits": _TRAITS},
    "track": {
        **_MESSAGE,
        "event": "Order Completed",
        "properties": {
            **PRODUCT,
            "order_id": "o-1",
            "total": 79.8,
            "products": [PRODUCT],
            "container": "cart",
        },
    },
    "page": {**_MESSAGE, "name": "Home", "category": "shop", "properties": {"url": "https://a.b"}},
    "screen": {**_MESSAGE, "name": "Home", "category": "shop", "properties": {"depth": 1}},
    "group": {**_MESSAGE, "groupId": "g-1", "traits": {"name": "Acme"}},
    "alias": {**_MESSAGE, "previousId": "d-1"},
}

OFFICE: Final[Mapping[str, Mapping[str, object]]] = {
    "receipts": _PURCHASE,
    "orders": {**_PURCHASE, "deliveryStatus": "sent", "receiptId": "r-9"},
    "order-status": {
        "orderId": "o-1",
        "customerId": "ada",
        "email": "ada@shop.example",
        "phone": "+4930123456",
        "card": "c-1",
        "status": "new",
        "paymentStatus": "paid",
        "deliveryStatus": "sent",
        "occurredAt": TIME,
    },
    "products": {
        "id": "k-1",
        "name": "Kettle",
        "categoryId": "kitchen",
        "price": "39.90",
        "currency": "EUR",
        "stock": 3,
        "url": "https://shop.example/k-1",
        "imageUrl": "https://shop.example/k-1.png",
        "updatedAt": TIME,
    },
    "categories": {"id": "kitchen", "name": "Kitchen", "parentId": "home", "updatedAt": TIME},
    "customers": {
        "id": "ada",
        "traits": _TRAITS,
        "subscriptions": {"email": True},
        "updatedAt": TIME,
    },
    "contacts": {
        "customerId": "ada",
        "channel": "email",
        "type": "email",
        "value": "ada@shop.example",
        "state": "valid",
        "updatedAt": TIME,
    },
    "bonus-balances": {
        "customerId": "ada",
        "active": "10",
        "pending": "5",
        "expiring": [{"at": TIME, "amount": "3"}],
        "updatedAt": TIME,
    },
    "promo-codes": {
        "customerId": "ada",
        "code": "SAVE",
        "group": "spring",
        "campaign": "cart",
        "issuedAt": TIME,
        "expiresAt": TIME,
        "usedAt": TIME,
        "reissued": False,
        "updatedAt": TIME,
    },
    "tags": {"customerId": "ada", "add": ["vip"], "remove": ["new"], "updatedAt": TIME},
}

"""A shop that runs on a stack: its tracker, its marketing people, its analysts."""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import quote, urlsplit

import clickhouse_connect
import httpx
from clickhouse_connect.driver.client import Client

from tests.support.stack import Stack
from tests.support.waiting import eventually_now

TIMEOUT_S: Final = 30
SOON_S: Final = 60
"""Until something that was sent shows up; a second or two when nothing else runs."""
PARTITIONS: Final = 4

TEMPLATE: Final[Mapping[str, object]] = {
    "id": "cart-mail",
    "channel": "email",
    "category": "promo",
    "subject": "{{ customer.firstName | default('Hello') }}, your cart waits",
    "html": "<html><body>{% for item in cart.items %}<p>{{ item.name or item.id }}</p>{% endfor %}"
    '<a href="https://shop.example/cart?from=mail&x=1">Back</a></body></html>',
    "text": "Back to https://shop.example/cart",
}


def campaign(name: str = "cart-reminder", *, idle: str) -> dict[str, object]:
    """An abandoned cart, reminded of by mail."""
    return {
        "id": name,
        "name": "Cart reminder",
        "class": "marketing",
        "category": "promo",
        "triggers": [{"id": "t", "type": "T01", "params": {"container": "cart", "idle": idle}}],
        "start": "s1",
        "steps": {
            "s1": {"type": "send", "channel": "email", "template": "cart-mail", "next": None}
        },
    }


class Shop:
    """Talks to the printed addresses with the printed keys, and to nothing else."""

    def __init__(self, *, admin: httpx.Client, tracker: httpx.Client, views: Client) -> None:
        self.admin = admin
        self.tracker = tracker
        self.views = views

    def publish(self, *campaigns: dict[str, object]) -> None:
        """Save the template and the campaigns, and wait until every partition decides by them."""
        self.done(self.admin.put("/api/templates/cart-mail", json=dict(TEMPLATE)))
        for body in campaigns:
            path = f"/api/campaigns/{body['id']}"
            self.done(self.admin.put(path, json=body))
            self.done(self.admin.post(f"{path}/publish"))
        newest = self.metric("oncue_definitions_offset")
        eventually_now(lambda: self._partitions_at(newest) == PARTITIONS, within_s=SOON_S)

    def identify(self, customer: str, **subscriptions: bool) -> None:
        """A customer with an address says yes or no, or nothing."""
        traits: dict[str, object] = {"email": f"{customer}@shop.example", "firstName": "Ada"}
        if subscriptions:
            traits["subscriptions"] = subscriptions
        self.send({"type": "identify", "userId": customer, "traits": traits})

    def add(self, customer: str, product: str = "socks", **properties: object) -> None:
        """A product goes into the cart."""
        properties |= {"product_id": product}
        event = {"type": "track", "userId": customer, "event": "Product Added"}
        self.send(event | {"properties": properties})

    def send(self, *messages: Mapping[str, object]) -> dict[str, Any]:
        """Post a batch; what the collector answers."""
        return self.done(self.tracker.post("/v1/batch", json={"batch": messages}))

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Read something of the administration."""
        return self.done(self.admin.get(path, params=query))

    def every(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Read a list to its end, page by page."""
        items: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(path, **query, limit="500", **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page["cursor"]
        return items

    def of(self, customer: str, tab: str) -> list[dict[str, Any]]:
        """A list of one customer."""
        return self.every(f"/api/customers/{quote(customer, safe='')}/{tab}")

    def mail_to(self, customer: str) -> dict[str, Any]:
        """Wait for the one mail that a customer gets."""
        [mail] = eventually_now(
            lambda: self.every("/api/outbox", customer=customer), within_s=SOON_S
        )
        return mail

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask ClickHouse as an analyst does."""
        return [tuple(row) for row in self.views.query(sql).result_rows]

    def value(self, sql: str) -> Any:  # noqa: ANN401  whatever the query says
        """The first column of the first row."""
        return self.rows(sql)[0][0]

    def metric(self, name: str, **labels: str) -> float:
        """A sample of /metrics; 0 where there is none yet."""
        for line in self.admin.get("/metrics").text.splitlines():
            series, _, number = line.rpartition(" ")
            wanted = [f'{label}="{value}"' for label, value in labels.items()]
            if series.partition("{")[0] == name and all(part in series for part in wanted):
                return float(number)
        return 0.0

    @staticmethod
    def done(answer: httpx.Response) -> dict[str, Any]:
        """The body of a success."""
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def _partitions_at(self, definitions_offset: float) -> int:
        at_least = f"JSONExtractInt(payload, 'definitions_offset') >= {definitions_offset:.0f}"
        return int(
            self.value(
                f"SELECT uniqExact(log_partition) FROM oncue.events_log WHERE {at_least}"  # noqa: S608
                " AND kind = 'switch'"
            )
        )


@contextmanager
def opened(up: Stack) -> Iterator[Shop]:
    """Open the shop."""
    basic = base64.b64encode(f"{up.key('write_key')}:".encode()).decode()
    bearer = {"authorization": f"Bearer {up.key('admin_token')}"}
    address = urlsplit(up.clickhouse_url)
    views = clickhouse_connect.get_client(
        host=address.hostname or "", port=address.port or 0, autogenerate_session_id=False
    )
    with (
        httpx.Client(base_url=up.url, headers=bearer, timeout=TIMEOUT_S) as admin,
        httpx.Client(
            base_url=up.url, headers={"authorization": f"Basic {basic}"}, timeout=TIMEOUT_S
        ) as tracker,
    ):
        try:
            yield Shop(admin=admin, tracker=tracker, views=views)
        finally:
            views.close()

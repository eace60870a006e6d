"""Rows of the ClickHouse tables with defaults for what a test does not care about."""

from decimal import Decimal
from typing import Final

from clickhouse import searching
from clickhouse.jobrows import JobMemberRow
from clickhouse.tables import (
    CatalogueRow,
    CustomerRow,
    DeadLetterRow,
    EventRow,
    FactRow,
    Line,
    LogRow,
    MessageRow,
    SendRow,
    SharedRow,
)
from engine.customer import Customer
from engine.rows import Row
from tables import rows

MONDAY: Final = 1_764_547_200_000


def event(
    id: str = "e1",  # noqa: A002
    *,
    offset: int = 0,
    partition: int = 0,
    kind: str = "tracker",
    at: int = MONDAY,
    product_id: str = "",
    name: str = "",
    lines: tuple[Line, ...] = (),
) -> EventRow:
    """An event of customer `c1`."""
    return EventRow(
        log_partition=partition,
        log_offset=offset,
        logged_at=at,
        key="u:c1",
        customer="c1",
        kind=kind,
        cause="",
        payload='{"properties":{"colour":"red"}}',
        type="tracked",
        id=id,
        at=at,
        name=name,
        product_id=product_id,
        lines=lines,
    )


def message(id: str = "m1", *, offset: int = 0, template: str = "t1") -> MessageRow:  # noqa: A002
    """A message to customer `c1`."""
    return MessageRow(
        log_partition=0,
        log_offset=offset,
        logged_at=MONDAY,
        key="u:c1",
        payload="{}",
        id=id,
        customer="c1",
        at=MONDAY,
        caused_at=MONDAY,
        expires_at=MONDAY + 1_000,
        channel="email",
        to="c1@example.com",
        campaign="cart",
        version=1,
        trigger="t",
        instance="i",
        step="s1",
        template=template,
        template_version=1,
        message_class="marketing",
        category="promo",
    )


def send(
    id: str = "m1",  # noqa: A002
    *,
    state: str = "reserved",
    attempt: int = 1,
    offset: int = 0,
    at: int = MONDAY,
    is_rendered: bool = False,
) -> SendRow:
    """An entry of the ledger."""
    return SendRow(
        log_partition=0,
        log_offset=offset,
        logged_at=at,
        id=id,
        attempt=attempt,
        state=state,
        at=at,
        customer="c1",
        channel="email",
        campaign="cart",
        version=1,
        step="s1",
        template="t1",
        writer="w",
        provider="sandbox",
        code="",
        reason="",
        is_rendered=is_rendered,
        to="c1@example.com",
        subject="Your cart",
        text="waits",
        html="<p>waits</p>",
        headers={"List-Unsubscribe": "<x>"},
    )


def fact(id: str = "f1", *, offset: int = 0, kind: str = "fired") -> FactRow:  # noqa: A002
    """A fact about customer `c1`."""
    return FactRow(
        log_partition=0,
        log_offset=offset,
        logged_at=MONDAY,
        id=id,
        customer="c1",
        kind=kind,
        at=MONDAY,
        campaign="cart",
        version=1,
        trigger="t",
        instance="i",
        step="s1",
        message_id="",
        reason="",
        name="",
        before=None,
        after=None,
        cause="",
        origin="",
    )


def dead_letter(id: str = "d1", *, offset: int = 0, payload: bytes = b"{") -> DeadLetterRow:  # noqa: A002
    """A refusal by the collector."""
    return DeadLetterRow(
        log_partition=0,
        log_offset=offset,
        logged_at=MONDAY,
        id=id,
        place="collector",
        code="invalid_json",
        message="no JSON",
        path="",
        payload=payload,
        source="demo",
        at=MONDAY,
        customer="",
    )


def customer(
    id: str = "c1",  # noqa: A002
    *,
    epoch: int = 0,
    version: int = 1,
    offset: int = 0,
    events_count: int = 0,
    forward: str = "",
) -> CustomerRow:
    """A customer as of one write."""
    return CustomerRow(
        row_epoch=epoch,
        row_version=version,
        row_offset=offset,
        logged_at=MONDAY,
        key=f"u:{id}",
        id=id,
        at=MONDAY,
        email="",
        phone="",
        orders_count=0,
        orders_total=Decimal(0),
        receipts_count=0,
        receipts_total=Decimal(0),
        currency="",
        cart_items=0,
        cart_value=Decimal(0),
        first_seen_at=None,
        last_seen_at=MONDAY,
        events_count=events_count,
        attributes="{}",
        subscriptions="{}",
        row=rows.encode(
            Row(customer=Customer(id=id, events_count=events_count)),
            epoch=epoch,
            version=version,
            offset=offset,
        ),
        is_erased=False,
        forward=forward,
        search=searching.text(identifier=id, email="", phone="", names=()),
        first_name="",
        last_name="",
        gender="",
        birthday="",
        city="",
        address="",
    )


def listed(
    id: str = "p1",  # noqa: A002
    *,
    kind: str = "product",
    offset: int = 0,
    at: int = MONDAY,
    name: str = "",
    category_id: str = "",
    price: Decimal | None = None,
) -> CatalogueRow:
    """A product or a category of the catalogue."""
    return CatalogueRow(
        log_partition=0,
        log_offset=offset,
        logged_at=at,
        kind=kind,
        id=id,
        at=at,
        name=name,
        category_id=category_id,
        price=price,
    )


def shared(id: str = "s1", *, offset: int = 0) -> SharedRow:  # noqa: A002
    """A claim of customer `c1`."""
    return SharedRow(
        log_partition=0,
        log_offset=offset,
        logged_at=MONDAY,
        id=id,
        counter="campaign:cart:limit",
        type="claimed",
        at=MONDAY,
        customer="c1",
        claim_id="x",
        number=1,
        places=100,
        window_ms=0,
    )


def one_of_each(id: str, *, offset: int) -> list[LogRow]:  # noqa: A002
    """A row for every table, all with this id."""
    return [
        event(id, offset=offset, product_id=id),
        event(id, offset=offset, kind="transaction"),
        event(id, offset=offset, kind="response"),
        message(id, offset=offset),
        send(id, state="accepted", offset=offset, is_rendered=True),
        fact(id, offset=offset),
        shared(id, offset=offset),
        JobMemberRow(job=id, customer="c1"),
        listed(id, offset=offset),
        listed(id, kind="category", offset=offset),
        dead_letter(id, offset=offset),
        customer(id, offset=offset),
    ]

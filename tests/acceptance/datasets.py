"""Published purchases and visits as what a back office and a tracker would send of them."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import chdb
import msgspec

from oncue.formats import reading
from oncue.formats.entries import Entry

DATA: Final = Path(__file__).parents[3] / "shared" / "data"
UCI: Final = DATA / "uci_online_retail_2011-03-07_2weeks.parquet"
CDNOW: Final = DATA / "cdnow_master.csv.gz"
HOUSEHOLDS: Final = DATA / "completejourney_2017-05-01_2weeks"
TAOBAO: Final = DATA / "taobao_2017-11-26_0100-0255.csv.gz"

Body = dict[str, Any]


def uci() -> Iterator[Body]:
    """Invoices of known customers; one that takes goods back has negative quantities."""
    for row in _invoices("CustomerID IS NOT NULL"):
        yield receipt("uci", row, row["customer"])


def nameless() -> Iterator[Body]:
    """Invoices of nobody known, as a till would send them."""
    for row in _invoices("CustomerID IS NULL"):
        body = receipt("uci", row, "")
        del body["customerId"]
        yield body


def _invoices(which: str) -> list[Body]:
    return _read(
        f"""
        SELECT InvoiceNo AS number, toString(toUInt32(ifNull(any(CustomerID), 0))) AS customer,
            formatDateTime(min(InvoiceDate), '%Y-%m-%dT%H:%i:%SZ') AS at,
            toString(sum(toDecimal64(toString(UnitPrice), 4) * toInt64(Quantity))) AS total,
            groupArray((StockCode, toInt64(Quantity), toString(UnitPrice))) AS lines
        FROM file('{UCI}') WHERE {which} GROUP BY number ORDER BY at
        """  # noqa: S608 a path of ours
    )


def cdnow() -> Iterator[Body]:
    """Each line is a receipt."""
    rows = _read(
        f"""
        SELECT toString(rowNumberInAllBlocks()) AS number, customer_id AS customer,
            concat(substring(date, 1, 4), '-', substring(date, 5, 2), '-', substring(date, 7, 2),
                   'T12:00:00Z') AS at, dollar_value AS total, [] AS lines
        FROM file('{CDNOW}', CSVWithNames,
                  'customer_id String, date String, number_of_cds UInt32, dollar_value String')
        """  # noqa: S608 as above
    )
    for row in rows:
        yield receipt("cdnow", row, row["customer"])


def households() -> Iterator[Body]:
    """Baskets of a grocery, with the department of each product as its category.

    Coupons are lines of no pieces.
    """
    rows = _read(
        f"""
        SELECT toString(basket_id) AS number, toString(any(household_id)) AS customer,
            formatDateTime(min(transaction_timestamp), '%Y-%m-%dT%H:%i:%SZ') AS at,
            toString(sum(toDecimal64(toString(sales_value), 2))) AS total,
            groupArray((toString(t.product_id), toInt64(quantity), department)) AS lines
        FROM file('{HOUSEHOLDS}/transactions.parquet') AS t
        LEFT JOIN file('{HOUSEHOLDS}/products.parquet') AS p ON p.product_id = t.product_id
        GROUP BY number ORDER BY at
        """  # noqa: S608 as above
    )
    for row in rows:
        body = receipt("home", row, row["customer"])
        lines = [
            {"productId": product, "quantity": quantity, "category": department or ""}
            for product, quantity, department in row["lines"]
        ]
        yield body | {"lines": lines}


def taobao() -> Iterator[Body]:
    """What visitors of a marketplace did, as `oncue replay` reads it."""
    for entry in reading.read(TAOBAO, reading.known("taobao")):
        assert isinstance(entry, Entry)
        yield entry.message


def receipt(source: str, row: Body, customer: str) -> Body:
    """As http.md has it; the customer's id says where it comes from."""
    return {
        "id": f"{source}-{row['number']}",
        "number": row["number"],
        "customerId": f"{source}-{customer}",
        "occurredAt": row["at"],
        "updatedAt": row["at"],
        "total": row["total"],
        "source": source,
        "lines": [
            {"productId": product, "quantity": quantity, "price": price}
            for product, quantity, price in (row["lines"] if source == "uci" else [])
        ],
    }


def _read(sql: str) -> list[Body]:
    """By ClickHouse's engine, which reads every one of these formats."""
    query: Callable[[str, str], Any] = chdb.query
    lines = bytes(query(sql, "JSONEachRow").bytes()).splitlines()
    decoder = msgspec.json.Decoder(Body, float_hook=Decimal)
    return [decoder.decode(line) for line in lines]

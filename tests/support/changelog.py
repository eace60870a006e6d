"""Records of the customers' changelog, as a worker writes them."""

from typing import Final

from agents.mirror import customers
from clickhouse.tables import CustomerRow
from engine import keys
from engine.customer import Customer
from engine.erasures import Erasure
from engine.rows import Row
from engine.shared.counters import CounterRow, Grant
from streams import topics
from streams.records import Received, Record
from tables import counters, rows

TOPIC: Final = topics.CUSTOMERS_CHANGELOG.name


def written(
    key: str = "u:c1",
    *,
    epoch: int = 1,
    version: int = 1,
    offset: int = 0,
    events_count: int = 0,
    customer: Customer | None = None,
) -> Record:
    """A row as of one write."""
    customer = customer or Customer(id=keys.public_id(key), events_count=events_count)
    value = rows.encode(Row(customer=customer), epoch=epoch, version=version, offset=offset)
    return Record(topic=TOPIC, key=key.encode(), value=value)


def erased(key: str = "u:c1", *, version: int = 2, offset: int = 1) -> Record:
    """The stub of a customer."""
    customer_id = keys.public_id(key)
    stub = Row(customer=Customer(id=customer_id), erasure=Erasure("x1", 1, (customer_id,)))
    value = rows.encode(stub, epoch=1, version=version, offset=offset)
    return Record(topic=TOPIC, key=key.encode(), value=value)


def counted(*names: str, epoch: int = 1, version: int = 1) -> Record:
    """A counter's row whose places these claims have."""
    row = CounterRow(held={name.encode(): Grant(1, 0) for name in names})
    value = counters.encode(row, epoch=epoch, version=version, offset=0)
    return Record(topic=topics.SHARED_CHANGELOG.name, key=b"campaign:c:limit", value=value)


def mirrored(customer: Customer, *, now_at: int = 0) -> CustomerRow:
    """What the mirror stores of such a row in ClickHouse."""
    value = rows.encode(Row(customer=customer, now_at=now_at), epoch=1, version=1, offset=0)
    key = keys.from_public_id(customer.id).encode()
    return _row_of(Record(topic=TOPIC, key=key, value=value), logged_at=now_at)


def mirrored_stub(customer_id: str) -> CustomerRow:
    """The same of somebody erased."""
    return _row_of(erased(keys.from_public_id(customer_id)), logged_at=0)


def _row_of(record: Record, *, logged_at: int) -> CustomerRow:
    return customers.row_of(
        Received(
            topic=record.topic,
            partition=0,
            offset=0,
            key=record.key,
            value=record.value,
            headers={},
            logged_at=logged_at,
        )
    )


def marker(partition: int) -> Record:
    """What an owner writes when it takes a partition."""
    return Record(topic=TOPIC, key=b"=owner", value=b"anybody", partition=partition)

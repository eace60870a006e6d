"""Records of the customers' changelog, as a worker writes them."""

from typing import Final

from engine import keys
from engine.customer import Customer
from engine.rows import Row
from streams import topics
from streams.records import Record
from tables import rows

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


def marker(partition: int) -> Record:
    """What an owner writes when it takes a partition."""
    return Record(topic=TOPIC, key=b"=owner", value=b"anybody", partition=partition)

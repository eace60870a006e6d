"""What a row holds, as ClickHouse asks it."""

import msgspec

from agents.mirror import standing
from engine.customer import Customer
from engine.instances import Instance


def run(name: str, **fields: object) -> Instance:
    begun = Instance(
        id=name,
        campaign="c",
        version=3,
        trigger="t",
        step=name,
        entered_at=1,
        arrived_at=2,
        caused_at=1,
    )
    return msgspec.structs.replace(begun, **fields)


def test_it_says_where_each_run_stands() -> None:
    """What a publication's preview counts; who waits for a place has not begun."""
    customer = Customer(id="ada", runs=(run("one"), run("two", admits=("c",))))

    assert msgspec.json.decode(standing.text(customer)) == {"runs": [["c", 3, "one", 2]]}

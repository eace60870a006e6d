"""Whose an id is, and which other ids the customer has."""

import msgspec

from clickhouse.client import Reader

OF_CUSTOMER = "customer = {customer:String} AND identity IN {identities:Array(String)}"
"""Of the public views: what is the customer's. The identities let the tables find it fast."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A customer with every id that records came under."""

    customer: str
    identities: list[str]

    def parameters(self) -> dict[str, object]:
        """As `OF_CUSTOMER` names them."""
        return {"customer": self.customer, "identities": self.identities}


async def person(reader: Reader, customer_id: str) -> Person:
    """Find the customer an id belongs to; whoever was never merged is alone.

    Raises:
        ClickHouseError: as the reader says.
    """
    found = await reader.rows(
        """
        WITH (SELECT argMax(customer, since) FROM oncue.identities WHERE id = {id:String}) AS owner,
            if(owner = '', {id:String}, owner) AS survivor
        SELECT survivor, groupUniqArray(id) AS identities
        FROM oncue.identities
        WHERE customer = survivor
        """,
        {"id": customer_id},
    )
    customer = found[0]["survivor"]
    return Person(customer=customer, identities=sorted({customer, *found[0]["identities"]}))

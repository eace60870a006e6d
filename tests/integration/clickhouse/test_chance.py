"""ClickHouse deals as the engine does."""

from clickhouse.chance import share
from clickhouse.client import Reader
from engine import chance


async def test_clickhouse_and_the_engine_agree_on_every_share(reader: Reader) -> None:
    """d.1, `sample`: a split is also a segment."""
    odd = ["", " ", "'", "anonymous:ж", "email:größe@example.com", "顧客-7", "🦊", "a\u0301"]
    salt = "größe ' 1"

    rows = await reader.rows(
        f"""
        SELECT id, {share("id", salt="salt")} AS share
        FROM (
          SELECT arrayJoin(arrayConcat(
            {{odd:Array(String)}}, arrayMap(n -> concat('kunde-ü', toString(n)), range(2000))
          )) AS id
        )
        """,  # noqa: S608 - the expression holds parameters only
        {"odd": odd, "salt": chance.prefix(salt)},
    )

    ids = [*odd, *(f"kunde-ü{number}" for number in range(2_000))]
    assert {row["id"]: row["share"] for row in rows} == {
        one: chance.share(salt, one) for one in ids
    }

"""How many codes of a pool of promo codes were issued."""

import msgspec

from clickhouse.client import Reader


class _Issued(msgspec.Struct, frozen=True, kw_only=True):
    """One number."""

    issued: int


async def issued(reader: Reader, pool: str) -> int:
    """Codes that customers got by a step of a campaign.

    Raises:
        ClickHouseError: as the reader says.
    """
    [found] = await reader.records(
        _Issued,
        "SELECT toInt64(count()) AS issued FROM oncue.facts"
        " WHERE kind = 'promo_code_issued' AND name = {pool:String}",
        {"pool": pool},
    )
    return found.issued

"""Whom a command is for: customers one after the other, all of them or those of a rule."""

from collections.abc import Mapping

import msgspec

from clickhouse.client import Reader
from clickhouse.rules import selecting
from clickhouse.rules.selecting import Context
from engine.rules.nodes import Rule


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    id: str


async def everybody(reader: Reader, *, after: str, limit: int) -> list[str]:
    """Public ids in their order, from the one behind `after` on; erased and merged ones are none.

    Raises:
        ClickHouseError: as the reader says.
    """
    sql = """
        SELECT id FROM oncue.customers_log FINAL
        WHERE id > {after:String} AND NOT is_erased AND forward = ''
        ORDER BY id LIMIT {limit:UInt32}
    """
    return await _ids(reader, sql, {"after": after, "limit": limit})


async def of_rule(
    reader: Reader, rule: Rule, context: Context, *, after: str, limit: int
) -> list[str]:
    """The same, of those for whom a rule holds."""
    found = selecting.selected(rule, context)
    rest = "AND c.id > {fanout_after:String} ORDER BY c.id LIMIT {fanout_limit:UInt32}"
    parameters = {**found.parameters, "fanout_after": after, "fanout_limit": limit}
    return await _ids(reader, found.sql("c.id AS id", rest=rest), parameters)


async def _ids(reader: Reader, sql: str, parameters: Mapping[str, object]) -> list[str]:
    return [one.id for one in await reader.records(_Told, sql, parameters)]

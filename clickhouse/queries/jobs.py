"""Actions on many customers: their parts, their members, and what came of an enrolment."""

from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec

from clickhouse.client import Reader, Writer
from clickhouse.rules import selecting
from clickhouse.rules.selecting import Context
from engine.rules.nodes import Rule

Place: TypeAlias = tuple[int, str]
"""When a job was asked for, epoch ms, and its id."""

LATEST_MS: Final = 10_413_791_999_999


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it stands; JSON, empty where there is none yet."""

    id: str
    asked_ms: int
    spec: str
    progress: str
    is_cancelled: bool


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """So many customers of a job have a fact of this kind, for this reason."""

    kind: str
    reason: str
    is_entry: bool
    """It is about the way in, not about a message."""
    count: int


_PARTS: Final = """
    SELECT id, toUnixTimestamp64Milli(minIf(at, part = 'spec')) AS asked_ms,
        anyIf(body, part = 'spec') AS spec, anyIf(body, part = 'progress') AS progress,
        toBool(countIf(part = 'cancel') > 0) AS is_cancelled
    FROM oncue.jobs_log FINAL
"""


async def get(reader: Reader, job_id: str) -> Parts | None:
    """Find a job.

    Raises:
        ClickHouseError: as the reader says.
    """
    found = await reader.records(
        Parts, f"{_PARTS} WHERE id = {{id:String}} GROUP BY id HAVING spec != ''", {"id": job_id}
    )
    return found[0] if found else None


async def page(reader: Reader, *, after: Place | None, limit: int) -> list[Parts]:
    """List the jobs before the place, newest first; errors as `get`."""
    at, id_ = after or (LATEST_MS, "")
    return await reader.records(
        Parts,
        f"""
        {_PARTS}
        GROUP BY id
        HAVING spec != '' AND (asked_ms, id) < ({{at:Int64}}, {{id:String}})
        ORDER BY asked_ms DESC, id DESC LIMIT {{limit:UInt32}}
        """,
        {"at": at, "id": id_, "limit": limit},
    )


async def unfinished(reader: Reader) -> list[Parts]:
    """Those that go on, or have not begun; errors as `get`."""
    return await reader.records(
        Parts,
        f"""
        {_PARTS}
        GROUP BY id
        HAVING spec != '' AND (progress = ''
            OR JSONExtractString(progress, 'state') IN ('selecting', 'running'))
        ORDER BY asked_ms, id LIMIT 1000
        """,
    )


async def choose(
    writer: Writer, job_id: str, rule: Rule, context: Context, *, members_of: str = ""
) -> int:
    """Write down whom the rule holds of, once and for all, and count them.

    A choice that broke off half-way is done again from the beginning, before anything was done to
    anybody. Errors as `get`.

    Args:
        members_of: Also those of this other job.
    """
    chosen = selecting.selected(rule, context)
    given = {**chosen.parameters, "job": job_id}
    await writer.command(
        "DELETE FROM oncue.job_members_log WHERE job = {job:String}", {"job": job_id}
    )
    whose = chosen.sql("c.id AS id")
    await writer.command(
        f"""
        INSERT INTO oncue.job_members_log (job, customer) SELECT {{job:String}}, id FROM ({whose})
        """,  # noqa: S608 written by these modules
        given,
    )
    if members_of:
        await writer.command(
            "INSERT INTO oncue.job_members_log (job, customer) SELECT {job:String}, customer"
            " FROM oncue.job_members_log FINAL WHERE job = {other:String}",
            {"job": job_id, "other": members_of},
        )
    return int((await writer.rows(_COUNT, {"job": job_id}))[0]["n"])


_COUNT: Final = """
    SELECT toInt64(count()) AS n FROM oncue.job_members_log FINAL WHERE job = {job:String}
"""

_WAVE: Final = "cityHash64(customer) % {waves:UInt32} = {wave:UInt32}"


async def members(
    reader: Reader, job_id: str, *, waves: int, wave: int, after: str, limit: int
) -> list[str]:
    """The members of one wave after an id, in order; errors as `get`."""
    found = await reader.rows(
        f"""
        SELECT customer FROM oncue.job_members_log FINAL
        WHERE job = {{job:String}} AND customer > {{after:String}} AND {_WAVE}
        ORDER BY customer LIMIT {{limit:UInt32}}
        """,  # noqa: S608 constants of this module
        {"job": job_id, "after": after, "limit": limit, "waves": waves, "wave": wave},
    )
    return [row["customer"] for row in found]


async def outcomes(reader: Reader, job_id: str, *, campaign: str) -> list[Outcome]:
    """What became of those whom a job put into a campaign; errors as `get`."""
    return await reader.records(
        Outcome,
        """
        SELECT kind, reason, toBool(step = '') AS is_entry,
            toInt64(uniqExact(instance)) AS count
        FROM oncue.facts_log FINAL
        WHERE campaign = {campaign:String} AND kind IN ('entered', 'sent', 'not_sent', 'deferred')
            AND instance IN (
                SELECT instance FROM oncue.facts_log FINAL
                WHERE campaign = {campaign:String} AND cause = {job:String}
                    AND kind IN ('fired', 'not_sent'))
        GROUP BY kind, reason, is_entry
        ORDER BY kind, reason
        """,
        {"campaign": campaign, "job": job_id},
    )


async def tagged(reader: Reader, tag: str, *, after: str, limit: int) -> Sequence[str]:
    """Customers who have a tag, by id; errors as `get`."""
    found = await reader.rows(
        """
        SELECT id FROM oncue.customers WHERE has(tags, {tag:String}) AND id > {after:String}
        ORDER BY id LIMIT {limit:UInt32}
        """,
        {"tag": tag, "after": after, "limit": limit},
    )
    return [row["id"] for row in found]

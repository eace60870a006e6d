"""Servers that are not ours: asked before anything starts, so that a wrong address is one line."""

from collections.abc import Mapping

import settings
from channels import providers
from channels.errors import InvalidAddressError
from clickhouse.client import Reader
from clickhouse.errors import ClickHouseError
from oncue.up.errors import ServerAwayError, SettingError
from streams.admin import Admin
from streams.errors import StreamError
from tables.errors import TablesError
from tables.heartbeats import Heartbeats


async def check(*, broker: str | None, redis: str | None, clickhouse: str | None) -> None:
    """See that each of them answers; None is one of ours, still to be started.

    Raises:
        ServerAwayError: one does not; the message names it and says why.
    """
    try:
        if broker is not None:
            await Admin(brokers=broker).probe()
        if redis is not None:
            await _ask_redis(redis)
        if clickhouse is not None:
            async with Reader(url=clickhouse) as reader:
                await reader.ping()
    except (StreamError, TablesError, ClickHouseError) as error:
        raise ServerAwayError(str(error)) from error


def check_mail(environment: Mapping[str, str]) -> None:
    """See that delivery can read how mail is to leave.

    Raises:
        SettingError: it would end at its start, again and again.
    """
    config = settings.load(environment)
    try:
        providers.by_channel(smtp_url=config.smtp_url, mail_from=config.mail_from)
    except InvalidAddressError as error:
        raise SettingError(f"a setting ONCUE_... is wrong: {error}") from error


async def _ask_redis(url: str) -> None:
    hearts = Heartbeats(url=url)
    try:
        await hearts.parts()
    finally:
        await hearts.close()

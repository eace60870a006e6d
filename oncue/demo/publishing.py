"""The demo's campaigns into a running installation, through its API, as fast as the replay."""

from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx
import msgspec

from engine import durations
from engine.definitions import changes
from engine.definitions.campaigns import Campaign
from engine.definitions.triggers.carts import CartAbandoned
from engine.definitions.triggers.types import Trigger
from oncue import definitions
from oncue.demo.errors import DemoError

FOLDER: Final = Path(__file__).parent / "definitions"

SHORTEST_IDLE_S: Final = 1


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign that runs now, and what its cart waits for."""

    campaign: str
    idle: str
    """As its author wrote it."""
    idle_now_ms: int


async def publish(client: httpx.AsyncClient, *, speed: float) -> list[Published]:
    """Save and publish every definition, durations divided by the speed.

    Raises:
        DemoError: the API refuses one.
    """
    published = []
    for change in definitions.load(FOLDER, at=0).changes:
        path = f"/api/{change.kind}/{quote(change.id, safe='')}"
        if change.action == "publish":
            await _sent(client, "POST", f"{path}/publish")
        elif change.kind == "campaigns":
            written = changes.decode_campaign(bytes(change.body))
            faster = accelerated(written, speed=speed)
            await _save(client, path, msgspec.json.encode(faster))
            published.append(_published(written, faster))
        else:
            await _save(client, path, bytes(change.body))
    return published


def accelerated(campaign: Campaign, *, speed: float) -> Campaign:
    """Divide what its triggers wait for; whole seconds, at least one."""
    return msgspec.structs.replace(
        campaign,
        triggers=tuple(_hurried(trigger, speed=speed) for trigger in campaign.triggers),
    )


def _hurried(trigger: Trigger, *, speed: float) -> Trigger:
    if not isinstance(trigger, CartAbandoned):
        return trigger
    idle = shortened(trigger.params.idle, speed=speed)
    params = msgspec.structs.replace(trigger.params, idle=idle)
    return msgspec.structs.replace(trigger, params=params)


def shortened(duration: str, *, speed: float) -> str:
    """Divide a duration by the speed."""
    seconds = round(durations.parse_ms(duration) / 1000 / speed)
    return f"{max(seconds, SHORTEST_IDLE_S)}s"


def _published(written: Campaign, faster: Campaign) -> Published:
    return Published(
        campaign=written.id,
        idle=_idle(written),
        idle_now_ms=durations.parse_ms(_idle(faster)),
    )


def _idle(campaign: Campaign) -> str:
    """What a campaign of the demo waits for: each begins with an abandoned cart."""
    waits = (one.params.idle for one in campaign.triggers if isinstance(one, CartAbandoned))
    return next(waits)


async def _save(client: httpx.AsyncClient, path: str, body: bytes) -> None:
    """Create it, or replace what an earlier demo left."""
    seen = await client.get(path)
    headers = {"if-match": seen.headers["etag"]} if seen.status_code == httpx.codes.OK else {}
    await _sent(client, "PUT", path, body=body, headers=headers)


async def _sent(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> None:
    response = await client.request(
        method, path, content=body, headers={"content-type": "application/json", **(headers or {})}
    )
    if not response.is_success:
        reason = response.text[:300]
        raise DemoError(f"{method} {path} was answered with {response.status_code}: {reason}")

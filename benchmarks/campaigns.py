"""The definitions that every benchmark decides under: cart reminders, as many as asked for."""

from collections.abc import Sequence
from typing import Final

import msgspec

from engine.definitions import folded
from engine.definitions.changes import Action, Change, DefinitionKind
from engine.definitions.folded import Definitions

TEMPLATE: Final = {"id": "cart-mail", "subject": "Your cart waits", "text": "Come back"}

IDLE_MS: Final = 60_000


def changes(containers: Sequence[str]) -> list[Change]:
    """One live T01 campaign for each container named, which may be the same one many times."""
    written = [change("templates", "cart-mail", "put", TEMPLATE, based_on=0)]
    for number, container in enumerate(containers):
        body = _campaign(f"reminder-{number}", container)
        written.append(change("campaigns", str(body["id"]), "put", body, based_on=0))
        written.append(change("campaigns", str(body["id"]), "publish", None, based_on=1))
    return written


def folded_from(written: Sequence[Change]) -> Definitions:
    """What a worker knows once it has read all of them, from offset 0 on.

    Raises:
        ValueError: one is void.
    """
    definitions = Definitions()
    for offset, change in enumerate(written):
        definitions, is_void = folded.fold(definitions, change, offset=offset)
        if is_void:
            raise ValueError(f"void: {change}")
    return definitions


def _campaign(campaign_id: str, container: str) -> dict[str, object]:
    params = {"container": container, "idle": f"{IDLE_MS // 1000}s"}
    return {
        "id": campaign_id,
        "triggers": [{"id": "t", "type": "T01", "params": params}],
        "start": "s1",
        "steps": {"s1": {"type": "send", "channel": "email", "template": "cart-mail"}},
    }


def change(
    kind: DefinitionKind, name: str, action: Action, body: object, *, based_on: int
) -> Change:
    """One change of a definition."""
    raw = msgspec.Raw(msgspec.json.encode(body))
    return Change(
        change_id=name, kind=kind, id=name, action=action, based_on=based_on, body=raw, at=0
    )

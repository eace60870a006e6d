"""Definitions in short, as a folder wants them and as an installation has them."""

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from engine.definitions.changes import DefinitionKind
from oncue.applying.documents import Key, Standing, Wanted, canonical

Body: TypeAlias = Mapping[str, object]

RULE: Final = {"op": "attr", "path": "age", "is": ">=", "value": 30}


def wanted(kind: DefinitionKind, name: str, body: Body, **more: bool) -> Wanted:
    """A file."""
    key = Key(kind, name)
    return Wanted(key=key, body=_body(key, body), **more)


def standing(
    kind: DefinitionKind,
    name: str,
    body: Body,
    *,
    revision: int = 1,
    status: str = "saved",
    published: Body | None = None,
) -> Standing:
    """What the API told."""
    key = Key(kind, name)
    return Standing(
        key=key,
        revision=revision,
        body=_body(key, body),
        status=status,
        published=None if published is None else _body(key, published),
    )


def _body(key: Key, body: Body) -> bytes:
    fields = body if key.kind == "settings" else {"id": key.id, **body}
    return canonical(key, msgspec.json.encode(fields))


def template(text: str = "Hello") -> dict[str, object]:
    """A mail."""
    return {"channel": "email", "subject": "Still there?", "text": text}


def segment(*nested: str) -> dict[str, object]:
    """Who is in all of the others, or grown up."""
    inner = [{"op": "in_segment", "segment": name} for name in nested]
    return {"rule": {"op": "all", "of": inner} if inner else RULE}


def campaign(name: str = "Cart", *, starts: str = "", follows: str = "") -> dict[str, object]:
    """Sends one mail, or starts another; by a cart, or by another."""
    step: dict[str, object] = {"type": "send", "channel": "email", "template": "mail"}
    if starts:
        step = {"type": "start_campaign", "campaign": starts}
    trigger: dict[str, object] = {"id": "t", "type": "T01"}
    if follows:
        params = {"campaigns": [follows], "outcomes": ["started"]}
        trigger = {"id": "t", "type": "T48", "params": params}
    return {"name": name, "triggers": [trigger], "start": "s1", "steps": {"s1": step}}

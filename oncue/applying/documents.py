"""A definition in a folder, and one as the installation has it, both in one form."""

from typing import Final, NamedTuple

import msgspec

from engine.definitions.changes import DefinitionKind
from engine.errors import InvalidDefinitionError
from oncue import definitions
from oncue.applying.errors import ApplyingError

KINDS: Final[tuple[DefinitionKind, ...]] = ("settings", *definitions.KINDS)
"""In the order they are applied; taken away in the reverse."""


class Key(NamedTuple):
    """Which one it is."""

    kind: DefinitionKind
    id: str

    def __str__(self) -> str:
        """As people name it."""
        return self.kind if self.kind == "settings" else f"{self.kind}/{self.id}"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What the folder says."""

    key: Key
    body: bytes
    """As `canonical` makes it."""
    is_draft: bool = False
    """A campaign that is to be saved, not to run."""
    is_paused: bool = False
    """A campaign that pauses where the folder comes from. Elsewhere it is saved only, or it would
    run for a moment; where it runs, the folder does not pause it."""

    @property
    def runs(self) -> bool:
        """Whether it is a campaign that the folder counts as published."""
        return self.key.kind == "campaigns" and not self.is_draft and not self.is_paused


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the installation has."""

    key: Key
    revision: int
    body: bytes
    """The newest version, of a campaign the draft, as `canonical` makes it."""
    status: str = "saved"
    """Of a campaign draft, live, paused or stopped."""
    published: bytes | None = None
    """What runs, or ran last."""

    @property
    def shown(self) -> bytes:
        """What runs, rather than what is being written."""
        return self.body if self.published is None else self.published


def canonical(key: Key, body: bytes) -> bytes:
    """The definition in the one form that goes into files and is compared.

    What is as by default stays out, fields come in the order of their schema, and the entries of
    maps in their author's order: of the arms of a split it decides who gets the odd bucket.

    Raises:
        ApplyingError: it is none by this command's schema.
    """
    try:
        return msgspec.json.encode(_plain(definitions.DECODERS[key.kind](body)))
    except InvalidDefinitionError as error:
        raise ApplyingError(
            f"{key}: this command does not know what the API answers: {error}; "
            "use the version of the installation"
        ) from error


def _plain(value: object) -> object:
    """JSON without what is as by default.

    msgspec's own `omit_defaults` leaves a text out only if it is the very object of the default, so
    what an answer spelled out would stay in.
    """
    match value:
        case msgspec.Struct():
            return _fields(value)
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case _:
            return value


def _fields(record: msgspec.Struct) -> dict[str, object]:
    config = record.__struct_config__
    shown: dict[str, object] = {} if config.tag is None else {str(config.tag_field): config.tag}
    for field in msgspec.structs.fields(record):
        value = getattr(record, field.name)
        if not _is_default(value, field):
            shown[field.encode_name] = _plain(value)
    return shown


def _is_default(value: object, field: msgspec.structs.FieldInfo) -> bool:
    default = field.default
    if field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    return type(value) is type(default) and value == default

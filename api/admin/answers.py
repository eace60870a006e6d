"""Writing an answer: JSON with decimal text for money, times in RFC 3339, ETags."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

import msgspec
from starlette.responses import Response

from api.admin.paging import Page

JSON: Final = "application/json"
CENT: Final = Decimal("0.01")

_encode: Final = msgspec.json.Encoder(decimal_format="string").encode


def json(value: object, *, revision: int | None = None, status: int = 200) -> Response:
    """Answer; a revision is the ETag."""
    headers = {} if revision is None else {"etag": f'"{revision}"'}
    return Response(_encode(value), status_code=status, media_type=JSON, headers=headers)


def page(value: Page) -> Response:
    """Answer with one page of a list."""
    return json(value)


def time(at_ms: int) -> str:
    """Write an instant as people and programs read it: RFC 3339, UTC, milliseconds."""
    instant = datetime.fromtimestamp(at_ms / 1000, tz=UTC)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_or_none(at_ms: int | None) -> str | None:
    """The same of what may be absent."""
    return None if at_ms is None else time(at_ms)


def money(amount: Decimal) -> Decimal:
    """Take off the zeros that ClickHouse's four decimal places add, but for the usual two."""
    cents = amount.quantize(CENT)
    return cents if cents == amount else amount.normalize()


def fields(record: msgspec.Struct) -> dict[str, object]:
    """A record as JSON with every default shown, however it is stored."""
    config = record.__struct_config__
    tag = {} if config.tag is None else {str(config.tag_field): config.tag}
    names = zip(record.__struct_fields__, record.__struct_encode_fields__, strict=True)
    return {**tag, **{encoded: plain(getattr(record, name)) for name, encoded in names}}


def plain(value: object) -> object:
    """The same of any value, with the records inside it."""
    match value:
        case msgspec.Struct():
            return fields(value)
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case tuple() | list():
            return [plain(item) for item in value]
        case _:
            return value

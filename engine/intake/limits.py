"""What a source may send at most. Above it a message is refused, never cut or guessed."""

from typing import Final

MESSAGE_MAX_BYTES: Final = 32 * 1024
"""Segment's limit, and its trackers drop what is above; a dead letter holds it whole."""

OBJECT_MAX_BYTES: Final = 128 * 1024
"""Of a receipt or an order: room for some 1,000 lines, where a tracker's message has a few."""

BATCH_MAX_BYTES: Final = 500 * 1024
"""Segment's limit for a batch, decompressed. Its trackers stop at 475,000 bytes plus the message
that crossed, which with the envelope stays below."""

BATCH_MAX_MESSAGES: Final = 2_500
"""Segment's limit; about 70 ms of work in one request."""

BATCH_CONTEXT_MAX_BYTES: Final = 4 * 1024
"""Of the context a batch gives to each of its messages: a small body must not become a large log.
Trackers send their name and version there."""

MESSAGE_ID_MAX_CHARS: Final = 100
"""Segment's limit; ids are remembered in the customer's row for repetitions."""

ID_MAX_CHARS: Final = 200
"""A row key, an order or a cart; long enough for an email (254 would be no id) or two UUIDs."""

NAME_MAX_CHARS: Final = 200
"""Of an event or a page: a name is chosen by a developer, longer ones are data in disguise."""

CONTAINER_MAX_CHARS: Final = 64
"""Of a container's name: each is a key of the customer's row."""

DEPTH_MAX: Final = 32
"""Objects and arrays within each other, the message itself being the first."""

KEYS_MAX: Final = 300
"""Of one object. Segment Unify refuses more properties or traits."""

KEY_MAX_BYTES: Final = 200
"""Of one key, UTF-8: keys become paths in ClickHouse."""

EXPONENT_MAX: Final = 307
"""Numbers stay below 1e308: what a double cannot hold is infinity to every reader after us."""

INTEGER_MIN: Final = -(2**63)
INTEGER_MAX: Final = 2**64 - 1
"""Whole numbers of 64 bits: msgpack and ClickHouse have no larger ones."""

AMOUNT_DIGITS_MAX: Final = 15
"""Digits before the point: below 10^15, larger than any price in any currency."""

AMOUNT_DECIMALS_MAX: Final = 20
"""Digits behind the point: room for the tail of 0.30000000000000004, which browsers do send."""

QUANTITY_MAX: Final = 1_000_000
"""Of one line; larger is a mistake in the source, and would drown every average."""

PRODUCT_TEXT_MAX_CHARS: Final = 500
"""Name and category of a product; a longer one is cut, since it is stored in every row."""

URL_MAX_CHARS: Final = 2_048
"""What browsers and mail programs follow; a longer one is left out: a cut one leads nowhere."""

AHEAD_MAX_MS: Final = 60_000
"""How far a source's clock may be ahead of ours; later is clamped to it (Segment's bound)."""

EMAIL_MAX_CHARS: Final = 254
"""RFC 5321, 4.5.3.1.3: a path has 256 octets, two of them angle brackets."""

PHONE_MAX_CHARS: Final = 50
"""E.164 has 15 digits; the rest is brackets, spaces and an extension."""

CUSTOM_FIELDS_MAX: Final = 100
"""Of one receipt, order or line: as many as can be declared."""

CUSTOM_TEXT_MAX_CHARS: Final = 500
"""Of one value of the shop's own; a longer one is refused."""

STATUS_MAX_CHARS: Final = 100
"""Of an order or a receipt: a word or two."""

CHANNEL_MAX_CHARS: Final = 50
"""Of a channel's name; longer ones are data in disguise."""

TOKEN_MAX_CHARS: Final = 1_000
"""Of a push token: FCM promises none and gives about 160 characters, Huawei about 130."""

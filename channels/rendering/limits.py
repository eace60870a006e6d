"""How much a template may use. Marketers write templates; customers write what is put in them."""

from typing import Final

import msgspec

OUTPUT_MAX_BYTES: Final = 512 * 1024
"""Of subject, html and text together; a mail above 100 KB is clipped by common clients anyway."""

TURNS_MAX: Final = 10_000
"""Of all loops of a part: a full cart of 100 within itself."""

LIST_MAX: Final = 10_000
NUMBER_MAX: Final = 10**15
"""Of what is multiplied or shown as money: beyond it, a number is a mistake or an attack."""

COUNTED: Final = "counted turns"
"""Filter and context name of the count: with a blank in it, no template can write it."""


class LimitError(ValueError):
    """A template wants more than any mail needs."""


class Turns(msgspec.Struct):
    """How many turns of loops are left while a part is filled: the one thing that changes."""

    left: int = TURNS_MAX

    def take(self) -> None:
        """Spend one.

        Raises:
            LimitError: none is left.
        """
        self.left -= 1
        if self.left < 0:
            raise LimitError(f"the loops take more than {TURNS_MAX} turns")


def text(value: str) -> str:
    """Pass a text on.

    Raises:
        LimitError: longer than the whole message may be.
    """
    if len(value) > OUTPUT_MAX_BYTES:
        raise LimitError(f"a text grows beyond {OUTPUT_MAX_BYTES} characters")
    return value


def number(value: object) -> int | float:
    """Pass a number on.

    Raises:
        LimitError: it is none, or too large to be meant.
    """
    if not isinstance(value, int | float):
        raise LimitError(f"{type(value).__name__} is no number")
    if abs(value) > NUMBER_MAX:
        raise LimitError(f"{value:.3g} is too large a number")
    return value

"""How often something happened within a while: the last times of it, in a note."""

from collections.abc import Iterator

from engine import durations
from engine.notes import Note
from engine.triggers.machines import Fire, Keep


def counted(note: Note, at: int, *, times: int, window: str) -> Iterator[Keep | Fire]:
    """Fire with the last of so many within the window, then begin anew.

    Args:
        at: when it happened, epoch ms; may be earlier than what is known.
    """
    if times <= 1:
        yield Fire()
        return
    window_ms = durations.parse_ms(window)
    known = sorted((*note.times, at))
    lately = tuple(one for one in known if one > known[-1] - window_ms)
    if len(lately) >= times:
        yield Keep()
        yield Fire()
    else:
        yield Keep(lately)

"""A plan in words: one line for a definition, one for each field that differs."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from engine.definitions.differences import Difference
from oncue.applying.planning import Step, Verb

SHOWN_CHARS: Final = 60
"""Of a value: two of them and the path fit on a line of most terminals, or nearly."""

LEAD_CHARS: Final = 15
"""Of what comes before the place where two long values begin to differ."""

WORDS: Final = {
    "new": "new",
    "changed": "changed",
    "unpublished": "not published there",
    "missing": "missing here",
    "same": "same",
}

DONE: Final[dict[Verb, str]] = {
    "reserve": "reserved",
    "put": "saved",
    "publish": "published",
    "delete": "deleted",
}
WOULD: Final[dict[Verb, str]] = {
    "reserve": "reserve",
    "put": "save",
    "publish": "publish",
    "delete": "delete",
}


def differing(steps: Sequence[Step]) -> Iterator[str]:
    """What `oncue diff` prints."""
    for step in steps:
        if step.what != "same" or step.note:
            yield f"{step.key}: {WORDS[step.what]}"
        yield from (f"  {line}" for line in map(of_difference, step.differences))
        if step.note:
            yield f"  {step.note}"


def counted(steps: Sequence[Step]) -> str:
    """Its last line."""
    same = sum(step.what == "same" for step in steps)
    kinds = [
        f"{count} {WORDS[what]}"
        for what in ("new", "changed", "unpublished", "missing")
        if (count := sum(step.what == what and "reserve" not in step.verbs for step in steps))
    ]
    return ", ".join([*kinds, f"{same} same"])


def of_difference(one: Difference) -> str:
    """`steps.s1.template: "old" -> "new"`: there, then here."""
    match one.what:
        case "added":
            return f"{one.path}: + {_short(_text(one.after))}"
        case "removed":
            return f"{one.path}: - {_short(_text(one.before))}"
        case "changed":
            before, after = _text(one.before), _text(one.after)
            start = _start(before, after)
            return f"{one.path}: {_short(before, start)} -> {_short(after, start)}"


def done(step: Step, *, verbs: Sequence[Verb]) -> str:
    """What was done with one definition; nothing, where somebody else was faster."""
    if not verbs:
        return f"{step.key}: is so already"
    return f"{step.key}: {', '.join(DONE[verb] for verb in verbs)}"


def would(step: Step) -> str:
    """What would be done with it."""
    return f"{step.key}: would {', '.join(WOULD[verb] for verb in step.verbs)}"


def _start(before: str, after: str) -> int:
    """Where the shown part begins: a little before they begin to differ."""
    if max(len(before), len(after)) <= SHOWN_CHARS:
        return 0
    pairs = enumerate(zip(before, after, strict=False))
    place = next((at for at, (one, other) in pairs if one != other), min(len(before), len(after)))
    return max(place - LEAD_CHARS, 0)


def _short(text: str, start: int = 0) -> str:
    shown = text[start : start + SHOWN_CHARS]
    before = "…" if start else ""
    after = "…" if len(text) > start + SHOWN_CHARS else ""
    return f"{before}{shown}{after}"


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()

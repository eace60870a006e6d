"""A template as its author writes it; `channels.rendering` knows the language in it."""

from typing import Final, Literal

import msgspec

from engine.errors import Flaw

LONGEST_CHARS: Final = 64 * 1024
"""Of subject, html or text: a mail above 100 KB is clipped by common clients."""


class Template(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One version; a message pins the version it was decided with."""

    id: str
    channel: Literal["email"] = "email"
    category: str | None = None
    subject: str
    html: str = ""
    text: str = ""


def flaws(template: Template) -> list[Flaw]:
    """Everything wrong that the types alone do not say; the language is checked elsewhere."""
    found = [
        Flaw(path=name, message=f"longer than {LONGEST_CHARS} characters")
        for name, source in (
            ("subject", template.subject),
            ("html", template.html),
            ("text", template.text),
        )
        if len(source) > LONGEST_CHARS
    ]
    if not template.html and not template.text:
        found.append(Flaw(path="html", message="a template needs html or text"))
    if not template.subject.strip():
        found.append(Flaw(path="subject", message="an email needs a subject"))
    if any(mark in template.subject for mark in "\r\n"):
        found.append(Flaw(path="subject", message="a subject is one line"))
    return found

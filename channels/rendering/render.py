"""From a template to the message: fill the three parts, lead the links through us."""

from collections import OrderedDict
from collections.abc import Mapping
from types import TracebackType
from typing import Final, NamedTuple

import jinja2
import msgspec
from jinja2.exceptions import TemplateError, TemplateSyntaxError

from channels.errors import RenderError
from channels.links import Links, Origin
from channels.rendering.language import Language
from channels.rendering.limits import COUNTED, OUTPUT_MAX_BYTES, Turns
from channels.rendering.tracking import Tracker
from engine.definitions.templates import Template
from engine.errors import Flaw
from engine.sends import Rendered

COMPILED_MAX: Final = 500
"""Template versions kept compiled; about 20 KB each."""

RECORD_MAX_BYTES: Final = 900_000
"""Of the message as JSON: the sandbox's ledger entry must fit into one record."""

AUTHORS_MISTAKES: Final = (
    TemplateError,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
)
"""What an expression of a template can end in: it is data, so any of these is its author's. Jinja
asserts what its filters are given."""

TOO_DEEP: Final = (RecursionError, SyntaxError, MemoryError)
"""What Python says to 21 loops within each other, 100 conditions or 200 brackets."""

_ITEM: Final[Mapping[str, object]] = {"name": None, "price": None, "quantity": 1}
_FILE: Final = "<template>"
_LINE_BREAKS: Final = "\x85\u2028\u2029"


class Compiled(NamedTuple):
    """The parts of one template version; an absent part is None."""

    subject: jinja2.Template
    html: jinja2.Template | None
    text: jinja2.Template | None


_html: Final = Language(is_html=True)
_plain: Final = Language(is_html=False)


def check(template: Template) -> list[Flaw]:
    """Read the three parts; report the first flaw of each with its line, for the moment of saving.

    What only data can show, such as an attribute a customer has not, shows when it is sent.
    """
    found = []
    for part, language, source in _parts(template):
        try:
            _compiled(language, source)
        except TemplateSyntaxError as error:
            found.append(Flaw(path=part, message=f"line {error.lineno}: {error.message}"))
    return found


class Renderer:
    """Fills templates; keeps the compiled ones, since a version never changes."""

    def __init__(self, *, links: Links) -> None:
        self._links = links
        self._compiled: OrderedDict[tuple[str, int], Compiled] = OrderedDict()

    def render(
        self, template: Template, *, to: str, context: Mapping[str, object], origin: Origin
    ) -> Rendered:
        """Fill a template; `origin` names its version.

        Raises:
            RenderError: it cannot be filled with this, or outgrows the limits.
        """
        parts = self._parts_of(template, origin.template_version)
        context = _usable(context)
        tracker = Tracker(links=self._links, origin=origin)
        subject = _one_line(_filled(parts.subject, context, part_name="subject"))
        html = "" if parts.html is None else _filled(parts.html, context, part_name="html")
        text = "" if parts.text is None else _filled(parts.text, context, part_name="text")
        rendered = Rendered(
            to=to,
            subject=subject,
            html=tracker.html(html) if html else "",
            text=tracker.text(text),
        )
        _check_size(rendered)
        return rendered

    def _parts_of(self, template: Template, version: int) -> Compiled:
        key = (template.id, version)
        if key in self._compiled:
            self._compiled.move_to_end(key)
            return self._compiled[key]
        parts: dict[str, jinja2.Template] = {}
        for part, language, source in _parts(template):
            try:
                parts[part] = _compiled(language, source)
            except TemplateSyntaxError as error:
                raise RenderError(error.message or "", part=part, line=error.lineno) from error
        self._compiled[key] = Compiled(parts["subject"], parts.get("html"), parts.get("text"))
        if len(self._compiled) > COMPILED_MAX:
            self._compiled.popitem(last=False)
        return self._compiled[key]


def _usable(context: Mapping[str, object]) -> Mapping[str, object]:
    """Give every item of the cart what templates rely on, though a record leaves defaults out."""
    match context:
        case {"cart": {"items": [*items], **cart}}:
            whole = [{**_ITEM, **item} if isinstance(item, Mapping) else item for item in items]
            return {**context, "cart": {**cart, "items": whole}}
        case _:
            return context


def _parts(template: Template) -> list[tuple[str, Language, str]]:
    parts = [("subject", _plain, template.subject)]
    if template.html:
        parts.append(("html", _html, template.html))
    if template.text:
        parts.append(("text", _plain, template.text))
    return parts


def _compiled(language: Language, source: str) -> jinja2.Template:
    """Compile one part.

    Raises:
        TemplateSyntaxError: not a template, or not in our part of the language.
    """
    try:
        return language.from_string(language.counting(source))
    except TOO_DEEP as error:
        raise TemplateSyntaxError("nested too deeply", 1) from error


def _filled(part: jinja2.Template, context: Mapping[str, object], *, part_name: str) -> str:
    """Fill one part, counting as it grows: a template that never ends is stopped in time."""
    pieces = []
    left = OUTPUT_MAX_BYTES
    try:
        for piece in part.generate({**context, COUNTED: Turns()}):
            left -= len(piece.encode())
            if left < 0:
                raise RenderError(f"longer than {OUTPUT_MAX_BYTES} bytes", part=part_name)
            pieces.append(piece)
    except AUTHORS_MISTAKES as error:
        raise RenderError(
            str(error), part=part_name, line=_line_in_template(error.__traceback__)
        ) from error
    return "".join(pieces)


def _line_in_template(trace: TracebackType | None) -> int | None:
    """Find the innermost frame that Jinja rewrote to stand in the template."""
    line = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == _FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _one_line(subject: str) -> str:
    stripped = subject.strip()
    if any(ord(mark) < 32 or mark in _LINE_BREAKS for mark in stripped):
        raise RenderError("a subject is one line", part="subject")
    if not stripped:
        raise RenderError("the subject is empty", part="subject")
    return stripped


def _check_size(rendered: Rendered) -> None:
    size_bytes = sum(
        len(part.encode()) for part in (rendered.subject, rendered.html, rendered.text)
    )
    if size_bytes > OUTPUT_MAX_BYTES:
        raise RenderError(f"longer than {OUTPUT_MAX_BYTES} bytes in all", part="message")
    if len(msgspec.json.encode(rendered)) > RECORD_MAX_BYTES:
        raise RenderError(f"longer than {RECORD_MAX_BYTES} bytes as JSON", part="message")

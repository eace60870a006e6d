"""Reading a rule's text; what comes out is the JSON of the tree, checked like any other.

    node       = [id ":"] name "(" [argument {"," argument} [","]] ")" [comparison]
    argument   = [name "="] value
    value      = node | list | string | number | true | false
    comparison = ("=" | "!=" | "<" | "<=" | ">" | ">=" | name) [value]

Strings are JSON's; `/* ... */` is passed over.
"""

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from engine.errors import Flaw, InvalidDefinitionError
from engine.rules.forms import DEFAULTS, FORMS

TEXT_CHARS_MAX: Final = 128 * 1024
"""A rule of 200 nodes is a tenth of it."""

NESTING_MAX: Final = 40
"""Brackets in brackets; deeper than any rule may be (`engine.rules.limits`)."""

_TOKEN: Final = re.compile(
    r"""(?P<space>(?:\s+|/\*.*?\*/)+)
    |(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign><=|>=|!=|[=<>(),:\[\]])""",
    re.VERBOSE | re.DOTALL,
)

_SIGNS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_WORDS: Final[dict[str, bool]] = {"true": True, "false": False}


class Token(NamedTuple):
    """A word of the text, and where it begins."""

    kind: str
    text: str
    at: int


def parsed(text: str) -> object:
    """Read the text into the JSON of a rule.

    Raises:
        InvalidDefinitionError: it is no rule; the path says line and column.
    """
    if len(text) > TEXT_CHARS_MAX:
        message = f"{len(text)} characters: at most {TEXT_CHARS_MAX}"
        raise InvalidDefinitionError([Flaw(path="text", message=message)])
    reader = _Reader(text)
    found = reader.value(depth=0)
    reader.expect_end()
    if not isinstance(found, dict):
        raise reader.wrong("a rule is written like all(...)", reader.start)
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split()
        self._place = 0

    @property
    def start(self) -> Token:
        return self._tokens[0]

    def wrong(self, message: str, token: Token) -> InvalidDefinitionError:
        before = self._text[: token.at]
        line, column = before.count("\n") + 1, token.at - before.rfind("\n")
        return InvalidDefinitionError([Flaw(path=f"text:{line}:{column}", message=message)])

    def expect_end(self) -> None:
        if self._next.kind != "end":
            raise self.wrong(f"the rule ended before {self._next.text!r}", self._next)

    def value(self, *, depth: int) -> object:
        token = self._take()
        if depth > NESTING_MAX:
            raise self.wrong(f"brackets nested deeper than {NESTING_MAX}", token)
        if self._next.text == ":" and token.kind in {"name", "string"}:
            self._take()
            own = self._string(token) if token.kind == "string" else token.text
            return self._node(self._take(), own, depth=depth)
        if token.text == "[":
            return self._list(depth=depth)
        if token.kind == "name" and token.text not in _WORDS:
            return self._node(token, None, depth=depth)
        return self._literal(token)

    def _node(self, token: Token, own: str | None, *, depth: int) -> dict[str, object]:
        if token.kind != "name" or token.text not in FORMS:
            raise self.wrong(f"{token.text!r} is no operator: {', '.join(FORMS)}", token)
        form = FORMS[token.text]
        node: dict[str, object] = {"op": token.text}
        if own is not None:
            node["id"] = own
        others: list[object] = []
        places = iter(form.places)
        self._expect("(")
        while self._next.text != ")":
            self._argument(node, places, others, depth=depth)
            if self._next.text != ")":
                self._expect(",")
        self._expect(")")
        if form.rest is not None:
            node[form.rest] = others
        elif others:
            raise self.wrong(f"too many values for {token.text}", token)
        return self._compared(node) if form.is_compared else node

    def _argument(
        self, node: dict[str, object], places: Iterator[str], others: list[object], *, depth: int
    ) -> None:
        token = self._next
        if token.kind == "name" and self._after.text == "=":
            self._take()
            self._take()
            if token.text in node:
                raise self.wrong(f"{token.text!r} is said twice", token)
            node[token.text] = self.value(depth=depth + 1)
            return
        name = next(places, None)
        found = self.value(depth=depth + 1)
        if name is None:
            others.append(found)
        else:
            node[name] = found

    def _compared(self, node: dict[str, object]) -> dict[str, object]:
        """What follows the brackets; a word is an operator only there."""
        token = self._next
        if token.text not in _SIGNS and token.kind != "name":
            return node
        self._take()
        node["is"] = token.text
        if self._next.text in {",", ")", "]"} or self._next.kind == "end":
            if node["op"] in DEFAULTS and DEFAULTS[str(node["op"])][1] is not None:
                node["value"] = None
            return node
        node["value"] = self.value(depth=NESTING_MAX - 1)
        return node

    def _list(self, *, depth: int) -> list[object]:
        found: list[object] = []
        while self._next.text != "]":
            found.append(self.value(depth=depth + 1))
            if self._next.text != "]":
                self._expect(",")
        self._expect("]")
        return found

    def _literal(self, token: Token) -> object:
        if token.kind == "string":
            return self._string(token)
        if token.kind == "number":
            return json.loads(token.text)
        if token.text in _WORDS:
            return _WORDS[token.text]
        raise self.wrong("a value is missing here", token)

    def _string(self, token: Token) -> str:
        try:
            return str(json.loads(token.text))
        except ValueError as error:
            raise self.wrong("no string as JSON writes them", token) from error

    def _expect(self, sign: str) -> None:
        token = self._take()
        if token.text != sign or token.kind == "string":
            raise self.wrong(f"{sign!r} is missing here", token)

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    @property
    def _after(self) -> Token:
        return self._tokens[min(self._place + 1, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._next
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _split(self) -> list[Token]:
        found, place = [], 0
        while place < len(self._text):
            match = _TOKEN.match(self._text, place)
            if match is None:
                wrong = Token("wrong", self._text[place], place)
                raise self.wrong(f"{wrong.text!r} means nothing here", wrong)
            if match.lastgroup != "space":
                found.append(Token(str(match.lastgroup), match[0], place))
            place = match.end()
        return [*found, Token("end", "", place)]

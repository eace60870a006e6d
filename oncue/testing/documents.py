"""YAML as plain values, and the line that each stands on.

Numbers and words are read as JSON has them (`39.90` is a number, `yes` and `22:15` are words), keys
are words, and no key stands twice: what YAML guesses beyond that has surprised too many.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from oncue.testing.errors import CaseFileError

NODES_MAX: Final = 200_000
"""Aliases count as what they stand for, so that few lines cannot become millions."""

_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_WORDS: Final[Mapping[str, object]] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}


class Document(NamedTuple):
    """What a file says, and where."""

    content: object
    lines: Mapping[str, int]
    """By path, `tests[0].when[2].at`; counted from 1."""

    def line(self, path: str) -> int:
        """The line of a path, or of what is nearest above it."""
        while path and path not in self.lines:
            cut = max(path.rfind("."), path.rfind("["))
            path = path[: max(cut, 0)]
        return self.lines.get(path, 1)


def read(text: str, *, file: str) -> Document:
    """Read one document.

    Raises:
        CaseFileError: it is no YAML, or says something twice.
    """
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise CaseFileError(f"{file}:{line}: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise CaseFileError(f"{file}: {error}") from error
    except RecursionError as error:
        raise CaseFileError(f"{file}: nested too deeply") from error
    if root is None:
        raise CaseFileError(f"{file}: it is empty")
    return _Reader(file).document(root)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self._lines: dict[str, int] = {}
        self._count = 0

    def document(self, root: Node) -> Document:
        try:
            return Document(self._value(root, ""), self._lines)
        except RecursionError as error:
            raise CaseFileError(f"{self._file}: nested too deeply") from error

    def _value(self, node: Node, path: str) -> object:
        self._count += 1
        if self._count > NODES_MAX:
            raise CaseFileError(f"{self._file}: more than {NODES_MAX} values")
        self._lines.setdefault(path, node.start_mark.line + 1)
        match node:
            case MappingNode():
                return self._mapping(node, path)
            case SequenceNode():
                return [
                    self._value(one, f"{path}[{place}]") for place, one in enumerate(node.value)
                ]
            case ScalarNode():
                return _scalar(node)
            case _:
                raise CaseFileError(f"{self._file}:{node.start_mark.line + 1}: what is this?")

    def _mapping(self, node: MappingNode, path: str) -> dict[str, object]:
        found: dict[str, object] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                raise CaseFileError(f"{self._file}:{line}: a key is a word")
            name = key.value
            if name in found:
                raise CaseFileError(f"{self._file}:{line}: {name!r} stands here twice")
            place = f"{path}.{name}" if path else name
            self._lines[place] = line
            found[name] = self._value(value, place)
        return found


def _scalar(node: ScalarNode) -> object:
    if node.style in {"'", '"', "|", ">"}:
        return node.value
    text = node.value
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return float(text) if re.search("[.eE]", text) else int(text)
    return text

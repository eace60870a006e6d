"""No file and no function outgrows what one sitting can hold."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
MAX_MODULE_LINES: Final = 400
MAX_FUNCTION_LINES: Final = 50
MODULES: Final = [
    *ROOT.glob("*.py"),
    *(path for package in ROOT.glob("*/__init__.py") for path in package.parent.rglob("*.py")),
]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_and_its_functions_stay_small(path: Path) -> None:
    source = path.read_text()

    too_long = [name for name, lines in functions(source) if lines > MAX_FUNCTION_LINES]

    assert len(source.splitlines()) <= MAX_MODULE_LINES
    assert too_long == []


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.name == "__init__.py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_package_holds_its_docstring_only(path: Path) -> None:
    statements = ast.parse(path.read_text()).body

    assert [type(statement) for statement in statements] in ([], [ast.Expr])


def functions(source: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1

"""The part of Jinja a template may use, and the environment it is compiled in.

The sandbox keeps a template from our objects, not from our memory: so the language is a list of
what is allowed, every loop is counted, and what can grow is measured as it grows.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from jinja2 import StrictUndefined, Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import TemplateSyntaxError
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from channels.rendering import filters, limits
from channels.rendering.limits import LIST_MAX, LimitError

ALLOWED: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Assign),
    *(nodes.With, nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair),
    *(nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Call, nodes.Keyword, nodes.Filter),
    *(nodes.Test, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
    *(nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat),
    *(nodes.Neg, nodes.Pos),
)
"""No macros and blocks, which repeat themselves; no includes; no power; no way out of escaping."""

METHODS: Final = frozenset(
    {
        *("upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip", "split"),
        *("startswith", "endswith", "items", "keys", "values", "get", "cycle", "changed"),
    }
)
"""Of texts, of objects and of `loop`: those whose result is no larger than what they are given."""


class _MeasuringGenerator(CodeGenerator):
    """Measures what `~` glues together: the one operator the sandbox does not pass on."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - Jinja's name
        self.write("environment.measured(")
        super().visit_Concat(node, frame)
        self.write(")")


class _LoopCounter(NodeTransformer):
    """Puts the counting filter around what every loop goes through."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - Jinja's name
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, limits.COUNTED, [], [], None, None, lineno=node.lineno)
        return node


class Language(ImmutableSandboxedEnvironment):
    """Compiles parts; one for html, which escapes, and one for plain text, which does not."""

    code_generator_class = _MeasuringGenerator
    intercepted_binops = frozenset({"*", "+", "%"})

    def __init__(self, *, is_html: bool) -> None:
        super().__init__(
            autoescape=is_html,
            undefined=StrictUndefined,
            finalize=lambda value: "" if value is None else value,
            keep_trailing_newline=True,
            cache_size=0,
            # Computing constants ahead would raise a template's mistakes while it is compiled.
            optimized=False,
        )
        self.globals.clear()
        self.filters.clear()
        self.filters.update(filters.allowed())

    def counting(self, source: str) -> nodes.Template:
        """Parse a part and make its loops count.

        Raises:
            TemplateSyntaxError: not a template, or not in our part of the language.
        """
        parsed = self.parse(source)
        for node in _all(parsed):
            _refuse_foreign(node)
        _LoopCounter().visit(parsed)
        return parsed

    def measured(self, text: str) -> str:
        """See `_MeasuringGenerator`."""
        return limits.text(text)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401 - any data
        """Whether it is data, or one of `METHODS`."""
        if callable(value) and attr not in METHODS:
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:  # noqa: ANN401 - Jinja's signature
        """Make no exception for `format`: a width in it is a memory bomb."""

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ANN401 - whatever a template calls
        """Whether it is one of `METHODS`; what is undefined says so itself when called."""
        if isinstance(obj, Undefined):
            return True
        owner = getattr(obj, "__self__", None)
        return isinstance(owner, str | Mapping | LoopContext) and obj.__name__ in METHODS

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - whatever stands there
        """Prefer what the data holds: `cart.items` is a list, not a method of dictionaries."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call_binop(
        self,
        context: Context,  # noqa: ARG002 - Jinja's signature
        operator: str,
        left: Any,  # noqa: ANN401 - whatever a template computes with
        right: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Compute with numbers; add texts and lists too, as long as they stay small.

        Raises:
            LimitError: something else, or too large.
        """
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return limits.text(left + right)
        if operator == "+" and isinstance(left, list) and isinstance(right, list):
            if len(left) + len(right) > LIST_MAX:
                raise LimitError(f"a list grows beyond {LIST_MAX} items")
            return left + right
        return self.binop_table[operator](limits.number(left), limits.number(right))


def _all(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _all(child)


def _refuse_foreign(node: nodes.Node) -> None:
    if type(node) not in ALLOWED:
        name = type(node).__name__.lower()
        raise TemplateSyntaxError(f"{name!r} is not part of our language", node.lineno)
    if isinstance(node, nodes.For) and node.recursive:
        raise TemplateSyntaxError("a loop may not be recursive", node.lineno)

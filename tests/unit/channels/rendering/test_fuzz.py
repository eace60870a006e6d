"""Whatever an author writes and a customer is called, the message is filled or refused."""

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels.errors import RenderError
from channels.rendering import render
from channels.rendering.filters import allowed
from channels.rendering.limits import COUNTED, OUTPUT_MAX_BYTES
from channels.rendering.render import Renderer
from engine.definitions.templates import Template
from tests.support.examples import examples
from tests.unit.channels.rendering.test_render import LINKS, ORIGIN

ATOMS = st.sampled_from(
    (
        *("a", "a.b", "a.items", "b", "b[0]", "c", "1", "2.5", "-1", "'x'", "''", "none"),
        *("[1, 'x']", "{'k': 1}", "missing", "a.__class__", "loop.index", "'<b>'", "true"),
    )
)
FILTERS = st.sampled_from(sorted(set(allowed()) - {COUNTED}))
OPERATORS = st.sampled_from(
    ["+", "-", "*", "/", "//", "%", "~", "==", "<", " in ", " and ", " or "]
)

EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, OPERATORS, inner),
        st.builds("({}|{})".format, inner, FILTERS),
        st.builds("({}|{}({}))".format, inner, FILTERS, inner),
        st.builds("{}.{}()".format, inner, st.sampled_from(["upper", "split", "keys", "pop"])),
    ),
    max_leaves=5,
)
PIECES = st.one_of(
    st.text(alphabet="x <>&\"'/=\r\n{}%#\u2028é", max_size=6),
    st.builds("{{{{ {} }}}}".format, EXPRESSIONS),
    st.builds("{{% for x in {} %}}{{{{ x }}}}{{% endfor %}}".format, EXPRESSIONS),
    st.builds("{{% if {} %}}y{{% endif %}}".format, EXPRESSIONS),
    st.builds("{{% set a = {} %}}".format, EXPRESSIONS),
    st.builds('<a href="{{{{ {} }}}}">'.format, EXPRESSIONS),
    st.just('<a href="https://shop.example/?a=1&amp;b=2" /><!-- <a href=x> --></body>'),
)
SOURCES = st.lists(PIECES, max_size=5).map("".join)
DATA = st.fixed_dictionaries(
    {
        "a": st.just({"b": 3, "items": [1, 2, 3]}),
        "b": st.lists(st.one_of(st.text(max_size=3), st.integers(), st.none()), max_size=3),
        "c": st.one_of(st.text(max_size=5), st.floats(allow_nan=True), st.integers(), st.none()),
    }
)

_versions = iter(range(10**9))
_renderer = Renderer(links=LINKS)


@settings(max_examples=examples(300), deadline=None, suppress_health_check=list(HealthCheck))
@given(source=SOURCES, data=DATA)
def test_every_template_is_filled_or_refused(source: str, data: dict[str, object]) -> None:
    template = Template(id="t", subject="s", html=source, text=source)
    render.check(template)
    origin = msgspec.structs.replace(ORIGIN, template_version=next(_versions))
    try:
        rendered = _renderer.render(template, to="a@b.example", context=data, origin=origin)
    except RenderError:
        return
    assert len(rendered.html) + len(rendered.text) <= OUTPUT_MAX_BYTES

"""What a template makes of what it is given, and what it may never do."""

import re
from itertools import count

import msgspec
import pytest

from channels.errors import RenderError
from channels.links import Links, Origin
from channels.rendering import render
from channels.rendering.limits import OUTPUT_MAX_BYTES, TURNS_MAX
from channels.rendering.render import Renderer
from engine.definitions.templates import Template
from engine.sends import Rendered

LINKS = Links(secrets=("secret",), public_url="https://news.shop.example")
ORIGIN = Origin(
    message_id="m1",
    customer_key="u:ann",
    campaign="cart",
    channel="email",
    template="t",
    template_version=1,
)
CART = {
    "items": [
        {"id": "p1", "name": "Shoes & socks", "price": "1234.5", "quantity": 2},
        {"id": "p2"},
    ],
    "currency": None,
}
_renderer = Renderer(links=LINKS)
_versions = count(1)


def rendered(
    *,
    subject: str = "Hello",
    html: str = "",
    text: str = "",
    context: dict[str, object] | None = None,
) -> Rendered:
    origin = msgspec.structs.replace(ORIGIN, template_version=next(_versions))
    template = Template(id="t", subject=subject, html=html, text=text)
    return _renderer.render(template, to="ann@shop.example", context=context or {}, origin=origin)


def text(source: str, **context: object) -> str:
    return rendered(text=source, context=context).text


def test_a_template_sees_customer_and_cart() -> None:
    mail = rendered(
        subject="{{ customer.name }}, your cart",
        text="{% for item in cart.items %}{{ item.quantity }} x {{ item.name }};{% endfor %}",
        context={"customer": {"name": "Ann"}, "cart": CART},
    )

    assert mail.subject == "Ann, your cart"
    assert mail.text == "2 x Shoes & socks;1 x ;"


def test_html_escapes_what_a_customer_wrote_and_text_does_not() -> None:
    mail = rendered(html="<p>{{ x }}</p>", text="{{ x }}", context={"x": "<script>"})

    assert "<p>&lt;script&gt;</p>" in mail.html
    assert mail.text == "<script>"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ '1234.5'|money }}", "1,234.50"),
        ("{{ 3|money('EUR') }}", "3.00 EUR"),
        ("{{ 0|date }}", "1970-01-01"),
        ("{{ '2026-11-22T01:00:00+03:00'|date('%d.%m.%Y %H:%M') }}", "21.11.2026 22:00"),
        ("{{ 1.25|round(1) }}", "1.2"),
        ("{{ ['a', 'b']|join(', ') }}", "a, b"),
        ("{{ 'aXb'|replace('X', '-') }}", "a-b"),
        ("{{ nothing }}", ""),
        ("{{ missing|default('friend') }}", "friend"),
        ("{{ 'a' ~ (1 + 2) }}", "a3"),
        ("{{ 'ann'.title() }}", "Ann"),
        ("{% for k, v in pair.items() %}{{ k }}{{ v }}{% endfor %}", "a1"),
        ("{% for x in [1, 2] %}{{ loop.cycle('-', '+') }}{{ x }}{% endfor %}", "-1+2"),
    ],
)
def test_a_template_can_do_what_mails_need(source: str, expected: str) -> None:
    assert text(source, nothing=None, pair={"a": 1}) == expected


@pytest.mark.parametrize(
    "source",
    [
        "{{ missing }}",
        "{{ customer.missing }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ range(3) }}",
        "{{ lipsum() }}",
        "{{ cycler('a') }}",
        "{{ namespace() }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 1|round(-1000000000) }}",
        "{{ 0|date('%1000000000d') }}",
        "{{ '1e999999'|money }}",
        "{{ 10000000000 * 10000000000 * 10 }}",
        "{{ big|replace('y', big) }}",
        "{{ [big, big, big, big, big, big]|join(big) }}",
        "{% set a = big %}" + "{% set a = a ~ a %}" * 9,
        "{% set a = big %}" + "{% set a = a + a %}" * 9,
        "{% set a = [1] %}" + "{% set a = a + a %}" * 30,
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 'secrets' %}",
        "{% autoescape false %}{{ big }}{% endautoescape %}",
        "{{ big|safe }}",
        "{{ " + "-" * 5_000 + "1 }}",
        "{{ 1 / 0 }}",
        "{{ big|truncate(1) }}",
    ],
)
def test_a_template_cannot_reach_out_or_blow_up(source: str) -> None:
    with pytest.raises(RenderError):
        text(source, big="y" * 100_000, customer={})


def test_loops_take_the_last_turn_they_have() -> None:
    source = "{% for a in x %}{% for b in y %}{% endfor %}{% endfor %}done"
    hundred = list(range(100))

    assert text(source, x=hundred, y=hundred[1:]) == "done"
    with pytest.raises(RenderError, match=f"more than {TURNS_MAX} turns"):
        text(source, x=hundred, y=hundred)


def test_output_ends_at_its_limit_and_not_before() -> None:
    full = "y" * (OUTPUT_MAX_BYTES - len("Hello"))

    assert text("{{ big }}", big=full) == full
    with pytest.raises(RenderError, match="longer than"):
        text("{{ big }}y", big=full)


def test_output_is_measured_while_it_grows() -> None:
    """Ten thousand turns of 100 KB would be 1 GB: it stops at the sixth."""
    with pytest.raises(RenderError, match="longer than"):
        text(
            "{% for a in x %}{% for b in x %}{{ big }}{% endfor %}{% endfor %}",
            x=list(range(99)),
            big="y" * 100_000,
        )


def test_the_parts_together_are_measured_in_bytes() -> None:
    with pytest.raises(RenderError, match="in all"):
        rendered(html="{{ big }}", text="{{ big }}", context={"big": "é" * (OUTPUT_MAX_BYTES // 4)})


def test_a_failure_names_its_part_and_line() -> None:
    with pytest.raises(RenderError) as failure:
        rendered(html="<p>\n\n{{ customer.nam }}</p>", context={"customer": {}})

    assert (failure.value.code, failure.value.part, failure.value.line) == (
        "render_failed",
        "html",
        3,
    )
    assert "nam" in str(failure.value)


@pytest.mark.parametrize("name", ["a\r\nBcc: all@shop.example", "a\nb", "a\x00b", "a\u2028b"])
def test_a_subject_stays_one_line(name: str) -> None:
    with pytest.raises(RenderError, match="one line"):
        rendered(subject="Hello {{ name }}", text="x", context={"name": name})


def test_every_page_link_leads_through_us_and_others_do_not() -> None:
    mail = rendered(
        html='<body><A class=b HREF="https://shop.example/a?x=1&amp;y=2">1</A>'
        '<a href="mailto:a@b">2</a><a href="#top">3</a><a\nhref=http://q.example/ >4</a><img src="https://i.example/"></body>'
    )

    tokens = re.findall(r'href="https://news.shop.example/c/([^"]+)"', mail.html)
    clicks = [LINKS.clicked(token) for token in tokens]
    assert [(click.index, click.url) for click in clicks] == [
        (0, "https://shop.example/a?x=1&y=2"),
        (1, "http://q.example/"),
    ]
    assert 'class="b"' in mail.html
    assert '<a href="mailto:a@b">2</a><a href="#top">3</a>' in mail.html
    assert '<img src="https://i.example/">' in mail.html


def test_links_of_the_text_are_numbered_after_those_of_the_html() -> None:
    mail = rendered(html='<a href="https://a.example/">a</a>', text="See https://b.example/x.")

    found = re.fullmatch(r"See https://news.shop.example/c/(\S+)\.", mail.text)
    assert found
    assert LINKS.clicked(found[1]).index == 1
    assert LINKS.clicked(found[1]).url == "https://b.example/x"


def test_the_pixel_stands_before_the_end_of_the_body() -> None:
    mail = rendered(html="<body>İ{{ 1 }}</BODY></html>")

    assert re.fullmatch(
        r'<body>İ1<img src="https://news.shop.example/o/[\w.-]+"[^>]+></BODY></html>', mail.html
    )


def test_a_text_alone_has_no_html() -> None:
    assert rendered(text="x").html == ""


def test_the_check_at_saving_names_part_and_line() -> None:
    flaws = render.check(
        Template(
            id="t",
            subject="{{ customer.name",
            html="<p>\n{% for x in y %}",
            text="fine\n\n{{ x|nofilter }}",
        )
    )

    assert [(flaw.path, flaw.message.partition(":")[0]) for flaw in flaws] == [
        ("subject", "line 1"),
        ("html", "line 2"),
        ("text", "line 3"),
    ]


@pytest.mark.parametrize("depth", [30, 150, 250, 1_000])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{% for x in a %}", "{% endfor %}"),
        ("{% if a %}", "{% endif %}"),
        ("{{ a" + "|upper" * 250, " }}"),
        ("{{ [[", "]] }}"),
    ],
)
def test_depth_is_a_flaw_and_never_an_accident(before: str, after: str, depth: int) -> None:
    flaws = render.check(Template(id="t", subject="s", text=before * depth + after * depth))

    assert {flaw.path for flaw in flaws} <= {"text"}


def test_the_check_finds_nothing_in_a_sound_template() -> None:
    assert (
        render.check(Template(id="t", subject="{{ a }}", html="{% if b %}{{ c }}{% endif %}")) == []
    )

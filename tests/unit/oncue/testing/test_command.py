"""X55: `oncue test` says what was expected, what came, and where that stands."""

from io import StringIO
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from oncue.testing import command
from oncue.testing.command import Request

DEFINITIONS: Final = """
definitions:
  campaigns:
    - id: cart
      triggers: [{id: t, type: T01}]
      start: s1
      steps: {s1: {type: send, channel: email, template: mail}}
  templates:
    - {id: mail, subject: "Hello {{ customer.firstName }}", text: Come back}
customers:
  ada:
    traits: {email: ada@shop.example, firstName: Ada}
    subscriptions: {email: true}
"""
ADDS: Final = "when: [{at: 0m, event: Product Added, properties: {product_id: k-1}}]"


class Ran(NamedTuple):
    """What the command said."""

    code: int
    out: str
    told: str


def ran(folder: Path, tests: str, **asked: object) -> Ran:
    path = folder / "some.yaml"
    path.write_text(f"{DEFINITIONS}tests:\n{tests}\n")
    out, told = StringIO(), StringIO()
    request = Request(files=(path,), **asked)  # type: ignore[arg-type]  # names of its fields
    return Ran(command.run(request, out=out, told=told), out.getvalue(), told.getvalue())


def case(then: str, *, name: str = "it is so", when: str = ADDS) -> str:
    return f"  - test: {name}\n    {when}\n    then:\n      - {then}\n"


def test_what_is_as_expected_passes(tmp_path: Path) -> None:
    found = ran(tmp_path, case("{sent: mail, at: 30m, subject: Hello Ada, contains: Come back}"))

    assert found == (0, "passed  some.yaml: it is so\n1 passed, 0 failed\n", "")


@pytest.mark.parametrize(
    ("then", "got"),
    [
        ("{sent: mail, at: 29m}", "30m ada sent mail (cart/s1)"),
        ("{sent: mail, times: 2}", "30m ada sent mail (cart/s1)"),
        ("{sent: mail, after: 31m}", "30m ada sent mail (cart/s1)"),
        ("{sent: mail, before: 29m}", "30m ada sent mail (cart/s1)"),
        ("{sent: mail, in_campaign: other}", "30m ada sent mail (cart/s1)"),
        ("{sent: mail, step: s2}", "30m ada sent mail (cart/s1)"),
        ("{sent: mail, subject: Hello Ben}", "the subject 'Hello Ada'"),
        ("{sent: mail, contains: Come again}", "without ['Come again']:"),
        ("{sent: other}", "30m ada sent mail (cart/s1)"),
        ("{sends: []}", "sends: ['mail']"),
        ("{not_sent: no_consent}", "nothing like it for ada"),
        ("{deferred: quiet_hours}", "nothing like it for ada"),
        ("{not_entered: cart}", "30m ada entered (cart)"),
        ("{entered: other}", "30m ada entered (cart)"),
        ("{exited: cart, reason: exit_rule}", "30m ada exited completed (cart)"),
        ("{arm: holdout}", "nothing like it for ada"),
        ("{attribute: firstName, is: Ben}", "Ada"),
        ("{attribute: firstName, missing: true}", "Ada"),
        ("{metric: orders_count, is: 1}", "0"),
        ("{metric: nonsense, is: 1}", "no metric has this name:"),
        ("{tag: vip}", "not there"),
        ("{segment: gold}", "not there"),
        ("{goal: bought}", "nothing like it for ada"),
    ],
)
def test_what_is_not_fails_and_says_what_came(tmp_path: Path, then: str, got: str) -> None:
    found = ran(tmp_path, case(then))

    assert found.code == 1
    assert f"got       {got}" in found.out
    assert f"{tmp_path}/some.yaml:18: then[0]" in found.out
    assert "30m ada sent mail (cart/s1)" in found.out


def test_a_message_that_cannot_be_rendered_fails_its_test(tmp_path: Path) -> None:
    given = "{ben: {traits: {email: b@shop.example}, subscriptions: {email: true}}}"
    when = f"customers: {given}\n    {ADDS[:-2]}, customer: ben}}]"
    found = ran(tmp_path, case("{customer: ben, sent: mail}", when=when))

    assert found.code == 1
    assert "it cannot be rendered: subject, line 1:" in found.out


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("when: [{at: 0m, receipt: {total: much}}]", "when[0].total"),
        ("when: [{at: 0m, response: opened, message: mail}]", "ada was sent no 'mail' by then"),
        ("when: [{at: 0m, campaign: cart, do: resume}]", "'cart' is live: it cannot be told"),
        ("when: [{at: 0m, campaign: cart, do: publish, to: {start: x}}]", "when[0].to."),
    ],
)
def test_what_cannot_happen_fails_its_test(tmp_path: Path, when: str, told: str) -> None:
    found = ran(tmp_path, case("{sends: []}", when=when))

    assert found.code == 1
    assert told in found.out


@pytest.mark.parametrize(
    ("tests", "line", "told"),
    [
        (case("{sent: mail, att: 30m}"), 18, "unknown field `att`"),
        (case("{sent: mail, sends: []}"), 18, "then[0]: one of sent, sends"),
        (case("{sent: mail, at: soon}"), 18, "then[0].at: 'soon' is no duration"),
        (case("{metric: orders_count}"), 18, "then[0].is: with metric or attribute"),
        (case("{sends: [], times: 1}"), 18, "then[0].times: does not go with sends"),
        (case("{sends: []}", when="when: [{at: 0m}]"), 16, "when[0]: one of event, page"),
        (
            case("{sends: []}", when="when: [{at: 2029-01-01, page: /}]"),
            16,
            "further than two years",
        ),
        (
            case("{sends: []}", when="when: [{at: 0m, page: /, running: finish}]"),
            16,
            "when[0].running: with do: publish",
        ),
        (
            case("{sends: []}", when="when: [{at: 0m, page: /, map: {a: b}}]"),
            16,
            "when[0].map: with running: migrate",
        ),
        (case("{sends: []}", when="start: now"), 16, "start: 'now' is no time"),
        (case("{sent: 7}"), 18, "Expected `str | null`, got `int`"),
        ("  - test: it\n    then: []", 16, "a test expects something"),
        ("  []", 14, "there is no test"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_line(
    tmp_path: Path, tests: str, line: int, told: str
) -> None:
    found = ran(tmp_path, tests)

    assert (found.code, found.out) == (2, "0 passed, 0 failed\n")
    assert told in found.told
    assert f"some.yaml:{line}: " in found.told


def test_definitions_that_are_wrong_are_told_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    text = DEFINITIONS.replace("type: T01", "type: T99")
    path.write_text(f"{text}tests:\n{case('{sends: []}')}")
    told = StringIO()

    assert command.run(Request(files=(path,)), out=StringIO(), told=told) == 2
    assert "some.yaml:2: definitions: campaigns/cart.json: triggers[0].type" in told.getvalue()


def test_only_tests_of_a_name_are_run_and_none_is_no_success(tmp_path: Path) -> None:
    tests = case("{sends: []}", name="this fails") + case("{sends: [mail]}", name="that passes")

    assert ran(tmp_path, tests, name="THAT").code == 0
    assert ran(tmp_path, tests, name="neither").code == 2


def test_history_counts_and_lets_nobody_in(tmp_path: Path) -> None:
    given = (
        "customers: {ada: {history: [{at: -3d, event: Product Added, properties: {product_id: k}}"
        ", {at: -2d, receipt: {total: 12.50}}]}}"
    )
    found = ran(
        tmp_path,
        case("{sends: []}\n      - {metric: receipts_total, is: 12.50}", when=given),
    )

    assert found.code == 0, found.out


def test_values_are_looked_at_when_it_is_said(tmp_path: Path) -> None:
    when = "when: [{at: 1h, traits: {plan: vip}}]"
    then = "{attribute: plan, at: 59m, missing: true}\n      - {attribute: plan, at: 1h, is: vip}"

    assert ran(tmp_path, case(then, when=when)).code == 0


def test_a_draft_is_published_in_the_middle_of_a_test(tmp_path: Path) -> None:
    when = (
        "when:\n      - {at: 0m, campaign: cart, do: stop}\n      - {at: 1m, campaign: cart,"
        " do: publish}\n      - {at: 2m, event: Product Added, properties: {product_id: k-1}}"
    )

    assert ran(tmp_path, case("{sent: mail, at: 32m}", when=when)).code == 0


T42 = "{id: t, type: T42, params: {field: birthday, at_time: '10:00', tz: UTC}}"
T47 = "{id: t, type: T47, params: {event: Parcel}}"


@pytest.mark.parametrize(
    ("trigger", "when", "at"),
    [
        ("T42", "when: [{at: 60d, page: /}]", "2026-03-05T10:00:00Z"),
        ("T47", "when: [{at: 1h, call: Parcel, payload: {number: 7}}]", "1h"),
    ],
)
def test_who_was_there_before_and_who_is_called_are_let_in(
    tmp_path: Path, trigger: str, when: str, at: str
) -> None:
    """T42 goes by a day that the campaign did not hear of: its clocks are set when it begins."""
    own = {"T42": T42, "T47": T47}[trigger]
    text = DEFINITIONS.replace("{id: t, type: T01}", own)
    path = tmp_path / "some.yaml"
    path.write_text(
        f"{text.replace('firstName: Ada', 'firstName: Ada, birthday: 1990-03-05')}tests:\n"
        f"{case('{sent: mail, at: ' + at + '}', when=when)}"
    )
    out = StringIO()

    assert command.run(Request(files=(path,)), out=out, told=out) == 0, out.getvalue()

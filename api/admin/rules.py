"""`/api/rules`: whether a rule means what its author meant, before anything is saved."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, requests
from api.admin.endpoints import Endpoint
from api.admin.errors import BadRequestError
from engine.definitions import installation
from engine.definitions.folded import Definitions
from engine.errors import Flaw, InvalidDefinitionError
from engine.rules import checks, printing, reading
from engine.rules.declared import Declared
from engine.rules.nodes import Rule


class RuleDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule as its tree, or as its text."""

    rule: Rule | None = None
    text: str | None = None


class RuleChecked(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule is, in both forms, and what is wrong with it."""

    valid: bool
    rule: Rule | None
    """With an id on every node; null where it could not be read."""
    text: str | None
    errors: tuple[Flaw, ...]
    """Each with its place in the tree, or line and column of the text, and the id of its node."""


class _Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same, its tree not looked at yet, so that what is wrong is told at its node."""

    rule: Any = None
    text: str | None = None


SCHEMA: Final = msgspec.json.schema(Rule)


class Rules:
    """Reads, numbers, checks and writes rules; keeps nothing."""

    def __init__(self, *, definitions: Callable[[], Definitions]) -> None:
        self._definitions = definitions

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="POST",
                path="/api/rules/check",
                handler=self.check,
                summary="Read a rule, give every node an id, and say what is wrong with it.",
                body=RuleDraft,
                answer=RuleChecked,
            ),
            Endpoint(
                method="GET",
                path="/api/rules/schema",
                handler=self.schema,
                summary="The JSON Schema of a rule's tree.",
            ),
        )

    async def check(self, request: Request) -> Response:
        """Answer 200 for rules that are none, too: it is what was asked."""
        said = requests.decoded(await requests.json_body(request), _Said)
        if (said.rule is None) == (said.text is None):
            flaw = Flaw(path="rule", message='send either "rule", a tree, or "text"')
            raise BadRequestError("invalid_body", flaw.message, flaws=[flaw])
        return answers.json(
            checked(said.rule, said.text, installation.declared(self._definitions()))
        )

    async def schema(self, _: Request) -> Response:
        """Of the newest language."""
        return answers.json(SCHEMA)


def checked(tree: object, text: str | None, known: Declared) -> RuleChecked:
    """Read the tree, or the text, and check it."""
    try:
        rule = reading.decoded(tree) if text is None else reading.from_text(text)
    except InvalidDefinitionError as error:
        return RuleChecked(valid=False, rule=None, text=None, errors=error.flaws)
    found = tuple(checks.flaws(rule, known))
    return RuleChecked(valid=not found, rule=rule, text=printing.text(rule), errors=found)

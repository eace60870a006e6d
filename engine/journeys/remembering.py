"""What a run remembers of its entry: only what its campaign's rules and templates name."""

import functools
import re
from typing import Final

from engine.conditions import evaluation
from engine.definitions.templates import Template
from engine.journeys.walks import Walk
from engine.judging import attributes, scoped
from engine.judging.leaves import Moment, plain
from engine.rules import scopes

TEMPLATES_MAX: Final = 1_000
"""Read through and kept; one more is read again when it is met."""

_NAME: Final = re.compile(r"\bentry\.([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")


def begin(walk: Walk) -> None:
    """The run has begun: keep what is named."""
    keys = [*walk.plan.entry]
    for step in walk.plan.templates:
        template = walk.definitions.templates.get(step)
        if template is not None:
            keys += named(template.latest)
    if keys:
        moment = Moment(walk.customer, walk.clock.now, walk.definitions)
        walk.note(entry=scoped.snapshot(moment, dict.fromkeys(keys)))


def shown(walk: Walk, template: Template) -> dict[str, object]:
    """The entry as the template reads it; null where nothing was kept."""
    kept = {name: walk.instance.entry.get(name) for name in named(template)}
    return scoped.nested({**walk.instance.entry, **kept})


def value(walk: Walk, said: object) -> object:
    """A value as it stands, or what is read of the run where it begins with a scope."""
    scope, rest = scopes.split(said) if isinstance(said, str) else ("now", said)
    if not isinstance(said, str) or rest == said or not isinstance(rest, str):
        return said
    if scope == "event":
        return plain(evaluation.found(walk.instance.event, rest.split(".")))
    if scope == "entry":
        return walk.instance.entry.get(rest)
    zone = walk.definitions.settings.timezone
    return plain(attributes.read(walk.customer, rest, now=walk.clock.now, zone=zone))


@functools.lru_cache(maxsize=TEMPLATES_MAX)
def named(template: Template) -> tuple[str, ...]:
    """The attributes of the entry that a template names."""
    texts = (template.subject, template.html, template.text)
    return tuple(dict.fromkeys(name for text in texts for name in _NAME.findall(text or "")))

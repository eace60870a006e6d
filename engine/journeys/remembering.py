"""What a run remembers of its entry: only what its campaign's rules and templates name."""

import functools
import re
from typing import Final

from engine.definitions.templates import Template
from engine.journeys.walks import Walk
from engine.judging import scoped
from engine.judging.leaves import Moment

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


@functools.lru_cache(maxsize=TEMPLATES_MAX)
def named(template: Template) -> tuple[str, ...]:
    """The attributes of the entry that a template names."""
    texts = (template.subject, template.html, template.text)
    return tuple(dict.fromkeys(name for text in texts for name in _NAME.findall(text or "")))

"""Carries a plan out, one definition after the other; what is done stays done."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from oncue.applying import planning, telling
from oncue.applying.documents import Key, Wanted
from oncue.applying.errors import MovedOnError
from oncue.applying.planning import Step, Verb
from oncue.applying.remote import Remote

TRIES_MAX: Final = 5
"""With `forces`: somebody who saves every second is not written over for ever."""

RESERVED: Final = {
    "triggers": [{"id": "reserved", "type": "T49"}],
    "start": "end",
    "steps": {"end": {"type": "exit"}},
}
"""A draft that is never published: it is there so that others can name it."""


class Carrier:
    """Knows the revisions that its own changes make."""

    def __init__(
        self,
        remote: Remote,
        *,
        wanted: Mapping[Key, Wanted],
        forces: bool,
        tell: Callable[[str], None],
    ) -> None:
        self._remote = remote
        self._wanted = wanted
        self._forces = forces
        self._tell = tell
        self._reserved: dict[Key, int] = {}
        self.done_count = 0
        """Steps that are carried out, whole."""

    def carry(self, steps: Sequence[Step]) -> None:
        """Do what each says.

        Raises:
            MovedOnError: somebody changed one since it was read.
            RefusedError: the API refuses one.
            httpx.TransportError: nobody answers.
        """
        for step in steps:
            if not step.verbs:
                continue
            done = self._one(step)
            self._tell(telling.done(step, verbs=done))
            self.done_count += 1

    def _one(self, step: Step) -> Sequence[Verb]:
        for _ in range(TRIES_MAX if self._forces else 0):
            try:
                return self._verbs(step)
            except MovedOnError:
                step = self._reread(step)
        return self._verbs(step)

    def _verbs(self, step: Step) -> Sequence[Verb]:
        seen = self._reserved.pop(step.key, step.seen)
        for verb in step.verbs:
            match verb:
                case "reserve":
                    body = msgspec.json.encode(RESERVED)
                    self._reserved[step.key] = self._remote.put(step.key, body, seen=None)
                case "put":
                    seen = self._remote.put(step.key, step.body, seen=seen)
                case "publish":
                    seen = self._remote.publish(step.key, seen=seen)
                case "delete":
                    self._remote.delete(step.key, seen=seen)
        return step.verbs

    def _reread(self, step: Step) -> Step:
        """What is to be done, now that somebody else did something."""
        there = self._remote.one(step.key)
        if "delete" in step.verbs:
            return msgspec.structs.replace(step, seen=None if there is None else there.revision)
        if "reserve" in step.verbs:
            return msgspec.structs.replace(step, verbs=())
        return planning.step(self._wanted[step.key], there)

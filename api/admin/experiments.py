"""`/api/campaigns/{id}/experiments`: A/B tests, what came of them so far, and who wins."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api import judging
from api.admin import answers, definitions, requests
from api.admin.definitions import Clock, Editor
from api.admin.endpoints import Endpoint
from api.admin.errors import BadRequestError, ConflictError, NotFoundError
from api.judging import Judge, Trial
from clickhouse.queries.experiments import Sample
from engine.definitions import experiments, verdicts
from engine.definitions.experiments import ExperimentEntry, Verdict
from engine.definitions.verdicts import Outcome
from engine.errors import Flaw
from streams.definitions import DefinitionsLog

PATH: Final = "/api/campaigns/{id}/experiments"


class Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes for all who are dealt from here on: one arm, or weights of several."""

    winner: str | None = None
    weights: dict[str, int] | None = None
    why: str = ""
    """For whoever reads it later."""


class Experiments:
    """Results are of the sample alone: who goes by a verdict is no part of the test."""

    def __init__(self, *, log: DefinitionsLog, judge: Judge, clock: Clock) -> None:
        self._log = log
        self._judge = judge
        self._editor = Editor(kind="experiments", log=log, clock=clock)

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return (
            Endpoint(
                method="GET",
                path=PATH,
                handler=self.list,
                summary="The A/B tests of a campaign: each arm with its customers and a 95 % "
                "interval, when the verdict is due, or who won and why.",
                statuses=(400, 404, 503),
            ),
            Endpoint(
                method="PUT",
                path=f"{PATH}/{{step}}",
                handler=self.declare,
                summary="Declare the winner of an A/B test, or other weights; with If-Match, "
                "instead of the verdict seen. Who was dealt an arm keeps it.",
                body=Declared,
                statuses=(400, 404, 409, 413, 415, 503),
            ),
        )

    async def list(self, request: Request) -> Response:
        """All of the version that runs; of a campaign that never ran, of its draft."""
        found = [await self._shown(one) for one in self._trials(requests.path_id(request))]
        return answers.json({"items": found, "cursor": None})

    async def declare(self, request: Request) -> Response:
        """Publish an operator's verdict."""
        seen = requests.if_match(request)
        body = requests.decoded(await requests.json_body(request), Declared)
        trial = self._trial(request)
        verdict = _verdict(body, trial)
        known = self._log.current.experiments.get(trial.experiment)
        if known is not None and seen is None:
            raise ConflictError(
                "exists",
                "there is a verdict already; name the revision you saw: "
                f'If-Match: "{known.revision}"',
            )
        said = msgspec.Raw(msgspec.json.encode(verdict))
        after = await self._editor.act(trial.experiment, "put", seen=seen or 0, body=said)
        entry = after.experiments[trial.experiment]
        return answers.json(_told(entry), revision=entry.revision)

    def _trials(self, campaign_id: str) -> Sequence[Trial]:
        entry = self._log.current.campaigns.get(campaign_id)
        if entry is None or entry.deleted:
            raise definitions.missing("campaigns", campaign_id)
        return tuple(judging.of_campaign(entry.published or entry.draft))

    def _trial(self, request: Request) -> Trial:
        step_id = unquote(request.path_params["step"], errors="strict")
        for trial in self._trials(requests.path_id(request)):
            if trial.step_id == step_id:
                return trial
        raise NotFoundError("step of type ab_test", step_id)

    async def _shown(self, trial: Trial) -> dict[str, object]:
        sample = await self._judge.sample(trial)
        found = {one.arm: one for one in await self._judge.outcomes(trial)}
        entry = self._log.current.experiments.get(trial.experiment)
        so_far = verdicts.judge(list(found.values()), trial.step)
        return {
            "step": trial.step_id,
            "experiment": trial.experiment,
            **_rules(trial),
            **_state(trial, sample, is_decided=trial.entry(self._log.current) is not None),
            "arms": [_arm(trial, found.get(name, Outcome(arm=name))) for name in trial.step.arms],
            "so_far": {"winner": so_far.winner, "why": so_far.why},
            "verdict": None if entry is None else _told(entry),
        }


def _rules(trial: Trial) -> dict[str, object]:
    step = trial.step
    return {
        "metric": step.metric,
        "sample_size": step.sample_size,
        "wait": step.wait,
        "min_effect": step.min_effect,
        "tie": step.tie,
    }


def _state(trial: Trial, sample: Sample, *, is_decided: bool) -> dict[str, object]:
    """A sample still grows, waits for its time, or has come to a verdict."""
    due_at = trial.decides_at(sample)
    undecided = "sampling" if due_at is None else "waiting"
    return {
        "state": "decided" if is_decided else undecided,
        "sample_count": sample.assigned,
        "decides_at": None if is_decided else answers.time_or_none(due_at),
    }


def _arm(trial: Trial, outcome: Outcome) -> dict[str, object]:
    found = verdicts.estimate(outcome, trial.step)
    return {
        "arm": outcome.arm,
        "weight": trial.step.arms[outcome.arm].weight,
        "customers": outcome.customers,
        "reached": outcome.reached,
        "total": answers.money(outcome.total),
        "value": None if found is None else round(found.value, 6),
        "low": None if found is None else round(found.low, 6),
        "high": None if found is None else round(found.high, 6),
    }


def _told(entry: ExperimentEntry) -> dict[str, object]:
    return {
        **answers.fields(entry.verdict),
        "revision": entry.revision,
        "at": answers.time(entry.at),
    }


def _verdict(said: Declared, trial: Trial) -> Verdict:
    """What an operator declares, checked.

    Raises:
        BadRequestError: not one of the two, or arms that the step has not.
    """
    if (said.winner is None) == (said.weights is None):
        raise _refused("winner", "a winner or weights, one of the two")
    weights = {said.winner: 1} if said.winner is not None else said.weights or {}
    for name in weights:
        if name not in trial.step.arms:
            raise _refused("weights", f"the step has no arm {name!r}")
    verdict = Verdict(
        id=trial.experiment, weights=weights, winner=said.winner, by="operator", why=said.why
    )
    if found := experiments.flaws(verdict):
        raise BadRequestError("invalid_verdict", found[0].message, flaws=found)
    return verdict


def _refused(path: str, message: str) -> BadRequestError:
    return BadRequestError("invalid_verdict", message, flaws=[Flaw(path=path, message=message)])

"""A change of a definition: the value of a `definitions` record."""

import re
from collections.abc import Callable
from typing import Final, Literal, TypeAlias, TypeVar, get_args

import msgspec

from engine.definitions import (
    audiences,
    campaigns,
    experiments,
    fanouts,
    metrics,
    policies,
    pools,
    rfm,
    ruled,
    segments,
    settings,
    templates,
)
from engine.definitions.audiences import Audience
from engine.definitions.campaigns import Campaign
from engine.definitions.experiments import Verdict
from engine.definitions.fanouts import Fanout
from engine.definitions.metrics import Metric
from engine.definitions.policies import Policy
from engine.definitions.pools import Pool
from engine.definitions.rfm import Cuts
from engine.definitions.segments import Segment
from engine.definitions.settings import Settings
from engine.definitions.steps import Step
from engine.definitions.templates import Template
from engine.definitions.triggers.types import Trigger
from engine.errors import Flaw, InvalidDefinitionError

T = TypeVar(
    "T",
    Campaign,
    Cuts,
    Fanout,
    Metric,
    Policy,
    Pool,
    Segment,
    Settings,
    Template,
    Verdict,
    segments.Said,
    audiences.Said,
)

DefinitionKind: TypeAlias = Literal[
    "campaigns",
    "templates",
    "policies",
    "segments",
    "audiences",
    "settings",
    "metrics",
    "rfm",
    "fanouts",
    "experiments",
    "pools",
]
Action: TypeAlias = Literal["put", "delete", "publish", "pause", "resume", "stop", "fail"]
"""`fail` is the worker's own: a person stops, or publishes anew."""


class Change(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Made from revision `based_on`; void if the definition has moved on since."""

    change_id: str
    """Chosen by the writer, so that it can tell whether its own change won."""
    kind: DefinitionKind
    id: str
    action: Action
    based_on: int
    """0: it is not there yet."""
    body: msgspec.Raw = msgspec.Raw(b"null")
    """The definition; only of a `put`."""
    at: int
    by: str = ""
    backfill: bool = False
    """What it has counted anew is warming until somebody has filled in the past."""


def decode_campaign(body: bytes) -> Campaign:
    """Read and check a campaign.

    Raises:
        InvalidDefinitionError: with every flaw and its place.
    """
    return ruled.numbered(_checked(body, _campaign_decoder, campaigns.flaws))


def decode_template(body: bytes) -> Template:
    """Read and check a template; its language is checked by `channels.rendering`.

    Raises:
        InvalidDefinitionError: with every flaw and its place.
    """
    return _checked(body, _template_decoder, templates.flaws)


def decode_settings(body: bytes) -> Settings:
    """Read and check the settings; whether the zone exists is checked by who saves them.

    Raises:
        InvalidDefinitionError: with every flaw and its place.
    """
    return _checked(body, _settings_decoder, settings.flaws)


def decode_metric(body: bytes) -> Metric:
    """Read and check a metric.

    Raises:
        InvalidDefinitionError: with every flaw and its place.
    """
    return _checked(body, _metric_decoder, metrics.flaws)


def decode_policy(body: bytes) -> Policy:
    """Read and check a policy.

    Raises:
        InvalidDefinitionError: with every flaw and its place.
    """
    return _checked(body, _policy_decoder, policies.flaws)


def decode_segment(body: bytes) -> Segment:
    """Read and check a segment by itself; what its rule may name is checked by who saves it.

    Raises:
        InvalidDefinitionError: with every flaw, its place and the id of its node.
    """
    segment = segments.of(_decode(body, _said_decoder))
    # Once more as what it is: numbers that no record can hold are refused by the decoder alone.
    _decode(body, _segment_decoder)
    if found := segments.flaws(segment):
        raise InvalidDefinitionError(found)
    return segment


def decode_audience(body: bytes) -> Audience:
    """Read and check an audience by itself; what its rule may name is checked by who saves it.

    Raises:
        InvalidDefinitionError: with every flaw, its place and the id of its node.
    """
    audience = audiences.of(_decode(body, _audience_decoder))
    if found := audiences.flaws(audience):
        raise InvalidDefinitionError(found)
    return audience


def decode_cuts(body: bytes) -> Cuts:
    """Read and check cut points.

    Raises:
        InvalidDefinitionError: with every flaw and its place.
    """
    return _checked(body, _cuts_decoder, rfm.flaws)


def decode_fanout(body: bytes) -> Fanout:
    """Read and check a fan-out.

    Raises:
        InvalidDefinitionError: with every flaw and its place.
    """
    return _checked(body, _fanout_decoder, fanouts.flaws)


def decode_verdict(body: bytes) -> Verdict:
    """Read and check the verdict of an experiment.

    Raises:
        InvalidDefinitionError: with every flaw and its place.
    """
    return _checked(body, _verdict_decoder, experiments.flaws)


def decode_pool(body: bytes) -> Pool:
    """Read and check a pool of promo codes.

    Raises:
        InvalidDefinitionError: with every flaw and its place.
    """
    return _checked(body, _pool_decoder, pools.flaws)


_raw_fields: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_campaign_decoder: Final = msgspec.json.Decoder(Campaign)
_settings_decoder: Final = msgspec.json.Decoder(Settings)
_template_decoder: Final = msgspec.json.Decoder(Template)
_metric_decoder: Final = msgspec.json.Decoder(Metric)
_policy_decoder: Final = msgspec.json.Decoder(Policy)
_said_decoder: Final = msgspec.json.Decoder(segments.Said)
_segment_decoder: Final = msgspec.json.Decoder(Segment)
_audience_decoder: Final = msgspec.json.Decoder(audiences.Said)
_cuts_decoder: Final = msgspec.json.Decoder(Cuts)
_fanout_decoder: Final = msgspec.json.Decoder(Fanout)
_pool_decoder: Final = msgspec.json.Decoder(Pool)
_verdict_decoder: Final = msgspec.json.Decoder(Verdict)


_TYPED: Final = re.compile(r"(triggers|steps)[^.]*(?:\.[^.]*)?\.type")


def _checked(body: bytes, decoder: msgspec.json.Decoder[T], flaws: Callable[[T], list[Flaw]]) -> T:
    definition = _decode(body, decoder)
    if found := flaws(definition):
        raise InvalidDefinitionError(found)
    return definition


def _decode(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as error:
        message, _, place = str(error).partition(" - at `$")
        path = _named(place.rstrip("`").lstrip("."), body, decoder)
        flaw = Flaw(path=path, message=f"{message}{_choices(path)}")
        raise InvalidDefinitionError([flaw]) from error
    except UnicodeDecodeError as error:
        raise InvalidDefinitionError([Flaw(path="", message="this is not UTF-8")]) from error
    except RecursionError as error:
        raise InvalidDefinitionError([Flaw(path="", message="nested too deeply")]) from error


def _choices(path: str) -> str:
    """What there is to choose from, where a type of trigger or step is none."""
    match = _TYPED.fullmatch(path)
    if match is None:
        return ""
    union = Trigger if match[1] == "triggers" else Step
    tags = sorted(str(one.__struct_config__.tag) for one in get_args(union))
    return f": one of {', '.join(tags)}"


def _named(path: str, body: bytes, decoder: msgspec.json.Decoder[T]) -> str:
    """Say the key where msgspec writes `steps[...]`: the first whose value alone is refused."""
    field, is_inside_mapping, rest = path.partition("[...]")
    # Raw: a number too large for anybody is refused by the decoder, with its place.
    fields = _raw_fields(body) if is_inside_mapping else {}
    if field not in fields:
        return path
    for key, value in _raw_fields(bytes(fields[field])).items():
        try:
            decoder.decode(msgspec.json.encode({**fields, field: {key: value}}))
        except msgspec.ValidationError:
            return f"{field}.{key}{rest}"
    return path

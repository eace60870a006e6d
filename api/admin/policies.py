"""`/api/policies`."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, definitions, listing, requests
from api.admin.definitions import Clock, Editor
from api.admin.endpoints import Endpoint
from api.admin.errors import ConflictError
from engine.definitions import changes, policies
from engine.definitions.entries import RUNNING
from engine.definitions.folded import Definitions
from engine.definitions.policies import DEFAULT, Policy, PolicyEntry
from engine.errors import Flaw, InvalidDefinitionError
from streams.definitions import DefinitionsLog


class Policies:
    """What goes for messages: quiet hours, consent. A change goes for runs that are on, too."""

    def __init__(self, *, log: DefinitionsLog, clock: Clock) -> None:
        self._log = log
        self._editor = Editor(kind="policies", log=log, clock=clock)

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        return definitions.endpoints("policies", Policy, self)

    async def list(self, request: Request) -> Response:
        """One page, by id."""
        return listing.page(request, self._log.current.policies, shape)

    async def get(self, request: Request) -> Response:
        """The newest version."""
        return _answer(self._existing(requests.path_id(request)))

    async def put(self, request: Request) -> Response:
        """Create or replace."""
        policy_id, seen = requests.path_id(request), requests.if_match(request)
        body = definitions.own_body(await requests.json_body(request), policy_id)
        try:
            check(changes.decode_policy(body), self._log.current)
        except InvalidDefinitionError as error:
            raise definitions.refused(error) from error
        after = await self._editor.save(policy_id, body, seen=seen)
        return _answer(after.policies[policy_id])

    async def delete(self, request: Request) -> Response:
        """Delete; not one that a running campaign names, since the default would go for it."""
        policy_id, seen = requests.path_id(request), requests.if_match(request)
        self._existing(policy_id)
        self._editor.check_seen(policy_id, seen)
        users = running_users(self._log.current, policy_id)
        if users:
            raise ConflictError(
                "policy_in_use",
                f"running campaigns name it: {', '.join(users)}; stop them first",
                flaws=[Flaw(path=f"campaigns.{user}", message="names it") for user in users],
            )
        await self._editor.act(policy_id, "delete", seen=seen)
        return Response(status_code=204)

    async def versions(self, request: Request) -> Response:
        """Every version that was ever saved."""
        policy_id = requests.path_id(request)
        if policy_id not in self._log.current.policies:
            raise definitions.missing("policies", policy_id)
        return listing.versions(self._log, "policies", policy_id, read=changes.decode_policy)

    def _existing(self, policy_id: str) -> PolicyEntry:
        entry = self._log.current.policies.get(policy_id)
        if entry is None or entry.deleted:
            raise definitions.missing("policies", policy_id)
        return entry


def shape(entry: PolicyEntry) -> object:
    """The policy, and where it stands."""
    return {
        **answers.fields(entry.latest),
        "version": max(entry.versions),
        "status": "saved",
        "revision": entry.revision,
    }


def check(policy: Policy, known: Definitions) -> None:
    """See that it can stand beside the others.

    Raises:
        InvalidDefinitionError: it cannot.
    """
    if found := policies.flaws_among(policy, known.policies):
        raise InvalidDefinitionError(found)


def running_users(known: Definitions, policy_id: str) -> list[str]:
    """The campaigns that run, or may be resumed, and name this policy."""
    if policy_id == DEFAULT:
        return []
    return sorted(
        campaign_id
        for campaign_id, entry in known.campaigns.items()
        if entry.status in RUNNING
        and entry.published is not None
        and entry.published.policy == policy_id
    )


def _answer(entry: PolicyEntry) -> Response:
    return answers.json(shape(entry), revision=entry.revision)

"""Lists of the profile: containers, views, interests, promo codes, tags and audiences, surveys."""

import uuid
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers, features, paging, requests, tabs
from api.admin.endpoints import PAGING, Endpoint
from api.admin.errors import BadRequestError
from api.admin.rows import Rows
from engine import carts, interests, keys
from engine.catalogue.shelf import Catalogue
from engine.customer import Customer
from engine.definitions.settings import Settings
from engine.errors import Flaw, RejectedError
from engine.events import TagsChanged
from engine.intake import loyalty
from engine.interests import Bounds
from engine.lists import tags
from streams import wire
from streams.producer import Producer

ONE: Final = "/api/customers/{id}"

Placed: TypeAlias = tuple[tuple[int, str], dict[str, object]]
"""An item and its place in the list, which a cursor names."""


class TagsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a PUT of tags says; what neither list names stays."""

    add: list[str] = []
    remove: list[str] = []


class Holdings:
    """Each is read from the customer's row; times that depend on now are worked out here."""

    def __init__(
        self,
        *,
        rows: Rows,
        producer: Producer,
        settings: Callable[[], Settings],
        catalogue: Callable[[], Catalogue],
        clock: Callable[[], int],
    ) -> None:
        """`clock` gives epoch ms; the other two what goes now."""
        self._rows = rows
        self._producer = producer
        self._settings = settings
        self._catalogue = catalogue
        self._clock = clock

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes."""
        lists = {
            "containers": (self.containers, "Every container that holds something, by name."),
            "interests": (
                self.interests,
                (
                    "The ten categories of most interest, the strongest first; 404 `feature_off` "
                    "while category interest is switched off."
                ),
            ),
            "views": (self.views, "Products looked at last, the newest first; each once."),
            "promo-codes": (self.promo_codes, "Promo codes issued, newest first."),
            "tags": (self.tags, "The tags that stand, the newest first."),
            "audiences": (self.audiences, "Audiences the customer is in, by their tags."),
            "surveys": (self.surveys, "Surveys the customer completed, newest first."),
        }
        return (
            *(
                Endpoint(
                    method="GET",
                    path=f"{ONE}/{name}",
                    handler=handler,
                    summary=summary,
                    queries=PAGING,
                    statuses=(400, 404, 410, 503),
                )
                for name, (handler, summary) in lists.items()
            ),
            Endpoint(
                method="PUT",
                path=f"{ONE}/tags",
                handler=self.put_tags,
                summary="Assign tags and take them away; what is not named stays as it is.",
                body=TagsBody,
                answer=TagsBody,
                statuses=(400, 410, 413, 415, 503),
            ),
        )

    async def containers(self, request: Request) -> Response:
        """The cart, the wishlist, and whatever else there is."""
        known, catalogue = await self._customer(request), self._catalogue()
        now = self._clock()
        found = [(name, carts.live(known, name, at=now)) for name in sorted(known.containers)]
        return self._page(
            request,
            [((0, name), tabs.cart(name, cart, catalogue)) for name, cart in found if cart.items],
        )

    async def interests(self, request: Request) -> Response:
        """The strongest first, with the time each ends at."""
        settings = self._settings()
        features.require(settings, "category_interest")
        known, catalogue = await self._customer(request), self._catalogue()
        window_ms = settings.interest_ms
        if window_ms is None:
            return self._page(request, [])
        bounds = Bounds(self._clock(), window_ms)
        standing = interests.strongest(known, bounds)
        return self._page(
            request,
            [
                ((place, one.category), tabs.interest(one, catalogue, bounds))
                for place, one in enumerate(standing)
            ],
        )

    async def views(self, request: Request) -> Response:
        """The last twenty products, with what the catalogue says of them."""
        known, catalogue = (await self._customer(request)).views, self._catalogue()
        return self._newest(
            request, [((v.viewed_at, v.product_id), tabs.view(v, catalogue)) for v in known]
        )

    async def promo_codes(self, request: Request) -> Response:
        """With the campaign or mailing that issued each."""
        known = (await self._customer(request)).promo_codes
        return self._newest(request, [((c.issued_at, c.code), tabs.promo_code(c)) for c in known])

    async def tags(self, request: Request) -> Response:
        """With the list of everybody who has each."""
        known = tags.assigned((await self._customer(request)).tags)
        return self._newest(
            request, [((at, name), tabs.tag(name, at)) for name, at in known.items()]
        )

    async def audiences(self, request: Request) -> Response:
        """An audience is the list of those who have a tag."""
        known = tags.assigned((await self._customer(request)).tags)
        return self._newest(
            request, [((at, name), tabs.audience(name, at)) for name, at in known.items()]
        )

    async def surveys(self, request: Request) -> Response:
        """With a link to the results, where the survey gave one."""
        known = (await self._customer(request)).surveys
        return self._newest(
            request, [((s.completed_at, s.survey_id), tabs.survey(s)) for s in known]
        )

    async def put_tags(self, request: Request) -> Response:
        """Append the change; answered once Kafka has it, so before it can be read back."""
        customer_id = requests.path_id(request)
        said = requests.decoded(await requests.json_body(request), TagsBody)
        added, removed = _checked(said)
        await self._rows.refuse_erased(customer_id)
        event = TagsChanged(
            id=uuid.uuid4().hex,
            occurred_at=self._clock(),
            source="admin",
            added=added,
            removed=removed,
            origin="operator",
        )
        key = keys.from_public_id(customer_id)
        await self._producer.deliver([wire.record_of(key, event)])
        return answers.json({"add": added, "remove": removed})

    async def _customer(self, request: Request) -> Customer:
        return (await self._rows.get(requests.path_id(request))).customer

    def _newest(self, request: Request, found: Sequence[Placed]) -> Response:
        """By time, newest first; the cursor is the place of the last one."""
        after = paging.after(request, paging.BY_TIME)
        left = [one for one in found if after is None or one[0] < after]
        return self._cut(request, sorted(left, key=_place, reverse=True))

    def _page(self, request: Request, found: Sequence[Placed]) -> Response:
        """In the order given."""
        after = paging.after(request, paging.BY_TIME)
        return self._cut(request, [one for one in found if after is None or one[0] > after])

    def _cut(self, request: Request, found: Sequence[Placed]) -> Response:
        limit = requests.limit(request)
        return answers.page(
            paging.page(found[: limit + 1], limit=limit, key=_place, shape=lambda one: one[1])
        )


def _place(one: Placed) -> tuple[int, str]:
    return one[0]


def _checked(said: TagsBody) -> tuple[tuple[str, ...], tuple[str, ...]]:
    try:
        found = loyalty.names(said.add, path="add"), loyalty.names(said.remove, path="remove")
    except RejectedError as error:
        flaw = Flaw(path=error.path, message=str(error))
        raise BadRequestError("invalid_body", str(error), flaws=[flaw]) from error
    both = sorted(set(found[0]) & set(found[1]))
    if both or not any(found):
        message = f"{both[0]!r} is in both lists" if both else "name tags to add or to remove"
        raise BadRequestError("invalid_body", message, flaws=[Flaw(path="add", message=message)])
    return found

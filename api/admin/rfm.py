"""`/api/metrics/rfm`: where the fifths of recency, frequency and money are cut."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api.admin import answers
from api.admin.endpoints import Endpoint
from api.quintiles import CUSTOMERS_MIN, Quintiles
from engine.definitions.rfm import RfmEntry

PATH: Final = "/api/metrics/rfm"


class Rfm:
    """Nobody writes the cuts by hand; there are none before five customers have a receipt."""

    def __init__(self, *, quintiles: Quintiles) -> None:
        self._quintiles = quintiles

    def endpoints(self) -> Sequence[Endpoint]:
        """The routes; before those of `/api/metrics/{id}`, whose ids cannot be `rfm`."""
        return (
            Endpoint(
                method="GET",
                path=PATH,
                handler=self.get,
                summary="The cut points of RFM that go now; `cuts` is null before there are any.",
            ),
            Endpoint(
                method="POST",
                path=f"{PATH}/recompute",
                handler=self.recompute,
                summary="Compute the cut points of RFM now; each hour it happens by itself.",
                statuses=(503,),
            ),
        )

    async def get(self, _: Request) -> Response:
        """What goes now."""
        entry = self._quintiles.current
        return answers.json(shape(entry), revision=0 if entry is None else entry.revision)

    async def recompute(self, _: Request) -> Response:
        """Compute, and tell what became of it."""
        done = await self._quintiles.recompute()
        told = {"outcome": done.outcome, "customers": done.customers, "needed": CUSTOMERS_MIN}
        return answers.json({**shape(done.entry), **told})


def shape(entry: RfmEntry | None) -> dict[str, object]:
    """The cuts with their version and time."""
    if entry is None:
        return {"version": None, "computed_at": None, "cuts": None}
    return {
        "version": entry.revision,
        "computed_at": answers.time(entry.computed_at),
        "cuts": {
            "recency_days": list(entry.cuts.recency_days),
            "frequency": list(entry.cuts.frequency),
            "monetary": [answers.money(cut) for cut in entry.cuts.monetary],
            "customers": entry.cuts.customers,
        },
    }

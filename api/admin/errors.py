"""What the administration refuses; each is answered as a problem document.

ProblemError
└── AdminError
    ├── BadRequestError       400  the request cannot be understood; `flaws` say where
    ├── NotFoundError         404
    ├── FeatureOffError       404  an optional feature that the settings switch off
    ├── GoneError             410  the customer was erased
    ├── ConflictError         409  somebody else was faster, or the state forbids it
    ├── MediaTypeError        415
    ├── RefusedError          422  understood, but it would not work; `flaws` say where
    └── UnavailableError      503  later it may work
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from api.errors import ProblemError
from engine.errors import Flaw


class AdminError(ProblemError):
    """Base of every refusal here; the status belongs to the type."""

    STATUS: ClassVar[int]

    def __init__(
        self,
        code: str,
        message: str,
        *,
        flaws: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(self.STATUS, code, message, flaws=flaws, headers=headers)


class BadRequestError(AdminError):
    """Bad input."""

    STATUS = 400


class NotFoundError(AdminError):
    """There is no such thing."""

    STATUS = 404

    def __init__(self, what: str, name: str) -> None:
        super().__init__("not_found", f"there is no {what} {name!r}")


class FeatureOffError(AdminError):
    """The tab is there once the operator switches it on."""

    STATUS = 404

    def __init__(self, feature: str, *, words: str) -> None:
        flaw = Flaw(path=f"features.{feature}", message="set it to true in /api/settings")
        super().__init__(
            "feature_off",
            f"{words} switched off: set features.{feature} to true in /api/settings",
            flaws=[flaw],
        )


class GoneError(AdminError):
    """There was one, and there will be none again."""

    STATUS = 410

    def __init__(self, customer_id: str) -> None:
        super().__init__("erased", f"the customer {customer_id!r} was erased")


class ConflictError(AdminError):
    """The definition has moved on, or is in a state where this makes no sense."""

    STATUS = 409


class MediaTypeError(AdminError):
    """Only JSON is read here: a form cannot be posted from a foreign page."""

    STATUS = 415

    def __init__(self) -> None:
        super().__init__("unsupported_media_type", "send Content-Type: application/json")


class RefusedError(AdminError):
    """It is well-formed, but would not work."""

    STATUS = 422


class UnavailableError(AdminError):
    """A part that is needed does not answer; nothing is known to be wrong with the request."""

    STATUS = 503

    def __init__(self, code: str, message: str, *, retry_after_ms: int = 1_000) -> None:
        retry_after_s = max(-(-retry_after_ms // 1_000), 1)
        super().__init__(code, message, headers={"retry-after": str(retry_after_s)})

"""Optional features: a tab that is switched off says so, and how to switch it on."""

from typing import Final

from api.admin.errors import FeatureOffError
from engine.definitions.settings import Feature, Settings

WORDS: Final[dict[Feature, str]] = {
    "orders": "orders are",
    "favourite_stores": "favourite stores are",
    "category_interest": "category interest is",
}


def require(settings: Settings, feature: Feature) -> None:
    """See that the operator has switched the feature on.

    Raises:
        FeatureOffError: they have not.
    """
    if not getattr(settings.features, feature):
        raise FeatureOffError(feature, words=WORDS[feature])

"""What the installation has that rules may name, as the fold stands."""

from engine.definitions import declaring, ruled
from engine.definitions.campaigns import Campaign
from engine.definitions.folded import Definitions
from engine.errors import Flaw
from engine.rules.declared import Declared


def declared(definitions: Definitions) -> Declared:
    """Attributes, metrics and custom fields; segments there are none yet."""
    metrics = {
        name: entry.latest for name, entry in definitions.metrics.items() if not entry.deleted
    }
    return declaring.declared(definitions.settings, metrics, {})


def flaws(campaign: Campaign, definitions: Definitions) -> list[Flaw]:
    """What of a campaign's rules means nothing here; for who saves, not for the fold."""
    return ruled.flaws(campaign, declared(definitions))

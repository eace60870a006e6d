"""The delivery process with less patience: `python -m tests.integration.delivery.hasty`."""

import settings
from agents.delivery import run

DOUBT_AFTER_MS = 1_000
"""A minute, in the product: long enough for an old process to end before a new one doubts it."""

if __name__ == "__main__":
    run.run(settings.load(), doubt_after_ms=DOUBT_AFTER_MS)

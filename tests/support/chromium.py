"""Chromium of the system, driven by Playwright."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, async_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

ARGUMENTS: Final = (
    # Tests run in containers, as root: Chromium's own sandbox cannot.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # It would look for updates, models and experiments of its maker.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Shared memory in containers is small.
    "--disable-dev-shm-usage",
)


def path() -> str | None:
    """Where it is; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def launched(executable: str) -> AsyncIterator[Browser]:
    """Run it headless, with an empty profile that is removed afterwards."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=list(ARGUMENTS), headless=True
        )
        try:
            yield browser
        finally:
            await browser.close()

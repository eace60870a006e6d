"""`oncue` as a person runs it, against the application of these tests."""

import asyncio
import sys

from api import app
from api.services import Services
from tests.integration.api.conftest import ADMIN
from tests.integration.collector import serving


async def run(opened: Services, *arguments: str, command: str = "import") -> tuple[int | None, str]:
    """Return how it ended, and everything it said."""
    async with serving.listening(app.build(opened)) as port:
        ran = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "oncue", command, *arguments),
            *("--url", f"http://127.0.0.1:{port}", "--admin-token", ADMIN),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await ran.communicate()
    return ran.returncode, told.decode()

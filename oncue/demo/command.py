"""`oncue demo`: the whole stack, a shop's morning through it, a summary."""

import msgspec
from rich.console import Console

from oncue.demo import run as morning
from oncue.up import command
from oncue.up.command import Request
from oncue.up.parts import Addresses


def run(request: Request, *, speed: float, stays: bool, console: Console) -> int:
    """Start everything, stream the morning, sum up; then stay until Ctrl-C, or end."""

    async def visit(addresses: Addresses) -> int:
        exit_code = await morning.run(
            url=addresses.url,
            admin_token=request.keys["admin_token"],
            write_key=request.keys["write_key"],
            secret_key=request.keys["secret_key"],
            clickhouse_url=addresses.clickhouse,
            speed=speed,
            console=console,
        )
        if stays and exit_code == 0:
            console.print(f"everything stays up at {addresses.url} until Ctrl-C")
            await command.until_stopped()
        return exit_code

    empty = msgspec.structs.replace(request, keeps_definitions=False)
    return command.run(empty, console=console, visit=visit)

"""`.env.example`, written from `settings.py`: `python -m tests.support.env_example`."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import settings
from settings import Settings

FILE: Final = Path(settings.__file__).with_name(".env.example")

HEAD: Final = """\
# Copy it to .env, which docker compose reads by itself; for a command of your own:
#     set -a; . ./.env; set +a; oncue up
# Every line below is the default. docker-compose.yml chooses addresses, partitions and session
# time-out itself, and refuses to start without the four keys and the three passwords:
#     openssl rand -hex 24
"""

COMPOSE: Final = """
# Only docker compose: passwords between its servers, letters and digits alone (they go into URLs).
#CLICKHOUSE_PASSWORD=
#GRAFANA_CLICKHOUSE_PASSWORD=
# Of the user `admin` at http://127.0.0.1:3000.
#GRAFANA_PASSWORD=
"""


def text() -> str:
    """The whole file."""
    known = Settings()
    lines = []
    for name, documentation in documented():
        default = str(getattr(known, name))
        value = f'"{default}"' if " " in default else default
        lines.append(f"\n# {documentation}\n#{settings.variable(name)}={value}\n")
    return HEAD + "".join(lines) + COMPOSE


def documented() -> Iterator[tuple[str, str]]:
    """Each setting with the docstring under it.

    Raises:
        ValueError: one has none.
    """
    [described] = ast.parse(inspect.getsource(Settings)).body
    assert isinstance(described, ast.ClassDef)
    for field, below in zip(described.body, described.body[1:], strict=False):
        if not isinstance(field, ast.AnnAssign):
            continue
        match field.target, below:
            case ast.Name(id=name), ast.Expr(value=ast.Constant(value=str(said))):
                yield name, " ".join(said.split())
            case _:
                raise ValueError(f"{ast.unparse(field)} has no docstring")


if __name__ == "__main__":
    FILE.write_text(text())

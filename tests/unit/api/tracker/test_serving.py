"""`GET /oncue.js`: small, cached, and what its source says."""

import gzip
import subprocess
from pathlib import Path
from typing import Final

import httpx
import pytest
from starlette.applications import Starlette

from api.tracker import serving

ROOT: Final = Path(__file__).parents[4]
TERSER: Final = ROOT / ".cache" / "sdk" / "node_modules" / ".bin" / "terser"

PACKED_MAX_BYTES: Final = 4 * 1024


async def get(**headers: str) -> httpx.Response:
    app = Starlette(routes=list(serving.routes()))
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://collector"
    ) as client:
        # httpx would offer to take gzip by itself.
        return await client.get("/oncue.js", headers={"accept-encoding": "identity"} | given)


async def test_it_weighs_less_than_4_kib_on_the_wire() -> None:
    answer = await get(accept_encoding="gzip, br")

    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < PACKED_MAX_BYTES


async def test_it_is_the_same_script_packed_or_not() -> None:
    plain = await get()
    packed = await get(accept_encoding="br;q=1, gzip;q=0.8")

    assert plain.headers.get("content-encoding") is None
    assert plain.content == packed.content == serving.BUILT.read_bytes()
    assert plain.headers["etag"] != packed.headers["etag"]


@pytest.mark.parametrize("offer", ["", "br", "gzip;q=0", "gzip; q=0.0", "deflate, br;q=0.5"])
async def test_who_does_not_take_gzip_gets_none(offer: str) -> None:
    assert "content-encoding" not in (await get(accept_encoding=offer)).headers


async def test_any_page_may_load_and_keep_it() -> None:
    answer = await get()

    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"].startswith("public, max-age=3600")
    assert answer.headers["vary"] == "accept-encoding"


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_a_browser_that_has_it_is_told_so(form: str) -> None:
    etag = (await get()).headers["etag"]

    answer = await get(if_none_match=form.format(etag))

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag


async def test_a_browser_with_another_one_gets_this_one() -> None:
    assert (await get(if_none_match='"other"')).status_code == 200


def test_packing_gives_the_same_bytes_in_every_process() -> None:
    first, second = serving.Script(b"x" * 1000), serving.Script(b"x" * 1000)

    assert first.packed == second.packed
    assert gzip.decompress(first.packed.body) == first.plain.body


def test_what_is_served_was_built_from_its_source(tmp_path: Path) -> None:
    if not TERSER.exists():
        pytest.skip("there is no terser: `make sdk` installs it by npm")

    subprocess.run(
        ["make", "-s", "tracker", f"BUILT={tmp_path / 'oncue.min.js'}"], cwd=ROOT, check=True
    )

    assert (tmp_path / "oncue.min.js").read_bytes() == serving.BUILT.read_bytes(), "make tracker"

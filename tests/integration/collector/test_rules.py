"""Who may send from where, how often, and for whom."""

from collections.abc import AsyncIterator
from typing import Final

import pytest

from api.collector import rules, signatures
from api.collector.rules import Rules
from engine.events import Identified
from settings import Settings
from tests.integration.collector import serving
from tests.integration.collector.serving import BASIC, SECRET, Log, Served

SHOP: Final = "https://shop.example"
PAGE: Final = {"type": "page", "userId": "17"}
SECRET_KEY: Final = "secret-1"  # noqa: S105 a test's


def of(settings: Settings) -> Rules:
    return rules.of_settings(settings)


@pytest.fixture
async def slow() -> AsyncIterator[Served]:
    """One request a second of an address, ten at once; nothing gets further than the rules."""
    settings = Settings(address_rate_per_s=1)
    async with serving.collector(
        brokers="127.0.0.1:1", acknowledge_timeout_ms=1, rules=of(settings)
    ) as found:
        yield found


async def test_an_address_that_asks_too_often_is_told_when_to_come_again(slow: Served) -> None:
    """S4, e.1."""
    for _ in range(10):
        assert (await slow.post("/v1/page", PAGE)).status_code == 503

    answer = await slow.post("/v1/page", PAGE)

    assert (answer.status_code, answer.json()["code"]) == (429, "address_rate_limited")
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["x-ratelimit-reset"].isdecimal()
    assert answer.headers["access-control-expose-headers"] == "retry-after, x-ratelimit-reset"


async def test_guessing_at_keys_is_held_up_too(slow: Served) -> None:
    headers = {"authorization": "Bearer wrong"}
    for _ in range(10):
        assert (await slow.post("/v1/page", PAGE, headers)).status_code == 401

    assert (await slow.post("/v1/page", PAGE, headers)).status_code == 429


async def test_the_back_office_is_held_to_its_key_only(slow: Served) -> None:
    answers = [await slow.post("/v1/page", PAGE, SECRET) for _ in range(12)]

    assert {answer.status_code for answer in answers} == {503}


async def test_a_key_that_is_used_too_often_is_told_so_wherever_it_stands() -> None:
    limits = of(Settings(key_rate_per_s=1, address_rate_per_s=0))
    async with serving.collector(
        brokers="127.0.0.1:1", acknowledge_timeout_ms=1, rules=limits
    ) as served:
        for _ in range(10):
            await served.post("/v1/page", PAGE)

        by_header = await served.post("/v1/page", PAGE)
        by_body = await served.post("/v1/page", {**PAGE, "writeKey": "write-1"}, {})

    assert [by_header.json()["code"], by_body.json()["code"]] == ["key_rate_limited"] * 2


@pytest.fixture
async def shop_only() -> AsyncIterator[Served]:
    """A collector for the pages of one shop."""
    settings = Settings(allowed_origins=f"{SHOP}/, https://www.shop.example")
    async with serving.collector(
        brokers="127.0.0.1:1", acknowledge_timeout_ms=1, rules=of(settings)
    ) as found:
        yield found


async def test_a_page_of_an_allowed_origin_may_send_and_read(shop_only: Served) -> None:
    answer = await shop_only.post("/v1/page", PAGE, {**BASIC, "origin": SHOP})

    assert answer.status_code == 503
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["vary"] == "origin"


@pytest.mark.parametrize("origin", ["https://evil.example", "http://shop.example", "null"])
async def test_a_page_of_any_other_origin_may_not(shop_only: Served, origin: str) -> None:
    """S1."""
    answer = await shop_only.post("/v1/page", PAGE, {**BASIC, "origin": origin})
    preflight = await shop_only.client.options("/v1/page", headers={"origin": origin})

    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-origin" not in preflight.headers


@pytest.mark.parametrize("headers", [BASIC, {**SECRET, "origin": "https://evil.example"}])
async def test_what_is_no_page_or_has_the_secret_key_comes_from_anywhere(
    shop_only: Served, headers: dict[str, str]
) -> None:
    assert (await shop_only.post("/v1/page", PAGE, headers)).status_code == 503


async def test_without_the_setting_any_page_may_send(deserted: Served) -> None:
    answer = await deserted.client.options("/v1/page", headers={"origin": "https://any.example"})

    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_path_that_is_none_is_a_problem_document(deserted: Served) -> None:
    answer = await deserted.post("/v1/nonsense", PAGE)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().keys() >= {"code", "message"}


@pytest.fixture
async def signing(served: Served) -> AsyncIterator[Served]:
    """A collector that wants to see signatures, over the log that `log` reads."""
    settings = Settings(require_signed_identity=True, secret_key=SECRET_KEY)
    async with serving.collector(brokers=served.brokers, rules=of(settings)) as found:
        yield found


async def test_who_is_signed_is_identified_and_the_signature_is_not_kept(
    signing: Served, log: Log
) -> None:
    """S1."""
    given = signatures.signature("17", secret=SECRET_KEY)
    body = {"userId": "17", "traits": {"age": 30}, "context": {"signature": given, "os": "x"}}

    answer = await signing.post("/v1/identify", body)

    (event,) = await log.events()
    assert answer.status_code == 200
    assert isinstance(event, Identified)
    assert bytes(event.context) == b'{"os":"x"}'


async def test_a_batch_may_say_the_signature_once(signing: Served, log: Log) -> None:
    given = signatures.signature("17", secret=SECRET_KEY)
    batch = [{"type": "identify", "userId": "17"}]

    answer = await signing.post("/v1/batch", {"batch": batch, "context": {"signature": given}})

    assert answer.json() == {"success": True}
    (event,) = await log.events()
    assert isinstance(event, Identified)
    assert bytes(event.context) == b"{}"


async def test_who_is_not_signed_is_a_rejection(signing: Served, log: Log) -> None:
    batch = [{"type": "identify", "userId": "17"}, {**PAGE, "anonymousId": "d"}]

    answer = await signing.post("/v1/batch", {"batch": batch})
    strict = await signing.post("/v1/identify?strict=1", batch[0])

    assert answer.json() == {"success": True, "rejected": 1}
    assert (strict.status_code, strict.json()["code"]) == (400, "unsigned_identity")
    assert [letter.code for letter in await log.refused()] == ["unsigned_identity"]

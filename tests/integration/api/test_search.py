"""Finding customers: by what somebody types, by one field, page by page."""

from uuid import uuid4

import httpx
import msgspec
import pytest

from clickhouse.client import Writer
from engine.customer import Customer
from engine.holdings import Tag
from tests.support import changelog

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def mark() -> str:
    """In everything that one test looks for: the others' customers are there, too."""
    return uuid4().hex[:10]


def person(customer_id: str, *, email: str = "", phone: str = "", **traits: object) -> Customer:
    return Customer(id=customer_id, email=email or None, phone=phone or None, attributes=traits)


async def store(writer: Writer, *people: Customer) -> None:
    await writer.insert([changelog.mirrored(one) for one in people])


async def found(editor: httpx.AsyncClient, **asked: str | int) -> list[str]:
    answer = await editor.get("/api/customers", params=asked)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


@pytest.mark.parametrize(
    "typed",
    [
        "Ada-{mark}",
        "ADA.{mark}@Example.com",
        "Ada {mark}",
        "{mark} ada",
        "  ada   {mark} ",
        "da-{mark}",
        "{mark}@exam",
    ],
)
async def test_a_customer_is_found_by_id_email_and_name(
    editor: httpx.AsyncClient, writer: Writer, mark: str, typed: str
) -> None:
    who = person(
        f"ada-{mark}", email=f"ada.{mark}@example.com", firstName="Ada", lastName=mark.upper()
    )
    await store(writer, who)

    assert await found(editor, q=typed.format(mark=mark)) == [who.id]


@pytest.mark.parametrize(
    "typed",
    [
        "+44 20 7946 {end}",
        "0044 20 7946 {end}",
        "(020) 7946-{end}",
        "4420 7946{end}",
        "7946{end}",
    ],
)
async def test_a_phone_is_found_in_any_spelling(
    editor: httpx.AsyncClient, writer: Writer, mark: str, typed: str
) -> None:
    """M121."""
    end = str(int(mark, 16))[:9]
    await store(writer, person(mark, phone=f"+44207946{end}"))

    assert await found(editor, q=typed.format(end=end)) == [mark]
    assert await found(editor, phone=typed.format(end=end)) == [mark]


async def test_a_russian_phone_is_found_with_its_trunk_prefix(
    editor: httpx.AsyncClient, writer: Writer, mark: str
) -> None:
    end = str(int(mark, 16))[:7]
    await store(writer, person(mark, phone=f"+7912{end}"))

    assert await found(editor, q=f"8 (912) {end}") == [mark]


async def test_what_fits_exactly_comes_first_then_what_begins_so_then_the_rest(
    editor: httpx.AsyncClient, writer: Writer, mark: str
) -> None:
    await store(
        writer,
        person(f"a-{mark}-inside"),
        person(f"{mark}-begins"),
        person(f"z-{mark}", email=f"{mark}@example.com"),
        person(f"y-{mark}", name=mark),
    )

    assert await found(editor, q=mark) == [
        f"y-{mark}",
        f"{mark}-begins",
        f"z-{mark}",
        f"a-{mark}-inside",
    ]


async def test_pages_go_on_through_the_ways_of_fitting(
    editor: httpx.AsyncClient, writer: Writer, mark: str
) -> None:
    people = [f"a-{mark}", f"b-{mark}", f"{mark}-1", f"{mark}-2", mark]
    await store(writer, *(person(one) for one in people))

    pages: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        asked = {"q": mark, "limit": "2", "cursor": cursor}
        page = (await editor.get("/api/customers", params=asked)).json()
        pages.append([item["id"] for item in page["items"]])
        cursor = page["cursor"]

    assert pages == [[mark, f"{mark}-1"], [f"{mark}-2", f"a-{mark}"], [f"b-{mark}"]]


@pytest.mark.parametrize(
    ("field", "asked"),
    [
        ("email", "ADA-{mark}@example.com"),
        ("email", "ada-{mark}*"),
        ("first_name", "ada {mark}"),
        ("last_name", "King-{mark}"),
        ("last_name", "king-{mark}*"),
        ("gender", "female-{mark}"),
        ("birthday", "1815-12-10-{mark}"),
        ("city", "london-{mark}"),
        ("address", "10 st james {mark}"),
    ],
)
async def test_the_list_is_narrowed_by_each_field_on_its_own(
    editor: httpx.AsyncClient, writer: Writer, *, mark: str, field: str, asked: str
) -> None:
    """M221."""
    ada = person(
        f"ada-{mark}",
        email=f"Ada-{mark}@example.com",
        firstName=f"Ada {mark}",
        last_name=f"King-{mark}",
        gender=f"female-{mark}",
        birthday=f"1815-12-10-{mark}",
        address={"street": f"10 St James {mark}", "city": f"London-{mark}"},
    )
    await store(writer, ada, person(f"other-{mark}"))

    assert await found(editor, **{field: asked.format(mark=mark)}) == [ada.id]


async def test_a_tag_lists_its_customers(
    editor: httpx.AsyncClient, writer: Writer, mark: str
) -> None:
    """M194: a click on a tag."""
    vip = msgspec.structs.replace(
        person(f"vip-{mark}"), tags={f"VIP {mark}": Tag(0, is_assigned=True)}
    )
    gone = msgspec.structs.replace(
        person(f"gone-{mark}"), tags={f"VIP {mark}": Tag(0, is_assigned=False)}
    )
    await store(writer, vip, gone)

    assert await found(editor, tag=f"VIP {mark}") == [vip.id]
    assert await found(editor, tag=f"vip {mark}") == []


async def test_filters_and_search_hold_together(
    editor: httpx.AsyncClient, writer: Writer, mark: str
) -> None:
    await store(
        writer, person(f"{mark}-1", city="Bath"), person(f"{mark}-2", city="York"), person("x")
    )

    assert await found(editor, q=mark, city="york") == [f"{mark}-2"]


@pytest.mark.parametrize("typed", ["%", "'; DROP", "a\\b", "*", "\u0416", "+", "00"])
async def test_whatever_is_typed_is_only_text(editor: httpx.AsyncClient, typed: str) -> None:
    for field in ("q", "phone", "email", "address"):
        answer = await editor.get("/api/customers", params={field: typed})

        assert answer.status_code == 200


@pytest.mark.parametrize("typed", ["a" * 201, "a\u0000b"])
async def test_what_nobody_types_is_refused(editor: httpx.AsyncClient, typed: str) -> None:
    answer = await editor.get("/api/customers", params={"q": typed})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_query")

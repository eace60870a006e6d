"""CSV as it arrives."""

import json
from typing import Final

import pytest

from engine.intake.files import lines, table
from engine.intake.files.errors import UnreadableFileError
from engine.intake.files.items import Item, Refused
from engine.intake.files.table import Table

RECEIPTS: Final = """id,updatedAt,total,lines.productId,lines.quantity
r1,2026-01-01,79.80,k-1,1
r1,2026-01-01,79.80,k-2,2
r2,2026-01-01,9.90,k-1,1
"""


def read(content: str | bytes, kind: str = "receipts", *, step: int = 10_000) -> list[object]:
    raw = content.encode() if isinstance(content, str) else content
    reader = Table(kind)
    found: list[Item | Refused] = []
    for start in range(0, len(raw), step):
        found += reader.feed(raw[start : start + step])
    found += reader.finish()
    return [shown(one) for one in found]


def shown(one: Item | Refused) -> object:
    """Line and object, or line and code with the column."""
    if isinstance(one, Item):
        return one.line, json.loads(one.payload)
    return one.line, one.code, one.path


def test_the_rows_of_a_receipt_are_one_object_with_its_lines() -> None:
    assert read(RECEIPTS) == [
        (
            2,
            {
                "id": "r1",
                "updatedAt": "2026-01-01",
                "total": "79.80",
                "lines": [
                    {"productId": "k-1", "quantity": "1"},
                    {"productId": "k-2", "quantity": "2"},
                ],
            },
        ),
        (
            4,
            {
                "id": "r2",
                "updatedAt": "2026-01-01",
                "total": "9.90",
                "lines": [{"productId": "k-1", "quantity": "1"}],
            },
        ),
    ]


@pytest.mark.parametrize("step", [1, 2, 3, 7, 64])
def test_it_does_not_matter_where_the_file_is_cut(step: int) -> None:
    content = "\ufeff" + RECEIPTS.replace("k-2", '"k ""2"",\nß"').replace("\n", "\r\n")

    assert read(content, step=step) == read(content)


def test_points_make_levels_and_empty_cells_are_absent() -> None:
    content = "id,traits.email,traits.city,custom.a.b\n17,ann@shop.example,,x\n"

    assert read(content, "customers") == [
        (2, {"id": "17", "traits": {"email": "ann@shop.example"}, "custom": {"a": {"b": "x"}}})
    ]


def test_a_column_may_say_what_its_cells_are() -> None:
    content = (
        "id,traits.age:number,traits.vip:boolean,traits.zip,traits.tags:json,subscriptions.email\n"
        '17,30.50,yes,00501,"[1.10,null]",no\n'
    )

    assert read(content, "customers") == [
        (
            2,
            {
                "id": "17",
                "traits": {"age": 30.5, "vip": True, "zip": "00501", "tags": [1.1, None]},
                "subscriptions": {"email": False},
            },
        )
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_seen_in_the_header(delimiter: str) -> None:
    content = RECEIPTS.replace(",", delimiter).replace("9.90", '"9,90"')

    assert read(content)[1] == (
        4,
        {
            "id": "r2",
            "updatedAt": "2026-01-01",
            "total": "9,90",
            "lines": [{"productId": "k-1", "quantity": "1"}],
        },
    )


def test_a_line_break_inside_quotation_marks_is_part_of_the_cell() -> None:
    assert read('id,name\nr1,"two\nlines"\nr2,one\n', "products") == [
        (2, {"id": "r1", "name": "two\nlines"}),
        (4, {"id": "r2", "name": "one"}),
    ]


def test_a_row_is_what_stands_under_the_header() -> None:
    assert read("id,name\nr1\nr2,a,b\nr3,c\n", "products") == [
        (2, "invalid_csv", ""),
        (3, "invalid_csv", ""),
        (4, {"id": "r3", "name": "c"}),
    ]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("thirty", "number"),
        ("1e3", "number"),
        ("maybe", "boolean"),
        ("{", "json"),
        ("1e99999999999999999999", "json"),
    ],
)
def test_a_cell_that_is_not_what_its_column_says_is_refused(cell: str, kind: str) -> None:
    content = f"id,custom.x:{kind}\nr1,{cell}\nr2,\n"

    assert read(content) == [(2, "invalid_cell", "custom.x"), (3, {"id": "r2"})]


def test_a_bad_cell_costs_its_receipt_only() -> None:
    content = RECEIPTS.replace("lines.quantity", "lines.quantity:number").replace("k-2,2", "k-2,x")

    assert [one[0] for one in read(content) if isinstance(one, tuple)] == [3, 4]


def test_rows_of_one_receipt_may_not_contradict_each_other() -> None:
    content = RECEIPTS.replace("r1,2026-01-01,79.80,k-2", "r1,2026-01-01,5,k-2")

    assert read(content)[0] == (3, "conflicting_rows", "total")


def test_what_all_rows_share_may_stand_in_the_first_only() -> None:
    content = RECEIPTS.replace("r1,2026-01-01,79.80,k-2", "r1,2026-01-01,,k-2")

    assert read(content) == read(RECEIPTS)


def test_rows_of_one_receipt_that_are_scattered_are_refused() -> None:
    content = RECEIPTS + "r1,2026-01-01,79.80,k-3,1\nr1,2026-02-01,9,k-3,1\n"

    assert read(content)[2] == (5, "scattered_rows", "")
    assert isinstance(read(content)[3], tuple)
    assert len(read(content)) == 4


def test_rows_without_an_id_are_receipts_of_their_own() -> None:
    assert len(read("id,total,lines.productId\n,1,a\n,1,a\n")) == 2


def test_without_columns_of_lines_each_row_is_a_receipt() -> None:
    assert len(read("id,total\nr1,1\nr2,2\nr1,1\n")) == 3


def test_bytes_that_are_no_utf8_cost_their_row_only() -> None:
    content = "id,name\nr1,Größe\nr2,ok\n".encode("latin-1")

    assert read(content, "products") == [(2, "not_utf8", ""), (3, {"id": "r2", "name": "ok"})]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("id,name\n".encode("utf-16"), "not_utf8"),
        ("id,größe\n".encode("latin-1"), "not_utf8"),
        (b"id,\nr1,x\n", "invalid_header"),
        (b"id,id\n", "invalid_header"),
        (b"id,a..b\n", "invalid_header"),
        (b"id,a,a.b\n", "invalid_header"),
        (b"id,a:date\n", "invalid_header"),
        (b'id,"a\n', "invalid_header"),
        (b"a," * 301 + b"b\n", "invalid_header"),
    ],
)
def test_a_header_that_cannot_be_understood_is_said_at_once(content: bytes, code: str) -> None:
    with pytest.raises(UnreadableFileError) as refusal:
        read(content, "products")

    assert refusal.value.code == code


def test_a_quotation_mark_that_is_never_closed_swallows_no_more_than_a_bounded_part() -> None:
    rows = "r2,ok\n" * table.CELL_LINES_MAX

    found = read(f'id,name\nr1,"open\n{rows}', "products")

    assert found[0] == (2, "invalid_csv", "")
    assert found[-1] == (rows.count("\n") + 2, {"id": "r2", "name": "ok"})


def test_a_line_of_the_greatest_length_is_read_and_a_longer_one_passed_over() -> None:
    half = "n" * (lines.LINE_MAX_BYTES // 2 - 2)

    content = f"a,b,c\nx,{half},{half}y\nx,{half},{half}yz\nx,y,z\n"

    found = read(content, "products", step=65_536)

    assert sorted(found, key=repr) == [
        (2, {"a": "x", "b": half, "c": f"{half}y"}),
        (3, "line_too_long", ""),
        (4, {"a": "x", "b": "y", "c": "z"}),
    ]


def test_a_receipt_of_too_many_rows_is_refused_and_forgotten() -> None:
    row = f"r1,2026-01-01,1,{'k' * 1_000},1\n"
    content = RECEIPTS.splitlines(keepends=True)[0] + row * 300

    assert read(content) == [(2, "message_too_large", "")]


def test_no_more_receipts_are_remembered_than_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table, "FINISHED_MAX", 2)
    row = "{},2026-01-01,1,k,1\n"
    content = RECEIPTS.splitlines(keepends=True)[0]
    content += "".join(row.format(name) for name in ("a", "b", "c", "d", "a", "d"))

    codes = [one[1] for one in read(content) if isinstance(one, tuple) and len(one) == 3]

    assert codes == ["scattered_rows"]

"""What a file of events becomes, and what one bad line costs."""

import gzip
from pathlib import Path

import pytest

from oncue.formats import reading
from oncue.formats.entries import Entry, Malformed
from oncue.formats.errors import UnknownFormatError, UnreadableFileError, WrongFormatError

HEADER = (
    "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"
)
VIEW = "2019-10-01 00:00:07 UTC,view,p1,21,shoes.boots,acme,33.20,u1,s1"
CART = "2019-10-01 00:00:08 UTC,cart,p1,21,shoes.boots,acme,33.20,u1,s1"
PURCHASE = "2019-10-01 00:00:09 UTC,purchase,p1,21,,,,u1,"


def entries_of(path: Path, format_name: str) -> list[Entry | Malformed]:
    return list(reading.read(path, reading.known(format_name)))


def events_of(path: Path, format_name: str) -> list[Entry]:
    return [entry for entry in entries_of(path, format_name) if isinstance(entry, Entry)]


def malformed_of(path: Path, format_name: str) -> list[Malformed]:
    return [entry for entry in entries_of(path, format_name) if isinstance(entry, Malformed)]


def write(path: Path, *lines: str, end: str = "\n") -> Path:
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def test_a_rees46_view_is_a_product_viewed_with_its_price_as_text(tmp_path: Path) -> None:
    (entry,) = events_of(write(tmp_path / "shop.csv", HEADER, VIEW), "rees46")

    assert entry == Entry(
        line=2,
        occurred_at=1_569_888_007_000,
        message={
            "type": "track",
            "event": "Product Viewed",
            "messageId": "shop.csv:2",
            "userId": "u1",
            "timestamp": "2019-10-01T00:00:07Z",
            "properties": {
                "product_id": "p1",
                "category": "shoes.boots",
                "brand": "acme",
                "price": "33.20",
            },
            "context": {"sessionId": "s1"},
        },
    )


def test_a_rees46_purchase_is_an_order_of_one_product_with_the_lines_id(tmp_path: Path) -> None:
    (entry,) = events_of(write(tmp_path / "shop.csv", HEADER, PURCHASE), "rees46")

    assert entry.message["event"] == "Order Completed"
    assert entry.message["properties"] == {
        "order_id": "shop.csv:2",
        "products": [{"product_id": "p1", "category": "21"}],
    }


def test_columns_may_stand_in_another_order_with_others_between(tmp_path: Path) -> None:
    header = "x,user_id,price,brand,category_code,category_id,product_id,event_type,event_time"
    header += ",user_session"
    row = "?,u1,1.00,b,c.d,21,p1,cart,2019-10-01 00:00:00 UTC,s"

    (entry,) = events_of(write(tmp_path / "shop.csv", header, row), "rees46")

    assert entry.message["userId"] == "u1"
    assert entry.message["event"] == "Product Added"


@pytest.mark.parametrize(
    ("behavior", "name"),
    [
        ("pv", "Product Viewed"),
        ("cart", "Product Added"),
        ("fav", "Product Added to Wishlist"),
        ("buy", "Order Completed"),
    ],
)
def test_each_taobao_behaviour_has_its_event(tmp_path: Path, behavior: str, name: str) -> None:
    header = "user_id,item_id,category_id,behavior,ts"
    path = write(tmp_path / "market.csv", header, f"7,11,13,{behavior},1511658000")

    (entry,) = events_of(path, "taobao")

    assert entry.message["event"] == name
    assert entry.message["userId"] == "7"
    assert entry.occurred_at == 1_511_658_000_000


def test_the_taobao_original_without_a_header_is_read_from_its_first_line(tmp_path: Path) -> None:
    path = write(tmp_path / "market.csv", "7,11,13,pv,1511658000", "8,11,13,buy,1511658001")

    assert [entry.message["messageId"] for entry in events_of(path, "taobao")] == [
        "market.csv:1",
        "market.csv:2",
    ]


def test_a_segment_message_keeps_what_it_says_under_the_lines_id(tmp_path: Path) -> None:
    line = (
        '{"type":"track","event":"Tea Poured","anonymousId":"a","messageId":"own",'
        '"timestamp":"2026-03-02T10:00:00.250+02:00","sentAt":"2026-03-02T08:00:01Z",'
        '"properties":{"cups":2,"price":1.10,"hot":true}}'
    )

    (entry,) = events_of(write(tmp_path / "tea.ndjson", line), "segment")

    assert entry.occurred_at == 1_772_438_400_250
    assert entry.message["messageId"] == "tea.ndjson:1"
    assert entry.message["timestamp"] == "2026-03-02T08:00:00.250Z"
    assert "sentAt" not in entry.message
    assert str(entry.message["properties"]) == "{'cups': 2, 'price': Decimal('1.10'), 'hot': True}"


@pytest.mark.parametrize(
    ("format_name", "good", "bad", "reason"),
    [
        ("rees46", VIEW, "2019-10-01 00:00:00 UTC,view,p1", "3 cells instead of 9"),
        ("rees46", VIEW, VIEW.replace("view", "look"), "event_type 'look'"),
        ("rees46", VIEW, VIEW.replace("33.20", "cheap"), "price 'cheap' is no number"),
        ("rees46", VIEW, VIEW.replace("33.20", "NaN"), "price 'NaN' is no amount"),
        ("rees46", VIEW, VIEW.replace("33.20", "-1"), "price '-1' is no amount"),
        ("rees46", VIEW, VIEW.replace("u1", ""), "user_id is empty"),
        ("rees46", VIEW, VIEW.replace("p1", ""), "product_id is empty"),
        ("rees46", VIEW, VIEW.replace(" UTC", ""), "event_time"),
        ("rees46", VIEW, VIEW.replace("10-01", "13-01"), "event_time"),
        ("rees46", VIEW, VIEW.replace("acme", '"acme'), "unexpected end of data"),
        ("taobao", "7,11,13,pv,1", "7,11,13,pv,soon", "ts 'soon'"),
        ("taobao", "7,11,13,pv,1", "7,11,13,pv,99999999999999", "ts '99999999999999'"),
        ("taobao", "7,11,13,pv,1", "7,11,13,nod,1", "behavior 'nod'"),
        ("segment", '{"timestamp":"2026-03-02T10:00:00Z"}', '{"type":', "truncated"),
        ("segment", '{"timestamp":"2026-03-02T10:00:00Z"}', "[1]", "Expected `object`"),
        ("segment", '{"timestamp":"2026-03-02T10:00:00Z"}', "{}", "no timestamp"),
        (
            "segment",
            '{"timestamp":"2026-03-02T10:00:00Z"}',
            '{"timestamp":"tea time"}',
            "is no time",
        ),
    ],
)
def test_a_malformed_line_is_told_with_its_number_and_stops_nothing(
    tmp_path: Path, *, format_name: str, good: str, bad: str, reason: str
) -> None:
    header = [HEADER] if format_name == "rees46" else []
    path = write(tmp_path / "file", *header, good, bad, good)

    (malformed,) = malformed_of(path, format_name)

    assert malformed.line == len(header) + 2
    assert reason in malformed.reason
    assert [entry.line for entry in events_of(path, format_name)] == [
        len(header) + 1,
        len(header) + 3,
    ]


def test_a_line_that_is_no_utf_8_is_refused_alone(tmp_path: Path) -> None:
    path = tmp_path / "market.csv"
    path.write_bytes(b"7,11,13,pv,1\n7,\xff,13,pv,2\n7,11,13,pv,3\n")

    assert [malformed.line for malformed in malformed_of(path, "taobao")] == [2]
    assert len(events_of(path, "taobao")) == 2


def test_an_endless_line_is_refused_without_being_held(tmp_path: Path) -> None:
    path = write(tmp_path / "market.csv", "7,11,13,pv,1", "9" * 3_000_000, "7,11,13,pv,3")

    (malformed,) = malformed_of(path, "taobao")

    assert malformed.reason == "longer than 1048576 bytes"
    assert [entry.line for entry in events_of(path, "taobao")] == [1, 3]


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    path = write(tmp_path / "shop.csv", "\ufeff" + HEADER, "", VIEW, "  ", CART, end="\r\n")

    assert [entry.line for entry in events_of(path, "rees46")] == [3, 5]


def test_a_packed_file_reads_as_the_plain_one_whatever_its_name(tmp_path: Path) -> None:
    plain = write(tmp_path / "shop.csv", HEADER, VIEW, CART)
    packed = tmp_path / "packed" / "shop.csv"
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert entries_of(packed, "rees46") == entries_of(plain, "rees46")


def test_events_of_one_second_keep_the_files_order_in_a_file_out_of_order(tmp_path: Path) -> None:
    path = write(tmp_path / "m", "1,5,1,pv,20", "2,5,1,pv,10", "3,5,1,pv,20", "4,5,1,pv,10")
    taobao = reading.known("taobao")
    found = reading.survey(path, taobao)

    assert not found.is_in_order
    assert (found.first_at, found.last_at) == (10_000, 20_000)
    assert [entry.line for entry in reading.in_order(path, taobao, found)] == [2, 4, 1, 3]


def test_the_survey_counts_events_and_reports_each_malformed_line(tmp_path: Path) -> None:
    path = write(tmp_path / "m", "1,5,1,pv,20", "bad", "3,5,1,pv,20", "worse")
    told: list[Malformed] = []

    found = reading.survey(path, reading.known("taobao"), report=told.append)

    assert (found.events_count, found.malformed_count) == (2, 2)
    assert [malformed.line for malformed in told] == [2, 4]


def test_a_long_file_name_still_gives_ids_a_collector_takes(tmp_path: Path) -> None:
    one, two = (
        events_of(write(tmp_path / ("x" * 180 + end), "1,5,1,pv,20"), "taobao")[0]
        for end in ("1.csv", "2.csv")
    )

    assert len(str(one.message["messageId"])) <= 100
    assert one.message["messageId"] != two.message["messageId"]


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UnknownFormatError, match="'xml': choose one of rees46, taobao, segment"):
        reading.known("xml")


def test_a_file_of_another_format_is_refused_by_its_first_line(tmp_path: Path) -> None:
    path = write(tmp_path / "tea.ndjson", '{"type":"track"}')

    with pytest.raises(WrongFormatError, match="no column event_time"):
        entries_of(path, "rees46")


def test_a_file_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="no such file"):
        entries_of(tmp_path / "gone.csv", "rees46")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="Is a directory"):
        entries_of(tmp_path, "rees46")


def test_a_damaged_archive_says_from_which_line_on(tmp_path: Path) -> None:
    path = tmp_path / "m.csv.gz"
    path.write_bytes(gzip.compress(b"1,5,1,pv,20\n" * 5)[:-9])

    with pytest.raises(UnreadableFileError, match=r"damaged after line \d"):
        entries_of(path, "taobao")


@pytest.mark.parametrize("number", ["1e99999999999999999999", "[" * 30_000, "1" * 9_000])
def test_json_no_program_can_hold_is_one_malformed_line(tmp_path: Path, number: str) -> None:
    path = write(tmp_path / "m", '{"timestamp":"2026-03-02T10:00:00Z","properties":' + number + "}")

    assert len(malformed_of(path, "segment")) == 1

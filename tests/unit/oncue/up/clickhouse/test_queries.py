"""What a request asks for."""

import pytest

from oncue.up.clickhouse import encodings, queries
from oncue.up.clickhouse.errors import ClickHouseError, ReadonlyError, UnsupportedError
from oncue.up.clickhouse.queries import Query, Request

BODY = b"INSERT INTO t FORMAT TSV\n1\n"


def read(method: str = "POST", body: bytes = b"", **url_parameters: str) -> Query:
    request = Request(method=method, url_parameters=url_parameters, headers={}, body=body)
    return queries.read(request)


def test_the_body_goes_on_where_the_url_stops() -> None:
    query = read(query="INSERT INTO t FORMAT TSV", body=b"1\n2\n")

    assert query.statement.data == b"1\n2\n"


def test_parameters_settings_and_the_rest_are_told_apart() -> None:
    query = read(body=b"SELECT 1", param_a="1", max_threads="2", database="d", session_id="s")

    assert (query.parameters, query.settings, query.database) == (
        {"a": "1"},
        {"max_threads": "2"},
        "d",
    )


def test_readonly_is_set_after_every_other_setting() -> None:
    query = read(body=b"SELECT 1", readonly="1", max_threads="2")

    assert list(query.settings) == ["max_threads", "readonly"]


def test_readonly_refuses_what_is_no_read() -> None:
    with pytest.raises(ReadonlyError):
        read(body=b"SYSTEM STOP MERGES", readonly="1")


def test_get_is_readonly() -> None:
    assert read(method="GET", query="SELECT 1").settings == {"readonly": "2"}


def test_a_setting_has_the_name_of_one() -> None:
    with pytest.raises(ClickHouseError) as caught:
        read(body=b"SELECT 1", **{"a = 1, b": "2"})

    assert caught.value.code == 115


@pytest.mark.parametrize("name", ["compress", "decompress"])
def test_framing_of_clickhouse_itself_is_refused(name: str) -> None:
    with pytest.raises(UnsupportedError):
        read(body=b"SELECT 1", **{name: "1"})


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip"])
def test_a_body_is_read_in_its_encoding(encoding: str) -> None:
    encoder = encodings.encoder(encoding)
    packed = encoder.compress(BODY[:10]) + encoder.compress(BODY[10:]) + encoder.flush()

    assert encodings.decoded(packed, encoding=encoding) == BODY


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip"])
def test_a_body_of_several_frames_is_read_whole(encoding: str) -> None:
    frames = []
    for piece in (b"first ", b"", b"second"):
        encoder = encodings.encoder(encoding)
        frames.append(encoder.compress(piece) + encoder.flush())

    assert encodings.decoded(b"".join(frames), encoding=encoding) == b"first second"


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip"])
def test_a_body_that_ends_within_a_frame_is_refused(encoding: str) -> None:
    encoder = encodings.encoder(encoding)
    whole = encoder.compress(b"x" * 100) + encoder.flush()

    with pytest.raises(UnsupportedError):
        encodings.decoded(whole + whole[:-1], encoding=encoding)


@pytest.mark.parametrize("encoding", ["lz4", "zstd", "gzip", "deflate", "br"])
def test_a_body_that_is_not_in_its_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(UnsupportedError):
        encodings.decoded(b"no such thing", encoding=encoding)


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [("", None), ("br", None), ("gzip, zstd;q=0.5", "zstd"), ("lz4,zstd,br,gzip", "lz4")],
)
def test_the_cheapest_accepted_encoding_is_chosen(accepted: str, chosen: str | None) -> None:
    assert encodings.chosen(accepted) == chosen

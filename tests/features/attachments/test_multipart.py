from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.features.attachments import multipart
from chat.features.attachments.multipart import Part, Reader
from chat.protocol.errors import ErrorCode, ProtocolError

Said = list[tuple[Part, bytes]]


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    named = "" if filename is None else f'; filename="{filename}"'
    head = f'Content-Disposition: form-data; name="{name}"{named}\r\nContent-Type: text/plain\r\n\r\n'
    return head.encode() + content


def body(*parts: bytes, mark: bytes = b"mark") -> bytes:
    return b"".join(b"--" + mark + b"\r\n" + one + b"\r\n" for one in parts) + b"--" + mark + b"--\r\n"


def read(data: bytes, size: int = 1_000_000, mark: bytes = b"mark") -> Said:
    reader, found = Reader(mark), []
    for at in range(0, len(data), size):
        for one in reader.feed(data[at : at + size]):
            if isinstance(one, Part):
                found.append((one, b""))
            else:
                found[-1] = (found[-1][0], found[-1][1] + one)
    assert reader.has_ended
    return found


def refused(data: bytes) -> ErrorCode:
    with pytest.raises(ProtocolError) as caught:
        read(data, 1_000)
    return caught.value.code


WHOLE = body(part("alt", b"a cat"), part("file", b"\r\n--mar\r\n-- k\r\n\r\n", "cat.png"), part("empty", b""))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
def test_body_is_read_in_pieces_of_any_size(size: int) -> None:
    assert read(WHOLE, size) == [
        (Part("alt", None), b"a cat"),
        (Part("file", "cat.png"), b"\r\n--mar\r\n-- k\r\n\r\n"),
        (Part("empty", None), b""),
    ]


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_content_comes_out_as_it_went_in(content: bytes, size: int) -> None:
    mark = b"a-mark-that-is-in-no-content"
    assert read(body(part("file", content, "x"), mark=mark), size, mark) == [(Part("file", "x"), content)]


def test_what_stands_before_and_behind_is_nothing() -> None:
    assert read(b"hello\r\n" + body(part("file", b"x", "y")) + b"and more\r\n--mark\r\n") == [
        (Part("file", "y"), b"x")
    ]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ('filename="a;b.txt"', "a;b.txt"),
        ("filename=plain.txt", "plain.txt"),
        ('filename="C:\\dir\\a.txt"', "C:\\dir\\a.txt"),
        ('filename="보고서.pdf"', "보고서.pdf"),
        ("filename*=utf-8''%EB%B3%B4.pdf", "보.pdf"),
        ('filename="first"; filename="second"', "first"),
        ('filename=""', ""),
    ],
)
def test_filename_is_read_as_browsers_and_programs_write_it(said: str, name: str) -> None:
    head = f'content-disposition: Form-Data; name="file"; {said}\r\n\r\n'.encode()
    assert read(body(head + b"x")) == [(Part("file", name), b"x")]


@pytest.mark.parametrize(
    "data",
    [
        b"x" * 5_000,
        b"--mark\r\n\r\n\r\nno head\r\n--mark--",
        b"--mark\r\nContent-Type: text/plain\r\n\r\nnameless\r\n--mark--",
        b'--mark\r\nContent-Disposition: attachment; name="file"\r\n\r\nx\r\n--mark--',
        b"--mark\r\n" + b"x" * 20_000,
        b"--mark\r\n" + b"x: y\r\n" * 5_000 + b"\r\n",
        b"--markx\r\n",
        b"--mark \r\n",
    ],
)
def test_malformed_body_is_refused(data: bytes) -> None:
    assert refused(data) is ErrorCode.BAD_FRAME


def test_ten_thousand_parts_are_too_many() -> None:
    assert refused(body(*[part("x", b"y")] * 10_000)) is ErrorCode.TOO_MANY


def test_cut_body_has_not_ended() -> None:
    reader = Reader(b"mark")
    list(reader.feed(WHOLE[:-8]))
    assert not reader.has_ended


def test_reader_holds_no_content() -> None:
    reader = Reader(b"mark")
    list(reader.feed(b"--mark\r\n" + part("file", b"", "x")))
    for _ in range(100):
        assert sum(len(one) for one in reader.feed(bytes(10_000)) if isinstance(one, bytes)) > 9_000
    assert len(reader._held) < 100


@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_refused(data: bytes) -> None:
    # Whatever else it raises is a fault.
    with contextlib.suppress(ProtocolError):
        list(Reader(b"mark").feed(b"--mark\r\n" + data))


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data; charset=utf-8; Boundary="a b:c"', b"a b:c"),
    ],
)
def test_boundary_is_read(content_type: str, boundary: bytes) -> None:
    assert multipart.boundary_of(content_type) == boundary


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("", ErrorCode.UNSUPPORTED),
        ("application/json", ErrorCode.UNSUPPORTED),
        ("multipart/mixed; boundary=abc", ErrorCode.UNSUPPORTED),
        ("multipart/form-data", ErrorCode.BAD_FRAME),
        ("multipart/form-data; boundary=", ErrorCode.BAD_FRAME),
        (f"multipart/form-data; boundary={'x' * 71}", ErrorCode.BAD_FRAME),
        ("multipart/form-data; boundary=한", ErrorCode.BAD_FRAME),
        ('multipart/form-data; boundary="a\r\nb"', ErrorCode.BAD_FRAME),
    ],
)
def test_other_types_and_bad_boundaries_are_refused(content_type: str, code: ErrorCode) -> None:
    with pytest.raises(ProtocolError) as caught:
        multipart.boundary_of(content_type)
    assert caught.value.code is code

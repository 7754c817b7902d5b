"""The bytes of the protocol: what is packed can be read again, and what is no message is never taken for one."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.desktop.wayland.wire import Reader, WireError, cut, pack

NUMBERS = st.integers(0, 0xFFFFFFFF)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


def test_a_request_looks_as_the_protocol_says():
    assert pack(3, 1, 7, "wl_seat") == (
        b"\x03\0\0\0" b"\x01\0\x18\0" b"\x07\0\0\0" b"\x08\0\0\0" b"wl_seat\0"
    )  # fmt: skip


@given(NUMBERS, st.integers(0, 0xFFFF), NUMBERS, TEXTS, TEXTS)
def test_what_is_packed_is_read_again(target, opcode, first, text, other):
    stream = bytearray(pack(target, opcode, first, text, 9, other))
    message = cut(stream)
    assert message is not None
    assert not stream
    assert message[:2] == (target, opcode)
    reader = Reader(message[2])
    assert (reader.number(), reader.text(), reader.number(), reader.text()) == (first, text, 9, other)


@given(st.lists(st.tuples(NUMBERS, TEXTS), max_size=5), st.integers(1, 9))
def test_a_stream_may_come_in_pieces(messages, size):
    whole = b"".join(pack(1, 0, number, text) for number, text in messages)
    stream = bytearray()
    found = []
    for at in range(0, len(whole), size):
        stream += whole[at : at + size]
        while (message := cut(stream)) is not None:
            reader = Reader(message[2])
            found.append((reader.number(), reader.text()))
    assert found == messages


def test_an_array_is_read():
    reader = Reader(b"\x08\0\0\0" b"\x02\0\0\0" b"\x05\0\0\0" b"\x09\0\0\0")  # fmt: skip
    assert reader.numbers() == (2, 5)
    assert reader.number() == 9


def test_text_that_is_no_utf8_is_text_all_the_same():
    assert Reader(b"\x04\0\0\0caf\xe9"[:-1] + b"\0").text() == "caf"
    assert Reader(b"\x05\0\0\0caf\xe9\0\0\0\0").text() == "caf�"


@pytest.mark.parametrize("head", [b"\x01\0\0\0\0\0\x04\0", b"\x01\0\0\0\0\0\x0a\0", b"\x01\0\0\0\0\0\0\0"])
def test_a_length_that_cannot_be_is_an_error(head):
    with pytest.raises(WireError):
        cut(bytearray(head + bytes(16)))


@given(st.binary(max_size=40), st.sampled_from(["number", "text", "numbers"]))
def test_any_bytes_are_an_argument_or_an_error(body, kind):
    with contextlib.suppress(WireError):
        getattr(Reader(body), kind)()

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.desktop.x11.text import decode


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        ("UTF8_STRING", "Zürich".encode(), "Zürich"),
        ("UTF8_STRING", b"Z\xfcrich", "Zürich"),
        ("STRING", b"Z\xfcrich", "Zürich"),
        ("STRING", "Zürich".encode(), "Zürich"),
        ("STRING", b"one\0two", "one"),
        ("STRING", b" a\tb\x1b[0m\n", "a b [0m"),
        ("COMPOUND_TEXT", b"plain", "plain"),
        ("COMPOUND_TEXT", b"\x1b-F\xe1\xe2", "αβ"),
        ("COMPOUND_TEXT", b"\x1b$(A\x56\x50\x4e\x44\x1b(B.", "中文."),
        ("COMPOUND_TEXT", b"\x1b$)C\xc7\xd1\xb1\xdb", "한글"),
        ("COMPOUND_TEXT", b"\x1b%/1\x80\x8ckoi8-r\x02\xc1\xc2\xd7\xc7\xc4 after", "абвгд after"),
        ("COMPOUND_TEXT", b"\x1b%/1\x80\x88nobody\x02\xe9!", "é!"),
        ("COMPOUND_TEXT", b"\x1b%Gcut \xe2\x82", "cut \ufffd"),
        ("", b"", ""),
    ],
)
def test_bytes_of_any_kind_become_text(kind: str, data: bytes, text: str):
    assert decode(kind, data) == text


@given(kind=st.sampled_from(["STRING", "UTF8_STRING", "COMPOUND_TEXT", "C_STRING"]), data=st.binary())
def test_no_bytes_are_refused_and_no_control_character_comes_out(kind: str, data: bytes):
    assert decode(kind, data).isprintable()


@given(st.binary().map(lambda data: b"\x1b%/1" + data))
def test_a_broken_extended_segment_does_no_harm(data: bytes):
    assert decode("COMPOUND_TEXT", data).isprintable()

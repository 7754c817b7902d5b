"""The quick check finds faults planted by hand in a sound store."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.store.integrity import quick_check
from app.store.integrity.quick_check import Part
from app.store.sqlite import connection as opening
from app.store.sqlite.page_hmac import PAGE_BYTES
from app.store.store import Store
from app.store.values.records import ChatMessage
from tests.app.store.checks import NOON_US, visits


@pytest.fixture
def filled(store: Store, path: Path) -> Path:
    store.append(visits(300)).result()
    chat = store.new_chat(NOON_US).result()
    store.add_chat_message(ChatMessage(chat, NOON_US, "user", "what did I do today")).result()
    store.close()
    return path


def problems_of(path: Path, key: bytes) -> dict[Part, list[str]]:
    connection = opening.open_reader(path, key)
    try:
        problems: dict[Part, list[str]] = {}
        for problem in quick_check.quick(connection):
            problems.setdefault(problem.part, []).append(problem.text)
        return problems
    finally:
        connection.close()


def change(path: Path, key: bytes, *statements: str) -> None:
    connection = opening.open_writer(path, key)
    connection.execute("PRAGMA foreign_keys = OFF")
    for statement in statements:
        connection.execute(statement)
    connection.close()


def test_a_store_in_order_has_no_problems(filled: Path, key: bytes):
    assert problems_of(filled, key) == {}


def test_an_empty_store_has_no_problems(store: Store, path: Path, key: bytes):
    store.close()

    assert problems_of(path, key) == {}


def test_a_page_with_a_broken_seal_is_reported(filled: Path, key: bytes):
    with filled.open("r+b") as file:
        file.seek(20 * PAGE_BYTES + 100)
        byte = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte[0] ^ 1]))

    problems = problems_of(filled, key)

    assert any("page 21" in text for text in problems[Part.SEALS])


@pytest.mark.parametrize(
    ("statement", "part", "words"),
    [
        ("DELETE FROM texts WHERE id = 7", Part.WORDS, "300 texts, and 299"),
        ("DELETE FROM chat_messages", Part.WORDS, "1 texts, and 0"),
        ("DELETE FROM chat_sessions", Part.REFERENCES, "chat_sessions"),
        ("DELETE FROM actions WHERE id = 9", Part.COUNTS, "300 actions are counted, and 299"),
        ("UPDATE texts_words_data SET block = x'00' WHERE id > 10", Part.PAGES, "texts_words"),
    ],
)
def test_inconsistencies_are_reported(filled: Path, key: bytes, statement: str, part: Part, words: str):
    change(filled, key, statement)

    problems = problems_of(filled, key)

    assert any(words in text for text in problems[part]), problems


def test_counts_of_many_texts_are_read_whole(store: Store, path: Path, key: bytes):
    for at in range(0, 20_000, 5_000):
        store.append(visits(5_000, first=at)).result()
    store.close()
    connection = opening.open_reader(path, key)
    try:
        assert quick_check.indexed_rows(connection, "texts_words") == 20_000
    finally:
        connection.close()

"""A sound store is called sound, and a damaged one damaged, while readers keep pages from being copied into the file."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import DamagedError
from app.store.integrity import quick_check
from app.store.integrity.quick_check import Part
from app.store.sqlite import connection as opening
from app.store.sqlite import write_ahead_log
from app.store.sqlite.connection import Connection
from app.store.sqlite.page_hmac import PAGE_BYTES
from app.store.store import Store
from tests.app.store.checks import visits

CHECKS = int(os.environ.get("KRYPTIC_CHECKS", "30"))
FLIPS = int(os.environ.get("KRYPTIC_FLIPS", "12"))
"""`python -m tests.benchmarks.store.checks` makes a thousand checks and 500 flips."""


@contextmanager
def reading(path: Path, key: bytes) -> Iterator[Connection]:
    connection = opening.open_reader(path, key)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def held_reader(path: Path, key: bytes) -> Iterator[None]:
    """A long reader that keeps the view of its beginning."""
    with reading(path, key) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM actions").fetchone()
        yield


def checkpoint(path: Path, key: bytes) -> tuple[int, int]:
    """Copy as many frames as possible; return how many the log has, and how many are copied."""
    connection = opening.open_writer(path, key)
    try:
        _, frames, copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return frames, copied
    finally:
        connection.close()


def broken_in_the_file(path: Path, key: bytes) -> list[str]:
    with reading(path, key) as connection:
        return [text for (text,) in connection.execute("PRAGMA cipher_integrity_check")]


def problems(path: Path, key: bytes) -> list[tuple[Part, str]]:
    with reading(path, key) as connection:
        return [(problem.part, problem.text) for problem in quick_check.quick(connection)]


@contextmanager
def partly_copied(store: Store, path: Path, key: bytes) -> Iterator[None]:
    """The file grew, and a new page changed again. A reader must not see that change, so the page is not copied."""
    store.append(visits(3_000)).result()
    with held_reader(path, key):
        store.append(visits(300, first=3_000)).result()
        frames, copied = checkpoint(path, key)
        assert copied < frames, "the reader did not hold anything up"
        yield


def test_pages_held_by_the_log_alone_are_no_damage(store: Store, path: Path, key: bytes):
    with partly_copied(store, path, key):
        assert broken_in_the_file(path, key), "SQLCipher itself finds nothing broken, so there is nothing to excuse"

        assert problems(path, key) == []


def test_a_backup_next_to_a_long_read_succeeds_and_repairs_nothing(store: Store, path: Path, key: bytes):
    with partly_copied(store, path, key):
        info = store.backup()

    assert info.path.exists()
    assert store.repaired is None
    with store.reader() as reader:
        assert reader.counts().actions == 3_300


def test_the_whole_check_next_to_a_long_read_finds_nothing(store: Store, path: Path, key: bytes):
    with partly_copied(store, path, key), store.reader() as reader:
        report = reader.verify(2**62, lambda _part, _done, _total: None)

    assert report.problems == ()


def flip(path: Path, page: int, generator: random.Random) -> None:
    """Flip one bit of a page; the same call flips it back."""
    with path.open("r+b") as file:
        offset = (page - 1) * PAGE_BYTES + generator.randrange(PAGE_BYTES)
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << generator.randrange(8)]))


def is_reported(path: Path, key: bytes, page: int) -> bool:
    """Return whether a page is reported, or lies so near the root that nothing can be read without it."""
    try:
        texts = [text for part, text in problems(path, key) if part is Part.SEALS]
    except DamagedError:
        return True
    return any(f"page {page}." in text or "could not be finished" in text for text in texts)


def pages_not_copied(path: Path, key: bytes) -> frozenset[int]:
    with reading(path, key) as connection:
        current = write_ahead_log.begin(connection)
        return current.pages_not_copied()


def test_every_flip_of_a_page_held_by_the_file_alone_is_reported(store: Store, path: Path, key: bytes):
    generator = random.Random(7)
    with partly_copied(store, path, key):
        in_log = pages_not_copied(path, key)
        pages = [page for page in range(2, path.stat().st_size // PAGE_BYTES + 1) if page not in in_log]
        for page in generator.choices(pages, k=FLIPS):
            flip(path, page, random.Random(page))

            assert is_reported(path, key, page), page

            flip(path, page, random.Random(page))
        assert problems(path, key) == []


def test_a_flip_of_a_page_that_was_copied_is_reported_though_the_log_still_has_it(store: Store, path: Path, key: bytes):
    store.append(visits(3_000)).result()
    with held_reader(path, key):
        frames, copied = checkpoint(path, key)
        assert frames == copied
        flip(path, path.stat().st_size // PAGE_BYTES, random.Random(3))

        assert any(part is Part.SEALS for part, _ in problems(path, key))


def test_a_flip_of_a_page_that_the_log_will_overwrite_does_no_harm(store: Store, path: Path, key: bytes):
    with partly_copied(store, path, key):
        page = max(page for page in pages_not_copied(path, key) if page <= path.stat().st_size // PAGE_BYTES)
        flip(path, page, random.Random(5))

        assert problems(path, key) == []
    store.append(visits(1, first=9_000)).result()
    store.close()
    assert broken_in_the_file(path, key) == []


def test_a_missing_log_holds_no_pages(store: Store, path: Path, key: bytes):
    store.append(visits(30)).result()
    store.close()
    with reading(path, key) as connection:
        current = write_ahead_log.begin(connection)
        assert current.pages_not_copied() == frozenset()


def test_a_sound_store_is_called_sound_under_load(tmp_path: Path, key: bytes):
    checks_per_store = 25  # checks of an ever growing store would get slower and slower
    for first in range(0, CHECKS, checks_per_store):
        folder = tmp_path / str(first)
        folder.mkdir()
        check_under_load(folder / "store.db", key, min(checks_per_store, CHECKS - first))


def check_under_load(path: Path, key: bytes, checks: int) -> None:
    """Check a new store some times while a writer, checkpoints and two long readers work on it."""
    store = Store.create(path, key)
    stop = threading.Event()

    def write() -> None:
        first = 0
        while not stop.is_set():
            store.append(visits(200, first=first)).result()
            first += 200

    def copy_often() -> None:
        while not stop.wait(0.003):
            checkpoint(path, key)

    def read_long() -> None:
        generator = random.Random(2)
        while not stop.is_set():
            with held_reader(path, key):
                stop.wait(generator.uniform(0.01, 0.1))

    threads = [threading.Thread(target=target) for target in (write, copy_often, read_long, read_long)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(checks):
            assert problems(path, key) == []
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        store.close()
    assert store.repaired is None

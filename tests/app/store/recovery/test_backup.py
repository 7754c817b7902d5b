"""Backups, the journal beyond them, and stores made whole from both."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import DamagedError, StoreError, WrongKeyError
from app.store.layout import StoreLayout
from app.store.recovery.backup import Backups
from app.store.sqlite import connection as opening
from app.store.sqlite import migrations, schema
from app.store.store import Store
from app.store.values.records import ChatMessage, NewPrediction, NewTrainingRun, PredictionScore
from collectors.events import US_PER_DAY
from tests.app.store.checks import NOON_US, problems, visits

WAIT_S = 180


def rows(path: Path, key: bytes) -> list[dict[str, object]]:
    store = Store.open(path, key)
    with store.reader() as reader:
        found = [row for row in reader.export() if row.get("table") != "audit"]
    store.close()
    return found


def damage(path: Path) -> bytes:
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    return bytes(content)


def live(store: Store, first: int = 0) -> None:
    """Something of everything that is stored."""
    ids = store.append(visits(30, first)).result(WAIT_S).ids
    assert ids[0] is not None
    store.extend(ids[0], 5_000_000)
    chat = store.new_chat(NOON_US).result(WAIT_S)
    store.add_chat_message(ChatMessage(chat, NOON_US, "user", "What did I do?"))
    made = store.save_prediction(NewPrediction(NOON_US, "web:a", (("web:b", 0.5, 1.0),), None)).result(WAIT_S)
    store.score_prediction(PredictionScore(made, "web:b", NOON_US + 1, 1, 0.5, (("recent", 2),)))
    store.save_training_run(NewTrainingRun(NOON_US, "{}", bytes(range(256)) * 40))
    store.put_setting("settings", '{"theme": "dark"}').result(WAIT_S)


def test_a_new_store_has_a_backup_from_its_first_moment(store: Store):
    (info,) = store.backups()
    assert info.position == 0
    assert info.path.stat().st_mode & 0o777 == 0o600


def test_a_backup_is_made_while_the_writer_goes_on(store: Store, path: Path, key: bytes):
    store.append(visits(3_000)).result(WAIT_S)
    stored: list[int] = []

    def go_on(_done: int, _total: int) -> None:
        stored.append(store.append(visits(1, 10_000 + len(stored))).result(WAIT_S).stored)

    info = store.backup(progress=go_on)
    assert stored
    assert Backups(StoreLayout(path), key).problems(info.path) == ()
    store.close()
    copy = opening.open_reader(info.path, key)
    assert copy.execute("SELECT count(*) FROM actions").fetchone() == (3_000,)
    copy.close()


def test_what_was_stored_since_the_backup_comes_from_the_journal(store: Store, path: Path, key: bytes):
    live(store)
    store.backup()
    live(store, 100)
    store.close()
    truth = rows(path, key)
    wrong = damage(path)
    mended = Store.open(path, key)
    assert mended.repaired is not None
    assert (mended.repaired.lost, mended.repaired.cut_bytes) == (0, 0)
    assert mended.repaired.moved_to is not None
    assert mended.repaired.moved_to.read_bytes() == wrong
    assert "Nothing is lost" in str(mended.repaired)
    with mended.reader() as reader:
        reported = [str(row["what"]) for row in reader.export() if row.get("table") == "audit"]
    assert any("repair" in what for what in reported)
    mended.close()
    assert rows(path, key) == truth
    assert problems(path, key, cleaned=False) == []


def test_an_older_backup_serves_where_the_newest_is_rotten(store: Store, path: Path, key: bytes):
    live(store)
    newest = store.backup()
    live(store, 100)
    store.close()
    truth = rows(path, key)
    rotten = bytearray(newest.path.read_bytes())
    rotten[len(rotten) // 2] ^= 1
    newest.path.write_bytes(rotten)
    damage(path)
    mended = Store.open(path, key)
    assert mended.repaired is not None
    assert mended.repaired.unsound == 1
    mended.close()
    assert rows(path, key) == truth


def test_what_the_journal_lost_is_said(store: Store, path: Path, key: bytes):
    live(store)
    store.close()
    for segment in path.with_name("journal").iterdir():
        content = bytearray(segment.read_bytes())
        content[200] ^= 1
        segment.write_bytes(content)
    damage(path)
    mended = Store.open(path, key)
    assert mended.repaired is not None
    assert mended.repaired.lost == 1
    assert "Lost: 1" in str(mended.repaired)
    mended.close()


def test_a_file_found_damaged_while_it_is_open_is_mended_under_its_readers(store: Store, path: Path, key: bytes):
    store.append(visits(3_000)).result(WAIT_S)
    store.backup()
    store.append(visits(10, 5_000)).result(WAIT_S)
    mended = threading.Event()
    store.on_repaired(lambda _repair: mended.set())
    content = bytearray(path.read_bytes())
    for at in range(4_096 + 50, len(content), 4_096):
        content[at] ^= 1
    with path.open("r+b") as file:  # the same file, as a failing disk would change it
        file.write(content)
    with pytest.raises(StoreError), store.reader() as reader:
        list(reader.timeline(0, 2**60))
    assert mended.wait(WAIT_S)
    with store.reader() as reader:
        assert reader.counts().actions == 3_010
    assert store.append(visits(1, 9_000)).result(WAIT_S).ids == (3_011,)
    store.close()
    assert problems(path, key, cleaned=False) == []


def test_a_damaged_store_is_found_by_its_backup_and_mended(store: Store, path: Path, key: bytes):
    store.append(visits(2_000)).result(WAIT_S)
    store.close()
    content = bytearray(path.read_bytes())
    content[-2_000] ^= 1
    path.write_bytes(content)
    again = Store.open(path, key)
    mended = threading.Event()
    again.on_repaired(lambda _repair: mended.set())
    with pytest.raises(DamagedError):
        again.backup()
    assert mended.wait(WAIT_S)
    assert again.backup().size_bytes > 0
    again.close()
    assert problems(path, key, cleaned=False) == []


def test_a_strange_write_ahead_log_is_set_aside(store: Store, path: Path, key: bytes, tmp_path: Path):
    live(store)
    log = path.with_name("store.db-wal")
    stolen = tmp_path / "old-log"
    shutil.copyfile(log, stolen)
    live(store, 100)
    store.close()
    truth = rows(path, key)
    assert not log.exists()
    shutil.copyfile(stolen, log)
    assert rows(path, key) == truth
    (kept,) = path.with_name("damaged").iterdir()
    assert kept.read_bytes() == stolen.read_bytes()


def crashed(path: Path, to: Path) -> Path:
    """The files of an open store as they lie there: what is left of it by `kill -9`."""
    shutil.copytree(path.parent, to / path.parent.name)
    left = to / path.parent.name / path.name
    assert left.with_name(f"{path.name}-wal").stat().st_size
    return left


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def earlier(path: Path, key: bytes, _tmp_path: Path) -> Path:
    """A log that was brought into the file long ago."""
    del key
    return path.with_name("earlier")


def shorter(path: Path, key: bytes, _tmp_path: Path) -> Path:
    """The same log, as it was a while before."""
    del key
    return path.with_name("shorter")


def of_another(_path: Path, key: bytes, tmp_path: Path) -> Path:
    """The log of another store that lies under the same key."""
    (tmp_path / "another").mkdir()
    another = Store.create(tmp_path / "another" / "store.db", key)
    live(another, 500)
    log = shutil.copyfile(log_of(another.path), tmp_path / "another-log")
    another.close()
    return log


def of_another_key(path: Path, _key: bytes, tmp_path: Path) -> Path:
    """The log of a store that lies under another key."""
    return of_another(path, secrets.token_bytes(32), tmp_path)


def nothing(_path: Path, _key: bytes, tmp_path: Path) -> Path:
    """An empty file."""
    (tmp_path / "nothing").touch()
    return tmp_path / "nothing"


@pytest.mark.parametrize("strange", [earlier, shorter, of_another, of_another_key, nothing])
def test_after_a_crash_a_strange_write_ahead_log_costs_nothing(
    store: Store, path: Path, key: bytes, tmp_path: Path, strange: Callable[[Path, bytes, Path], Path]
):
    live(store)
    shutil.copyfile(log_of(path), path.with_name("earlier"))
    live(store, 100)
    store.close()  # the log goes into the file
    again = Store.open(path, key)
    live(again, 200)
    shutil.copyfile(log_of(path), path.with_name("shorter"))
    live(again, 300)
    left = crashed(path, tmp_path / "crashed")
    again.close()
    truth = rows(path, key)
    shutil.copyfile(strange(path, key, tmp_path), log_of(left))
    assert rows(left, key) == truth
    assert problems(left, key, cleaned=False) == []


def test_a_file_from_before_its_write_ahead_log_is_found_by_its_backup_and_mended(
    store: Store, path: Path, key: bytes, tmp_path: Path
):
    """Somebody puts back `store.db` alone: nothing in it tells, but its trees and counts."""
    store.append(visits(3_000)).result(WAIT_S)
    store.close()
    old = path.read_bytes()
    again = Store.open(path, key)
    again.append(visits(3_000, 3_000)).result(WAIT_S)
    again.close()
    again = Store.open(path, key)
    live(again, 6_000)
    left = crashed(path, tmp_path / "crashed")
    again.close()
    truth = rows(path, key)
    left.write_bytes(old)
    mixed = Store.open(left, key)
    if mixed.repaired is None:
        with pytest.raises(DamagedError):
            mixed.backup()
    assert mixed.repaired is not None
    mixed.close()
    assert rows(left, key) == truth
    assert problems(left, key, cleaned=False) == []


def test_a_plaintext_database_in_its_place_is_refused_until_restored_by_hand(store: Store, path: Path, key: bytes):
    live(store)
    store.close()
    truth = rows(path, key)
    path.unlink()
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE actions (id INTEGER)")
    plain.close()
    with pytest.raises(StoreError, match="plaintext") as caught:
        Store.open(path, key)
    assert "kryptic restore" in caught.value.remedy
    done = Store.restore(path, key)
    assert done.moved_to is not None
    assert done.moved_to.read_bytes().startswith(b"SQLite format 3")
    assert rows(path, key) == truth


def test_a_store_that_is_gone_is_not_made_again_and_can_be_restored(store: Store, path: Path, key: bytes):
    live(store)
    store.close()
    truth = rows(path, key)
    path.unlink()
    with pytest.raises(StoreError, match="none was made") as caught:
        Store.open(path, key)
    assert "kryptic restore" in caught.value.remedy
    with pytest.raises(StoreError, match="no backup that this key opens"):
        Store.restore(path, bytes(32))
    Store.restore(path, key)
    assert rows(path, key) == truth


def test_a_fresh_backup_leaves_nothing_from_before(store: Store, path: Path, key: bytes):
    live(store)
    store.backup()
    live(store, 100)
    store.close()
    damage(path)
    store = Store.open(path, key)
    info = store.backup(fresh=True)
    assert [each.path for each in store.backups()] == [info.path]
    assert not path.with_name("damaged").exists()
    assert min(int(path.stem.split("-")[1]) for path in path.with_name("journal").iterdir()) == info.position
    live(store, 200)
    store.close()
    truth = rows(path, key)
    damage(path)
    assert rows(path, key) == truth


def test_two_new_backups_and_one_of_a_week_or_two_are_kept(store: Store, path: Path, key: bytes):
    backups = Backups(StoreLayout(path), key)
    start_us = store.backups()[0].made_us
    for day in range(1, 30):
        now_us = start_us + day * US_PER_DAY
        backups.make(now_us)
        backups.rotate(now_us)
        ages = [(now_us - info.made_us) // US_PER_DAY for info in backups.list()]
        assert ages[:2] == [0, 1]
        assert len(ages) <= 4
        assert day < 8 or 7 <= ages[-1] <= 14


def test_old_journal_goes_with_the_oldest_backup(store: Store, path: Path):
    for number in range(4):
        live(store, number * 100)
        store.backup()
    assert firsts(path)[0] == 1
    only = store.backup(fresh=True)
    live(store, 900)
    store.backup()
    assert firsts(path)[0] == only.position
    assert firsts(path)[1] > only.position


def firsts(path: Path) -> list[int]:
    return sorted(int(segment.stem.split("-")[1]) for segment in path.with_name("journal").iterdir())


def test_a_backup_needs_room_and_says_so(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.store.recovery.backup.SPARE_BYTES", 1 << 60)
    with pytest.raises(StoreError, match="A backup needs"):
        store.backup()
    assert len(store.backups()) == 1


def test_a_backup_that_is_broken_off_leaves_nothing(store: Store, path: Path):
    class LeftError(Exception):
        pass

    def leave(_done: int, _total: int) -> None:
        raise LeftError

    with pytest.raises(LeftError):
        store.backup(progress=leave)
    assert [each.path for each in store.backups()] == [*path.with_name("backups").iterdir()]


def test_an_older_shape_is_backed_up_before_it_is_changed(path: Path, key: bytes):
    making = opening.create_file(path, key)
    migrations.migrate(making, path, NOON_US, schema.MIGRATIONS[:1])
    making.execute("INSERT INTO settings VALUES ('old', '1')")
    making.close()
    store = Store.open(path, key)
    (info,) = store.backups()
    store.append(visits(20)).result(WAIT_S)
    store.close()
    copy = opening.open_reader(info.path, key)
    assert copy.execute("PRAGMA user_version").fetchone() == (1,)
    copy.close()
    truth = rows(path, key)
    damage(path)
    assert rows(path, key) == truth


def test_a_wrong_key_restores_nothing(store: Store, path: Path):
    live(store)
    store.close()
    before = path.read_bytes()
    with pytest.raises(WrongKeyError):
        Store.open(path, bytes(32))
    assert path.read_bytes() == before
    assert not path.with_name("damaged").exists()

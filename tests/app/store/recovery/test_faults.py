"""What death, damage or another program can do to the store."""

from __future__ import annotations

import os
import random
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.errors import DamagedError, StoreError, WrongKeyError
from app.store.sqlite import connection as opening
from app.store.sqlite import migrations, schema
from app.store.sqlite.errors import Error
from app.store.store import Store
from tests.app.store import crash_writer
from tests.app.store.checks import NOON_US, problems, visits
from tests.checkout import ROOT

KILLS = int(os.environ.get("KRYPTIC_FAULTS", "30"))
KILLS_A_STORE = 30  # each death is checked against the whole store, which therefore stays small
FLIPS = int(os.environ.get("KRYPTIC_FLIPS", "24"))
WAIT_S = 180


def everything(path: Path, key: bytes) -> list[dict[str, object]]:
    """All rows but the audit, which knows of repairs; what is found damaged is mended when this returns."""
    store = Store.open(path, key)
    try:
        with store.reader() as reader:
            return [row for row in reader.export() if row.get("table") != "audit"]
    finally:
        store.close()


def broken_seals(path: Path, key: bytes) -> int:
    connection = opening.open_writer(path, key)
    try:
        return len(connection.execute("PRAGMA cipher_integrity_check").fetchall())
    finally:
        connection.close()


def test_no_acknowledged_event_is_lost_to_kill_9(path: Path, key: bytes, capsys: pytest.CaptureFixture[str]):
    draw = random.Random(9)
    reported = 0
    for number in range(KILLS):
        if number % KILLS_A_STORE == 0:
            path = path.with_name(f"store-{number}.db")
            Store.create(path, key).close()
            acknowledged: set[int] = set()
        reported -= len(acknowledged)
        arguments = [sys.executable, crash_writer.__file__, str(path), key.hex(), str(number * 1_000_000 + 1)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        writer = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment)
        assert writer.stdout is not None
        for _ in range(draw.randint(1, 25)):
            acknowledged.update(map(int, writer.stdout.readline().split()))
        # Not a wait for anything: it spreads the moment of death over whatever the writer is doing then.
        time.sleep(draw.random() * 0.02)
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged.update(int(word) for line in writer.stdout if line.endswith("\n") for word in line.split())
        writer.stdout.close()
        assert writer.wait(WAIT_S) == -signal.SIGKILL
        survivor = Store.open(path, key)
        with survivor.reader() as reader:
            stored = {row.event.origin_key for row in reader.timeline(NOON_US, NOON_US + 1)}
        survivor.close()
        assert not acknowledged - stored
        reported += len(acknowledged)
        assert problems(path, key, cleaned=True) == []
    with capsys.disabled():
        sys.stdout.write(f"\n{KILLS} kills, {reported:,} acknowledged events, none lost\n")


@pytest.mark.parametrize("what", ["repair", "migration"])
def test_opening_may_die_in_a_repair_and_in_a_migration(
    path: Path, key: bytes, what: str, capsys: pytest.CaptureFixture[str]
):
    draw = random.Random(what)
    if what == "migration":
        making = opening.create_file(path, key)
        migrations.migrate(making, path, NOON_US, schema.MIGRATIONS[:1])
        making.execute("INSERT INTO settings VALUES ('old', '1')")
        making.close()
    else:
        store = Store.create(path, key)
        store.append(visits(2_000)).result(WAIT_S)
        store.close()
        content = bytearray(path.read_bytes())
        content[100] ^= 1
        path.write_bytes(content)
    template = path.parent.with_name("template")
    shutil.copytree(path.parent, template)
    truth = [row for row in everything(path, key) if row["table"] != "settings" or row["name"] == "old"]
    script = "import sys; from pathlib import Path; from app.store.store import Store; print('go', flush=True);"
    script += "Store.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])).close()"
    rounds = max(4, KILLS // 10)
    for _ in range(rounds):
        shutil.rmtree(path.parent)
        shutil.copytree(template, path.parent)
        arguments = [sys.executable, "-c", script, str(path), key.hex()]
        begun = subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=ROOT)
        assert begun.stdout is not None
        begun.stdout.readline()
        # Not a wait for anything: it spreads the moment of death over the whole opening.
        time.sleep(draw.random() * 0.15)
        begun.kill()
        begun.wait(WAIT_S)
        begun.stdout.close()
        assert everything(path, key) == truth
        assert problems(path, key, cleaned=False) == []
    with capsys.disabled():
        sys.stdout.write(f"\n{rounds} kills in a {what}, nothing lost\n")


def test_a_store_appears_whole_or_not_at_all(path: Path, key: bytes):
    draw = random.Random(5)
    script = "import sys; from pathlib import Path; from app.store.store import Store; print('go', flush=True);"
    script += "Store.create(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))"
    number = opened = 0
    while number < 8 or opened == number:  # at least one has to be struck before it is there
        place = path.with_name(f"store-{number}.db")
        arguments = [sys.executable, "-c", script, str(place), key.hex()]
        making = subprocess.Popen(arguments, stdout=subprocess.PIPE, cwd=ROOT)
        assert making.stdout is not None
        making.stdout.readline()
        time.sleep(draw.random() * 0.08 if number < 8 else 0)
        making.kill()
        making.wait(WAIT_S)
        making.stdout.close()
        if place.exists():
            assert problems(place, key, cleaned=False) == []
            opened += 1
        else:
            Store.create(place, key).close()
        number += 1


def test_a_flipped_byte_is_mended_when_it_is_met(path: Path, key: bytes, capsys: pytest.CaptureFixture[str]):
    draw = random.Random(11)
    store = Store.create(path, key)
    store.append(visits(3_000)).result(WAIT_S)
    store.close()
    whole, truth = path.read_bytes(), everything(path, key)
    mended = 0
    for _ in range(FLIPS):
        flipped = bytearray(whole)
        flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(8)
        path.write_bytes(flipped)
        try:
            seen = everything(path, key)
        except WrongKeyError:
            Store.restore(path, key)  # in the salt, which every key hangs on: that is asked of the person
            seen = everything(path, key)
        except StoreError:
            seen = everything(path, key)  # it was met while it was read
        assert seen == truth
        if path.read_bytes() == flipped:
            assert broken_seals(path, key) == 1
            continue
        mended += 1
        (kept,) = path.with_name("damaged").iterdir()
        assert kept.read_bytes() == flipped
        kept.unlink()
    assert mended
    with capsys.disabled():
        sys.stdout.write(f"\n{FLIPS} flipped bytes: {mended} met and mended, the others in pages no answer needed\n")


@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.999])
def test_a_truncated_store_is_mended_and_kept(store: Store, path: Path, key: bytes, part: float):
    store.append(visits(2_000)).result(WAIT_S)
    store.close()
    truth = everything(path, key)
    cut = path.read_bytes()[: int(path.stat().st_size * part)]
    path.write_bytes(cut)
    assert everything(path, key) == truth
    (kept,) = path.with_name("damaged").iterdir()
    assert kept.read_bytes() == cut


@pytest.mark.parametrize("part", [0.0, 0.3])
def test_without_a_backup_a_truncated_store_is_reported_and_kept(store: Store, path: Path, key: bytes, part: float):
    store.append(visits(2_000)).result(WAIT_S)
    store.close()
    shutil.rmtree(path.with_name("backups"))
    cut = path.read_bytes()[: int(path.stat().st_size * part)]
    path.write_bytes(cut)
    with pytest.raises(DamagedError) as caught:
        Store.open(path, key)
    assert "backup of yours" in caught.value.remedy
    assert path.read_bytes() == cut


def test_a_plaintext_database_in_its_place_is_reported_and_kept(path: Path, key: bytes):
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE actions (id INTEGER)")
    plain.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="plaintext"):
        Store.open(path, key)
    assert path.read_bytes() == before


def test_an_encrypted_file_of_another_program_is_reported(path: Path, key: bytes):
    other = opening.create_file(path, key)
    other.execute("PRAGMA application_id = 1")
    other.close()
    with pytest.raises(StoreError, match="another program"):
        Store.open(path, key)


@pytest.mark.parametrize("at", [16, 100, 4_095])
def test_a_damaged_first_page_is_mended(store: Store, path: Path, key: bytes, at: int):
    store.append(visits(50)).result(WAIT_S)
    store.close()
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)
    mended = Store.open(path, key)
    assert mended.repaired is not None
    assert mended.repaired.lost == 0
    with mended.reader() as reader:
        assert reader.counts().actions == 50
    mended.close()


def test_a_damaged_first_page_is_reported_from_a_wrong_key(store: Store, path: Path, key: bytes):
    store.close()
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(WrongKeyError):
        Store.open(path, bytes(32))
    assert path.read_bytes() == content
    Store.open(path, key).close()
    with pytest.raises(WrongKeyError):
        Store.open(path, bytes(32))


def test_a_newer_file_is_refused_untouched(store: Store, path: Path, key: bytes):
    store.close()
    later = opening.open_writer(path, key)
    later.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    later.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        Store.open(path, key)
    assert path.read_bytes() == before


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path, key: bytes):
    def breaks(connection: opening.Connection) -> None:
        connection.execute("DROP TABLE audit")
        connection.execute("SELECT * FROM nowhere")

    connection = opening.create_file(path, key)
    migrations.migrate(connection, path, 1)
    with pytest.raises(Error):
        migrations.migrate(connection, path, 2, (*schema.MIGRATIONS, breaks))
    assert connection.execute("PRAGMA user_version").fetchone() == (len(schema.MIGRATIONS),)
    assert connection.execute("SELECT count(*) FROM audit").fetchone() == (0,)
    steps = [(number, step.__name__) for number, step in enumerate(schema.MIGRATIONS, 1)]
    assert connection.execute("SELECT version, name FROM migrations").fetchall() == steps
    connection.close()


def test_a_second_opener_is_reported(store: Store, path: Path, key: bytes):
    script = "import sys; from pathlib import Path; from app.store.store import Store;"
    script += "Store.open(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))"
    second = subprocess.run(
        [sys.executable, "-c", script, str(path), key.hex()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert second.returncode == 1
    assert "open already" in second.stderr
    assert store.append(visits(1)).result(WAIT_S).stored == 1


def test_no_byte_on_the_disk_shows_what_was_stored(path: Path, key: bytes):
    canary = f"canary{secrets.token_hex(8)}"
    store = Store.create(path, key)
    store.append(visits(3_000, text=canary)).result(WAIT_S)
    chat = store.new_chat(NOON_US).result(WAIT_S)
    assert chat == 1
    with store.reader() as reader:
        assert len(reader.search(canary)) == 50
        files = [file for file in path.parent.rglob("*") if file.is_file()]
        assert {file.suffix for file in files} >= {".db", ".db-wal"}
        assert not [file for file in files if canary.encode() in file.read_bytes()]
    store.close()
    files = [file for file in path.parent.rglob("*") if file.is_file()]
    assert not [file for file in files if canary.encode() in file.read_bytes()]

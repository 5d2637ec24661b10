"""What `doctor` asks of the records, and the whole copy that `backup` makes."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentassist.errors import NotFoundError, StoreDamagedError, StoreFullError, UsageError
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store import health, schema
from agentassist.store.backup import backup
from agentassist.store.driver import sqlite3
from agentassist.store.store import Store

if TYPE_CHECKING:
    from agentassist.protocols import Clock

DANA = Customer("cust-dana", "Dana")


@pytest.fixture
def conversation(store: Store) -> int:
    """A conversation with a little of everything."""
    number = store.transcript.start(DANA, "web")
    store.transcript.append(number, *(NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, f"word{n} dial") for n in range(30)))
    store.claims.handoff(number, "asked")
    store.claims.claim(number, "Ada")
    store.claims.close(number, "Ada", "solved", "")
    store.transcript.start(DANA, "web")
    return number


def unwell(path: Path) -> dict[str, health.Check]:
    """Return what is not well, by name."""
    return {check.name: check for check in health.check(path) if not check.ok}


def broken(path: Path, *statements: str) -> None:
    """Do what our code never does."""
    raw = sqlite3.connect(str(path), isolation_level=None)
    for statement in statements:
        raw.execute(statement)
    raw.close()


def test_healthy_records_are_well(conversation: int, path: Path) -> None:
    """Every check passes and says what it found."""
    checks = health.check(path)
    assert [check.name for check in checks if not check.ok] == []
    assert [check.name for check in checks] == [
        "sqlite", "file mode", "file system", "records", "tables", "settings", "integrity", "references", "full text",
        "state",
    ]  # fmt: skip
    assert "2 conversations, 33 entries, 1 customer" in next(c.detail for c in checks if c.name == "records")


def test_conversations_without_entries_are_counted_too(conversation: int, path: Path) -> None:
    """The number that was compared is the number that there is."""
    (state,) = [check for check in health.check(path) if check.name == "state"]
    assert state.detail == "2 conversations compared with what the entries say"


def test_the_shape_that_is_known_is_the_one_that_is_made(store: Store) -> None:
    """Otherwise every start would make the tables in memory to compare them."""
    assert schema._digest(schema._shape(store._connection._db)) == schema.SHAPE


def test_other_tables_under_our_version_are_found(conversation: int, store: Store, path: Path, clock: Clock) -> None:
    """Doctor names what a file of another build has otherwise; everything else refuses it at once, with a hint."""
    store.close()
    broken(
        path,
        "DROP TRIGGER entries_handoff",
        "CREATE TRIGGER entries_handoff AFTER INSERT ON entries WHEN NEW.event = 'handoff' BEGIN SELECT 1; END",
        "DROP INDEX follow_ups_conversation",
    )
    found = unwell(path)["tables"]
    assert found.detail == "index follow_ups_conversation is missing, trigger entries_handoff differs"
    assert "backup" in found.hint
    with pytest.raises(StoreDamagedError, match="entries_handoff differs") as caught:
        Store.open(path, clock)
    assert caught.value.hint == found.hint
    broken(path, "ALTER TABLE conversation_state RENAME COLUMN reason TO cause", "DROP TABLE seen")
    broken(path, "PRAGMA legacy_alter_table = ON", "ALTER TABLE customers RENAME TO people")
    assert {"records", "tables", "state"} <= set(unwell(path))


def test_what_somebody_added_is_no_fault(conversation: int, store: Store, path: Path, clock: Clock) -> None:
    """An index or a view for a report, and what ANALYZE keeps, leave the records usable; so does other white space."""
    broken(
        path,
        "CREATE INDEX report ON entries (at)",
        "CREATE VIEW talk AS SELECT * FROM entries",
        "ANALYZE",
        "DROP INDEX follow_ups_conversation",
        "CREATE INDEX   follow_ups_conversation\n ON follow_ups (conversation_id)",
    )
    assert unwell(path) == {}
    Store.open(path, clock).close()


def test_looking_makes_and_changes_nothing(conversation: int, store: Store, path: Path, tmp_path: Path) -> None:
    """No file is made where there is none, an empty one stays empty, and the records are not written."""
    version = store.version()
    health.check(path)
    assert store.version() == version
    missing = tmp_path / "none" / "agentassist.db"
    assert not unwell(missing)
    assert not missing.parent.exists()
    old = tmp_path / "old.db"
    old.touch(0o600)
    assert "version 0" in next(check.detail for check in health.check(old) if check.name == "records")
    assert old.stat().st_size == 0


def test_a_state_that_drifted_from_the_entries_is_found(conversation: int, store: Store, path: Path) -> None:
    """Whoever edits the projection is found out, conversations without entries included."""
    broken(path, f"UPDATE conversation_state SET agent = 'Bo' WHERE conversation_id = {conversation}")
    assert str(conversation) in unwell(path)["state"].detail
    broken(path, f"UPDATE conversation_state SET agent = 'Ada' WHERE conversation_id = {conversation}")
    assert unwell(path) == {}
    broken(path, "UPDATE conversation_state SET state = 'waiting' WHERE conversation_id = 2")
    assert "in 1 conversation: 2" in unwell(path)["state"].detail


def test_a_full_text_that_disagrees_is_found(conversation: int, store: Store, path: Path) -> None:
    """An entry changed behind the index is found, and what to do is said."""
    broken(path, "DROP TRIGGER entries_keep_update", "UPDATE entries SET text = 'other words' WHERE seq = 3")
    found = unwell(path)
    assert list(found) == ["tables", "full text"]
    assert "backup" in found["full text"].hint


def test_others_reading_rights_and_broken_references_are_found(conversation: int, store: Store, path: Path) -> None:
    """A file open to others, and rows that point nowhere."""
    path.chmod(0o644)
    broken(path, "PRAGMA foreign_keys = OFF", "DELETE FROM customers")
    found = unwell(path)
    assert list(found) == ["file mode", "references"]
    assert "chmod 600" in found["file mode"].hint


def test_what_cannot_be_opened_is_told_not_raised(tmp_path: Path, store: Store, path: Path) -> None:
    """A text file, another program's database, a newer version: each a check that failed with a hint."""
    text = tmp_path / "text.db"
    text.write_text("not a database at all, " * 50)
    text.chmod(0o600)
    assert unwell(text)["records"].hint
    store.close()
    broken(path, f"PRAGMA user_version = {schema.VERSION + 1}")
    assert "newer" in unwell(path)["records"].detail


def test_an_old_sqlite_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below 3.51.3 several writers can damage the file, and the line to type is there."""
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.40.1")
    assert "pip install" in unwell(path)["sqlite"].hint


def test_a_backup_is_whole_while_others_write(conversation: int, store: Store, path: Path, clock: Clock) -> None:
    """One file of mode 0600 with everything that was acknowledged, the log included, that opens as records."""
    target = path.parent / "copy.db"
    assert path.with_name("agentassist.db-wal").stat().st_size > 0
    size = backup(path, target)
    assert size == target.stat().st_size
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(file.name for file in path.parent.iterdir() if "copy" in file.name) == ["copy.db"]
    with Store.open(target, clock) as copy:
        assert copy.transcript.entries(conversation) == store.transcript.entries(conversation)
        assert copy.sessions.search("word7")
    assert unwell(target) == {}


def test_a_backup_replaces_nothing_unasked(conversation: int, path: Path, tmp_path: Path) -> None:
    """A file that is there stays, unless forced; the records themselves are never the target."""
    target = tmp_path / "copy.db"
    target.write_text("precious")
    with pytest.raises(UsageError, match="there already"):
        backup(path, target)
    assert target.read_text() == "precious"
    assert backup(path, target, force=True) > 4096
    with pytest.raises(UsageError, match="themselves"):
        backup(path, path, force=True)
    with pytest.raises(NotFoundError):
        backup(tmp_path / "none.db", tmp_path / "copy2.db")
    with pytest.raises(StoreFullError):
        backup(path, tmp_path / "no folder" / "copy.db")


def test_damaged_records_are_not_backed_up(conversation: int, store: Store, path: Path, tmp_path: Path) -> None:
    """A copy that is not healthy is not put in place, and no part of it is left."""
    broken(path, "DROP TRIGGER entries_keep_update", "UPDATE entries SET text = 'other words' WHERE seq = 3")
    with pytest.raises(StoreDamagedError):
        backup(path, tmp_path / "copy.db")
    assert [file.name for file in tmp_path.iterdir()] == ["records"]

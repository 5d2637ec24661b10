"""A file of an earlier version, with something in every table, becomes one of this version and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING, Any

import pytest
from sqlite_utils import Database

from agentassist.errors import StoreError
from agentassist.models import Outcome, State
from agentassist.store import contexts, crossing_tables, health, migrations, schema
from agentassist.store.driver import sqlite3
from agentassist.store.store import Store

if TYPE_CHECKING:
    from agentassist.protocols import Clock

AT = "2026-11-20T09:00:00.000000Z"
ROWS = f"""
INSERT INTO customers VALUES ('c1', 'Dana Reyes', 'd@example.org', 'Europe/Lisbon', 'en', '{{"plan":"home"}}');
INSERT INTO conversations VALUES (1, 'c1', 'web', '{AT}'), (5, 'c1', 'mail', '{AT}');
INSERT INTO entries VALUES (1, 1, 1, '{AT}', 'customer', '', 'message', 'dial wont pair', '{{}}', NULL, NULL);
INSERT INTO entries VALUES (2, 1, 2, '{AT}', 'system', '', 'event', 'asked', '{{"event":"handoff"}}', 'handoff', NULL);
INSERT INTO entries VALUES (3, 1, 3, '{AT}', 'agent', 'Ada', 'event', '', '{{"event":"claimed"}}', 'claimed', NULL);
INSERT INTO entries VALUES (4, 1, 4, '{AT}', 'agent', 'Ada', 'message', 'Hold it; 10 s', '{{}}', NULL, NULL);
INSERT INTO seen VALUES (1, 'Ada', 4);
INSERT INTO searches (id, conversation_id, seq, query, mode, degraded, hits, took_ms, at) VALUES
  (2, 1, 1, '[{{"text":"dial","weight":1.0,"source":"x"}}]', 'hybrid', '', 2, 3.5, '{AT}'),
  (3, 1, 1, '[]', 'keyword', 'keyword search only', 0, 1.5, '{AT}');
INSERT INTO suggestions
  (id, search_id, conversation_id, rank, article_id, title, url, passage, score, similarity, reason) VALUES
  (7, 2, 1, 1, 'reset', 'Reset', 'https://x/reset', 'about', 0.9, 0.5, 'words'),
  (8, 2, 1, 2, 'wifi', 'Wi-Fi', 'https://x/wifi', 'about', 0.4, NULL, 'words');
INSERT INTO suggestion_events VALUES (11, 7, 'shown', 'Ada', '', NULL, '{AT}');
INSERT INTO suggestion_events VALUES (12, 8, 'shown', 'Ada', '', NULL, '{AT}');
INSERT INTO suggestion_events VALUES (15, 7, 'sent', 'Ada', '', 4, '{AT}');
INSERT INTO suggestion_events VALUES (16, 8, 'thumbs_down', 'Ada', 'old', NULL, '{AT}');
INSERT INTO follow_ups VALUES (3, 1, 'c1', 'Ada', 'call', '2026-12-01T09:00:00.000000Z', 'Europe/Lisbon',
  '2026-12-01T09:00', 1, 4, '{AT}', NULL);
INSERT INTO drafts VALUES (1, 'Ada', 'Hello', 4, '{AT}');
"""
PRESENT = f"INSERT INTO presence VALUES ('desk-1', 'Ada', 1, 0, '{AT}');"
LEARNED = f"""
INSERT INTO contexts VALUES (2, 'model', x'00');
INSERT INTO session_vectors VALUES (1, 4, 'model', x'00', x'00', '{AT}');
INSERT INTO unlearned VALUES ('wifi', 11, '{AT}');
"""
VERSIONS = {
    1: ("m002_desks", ROWS),
    2: ("m003_learning", ROWS + PRESENT),
    3: ("m004_crossing", ROWS + PRESENT + LEARNED),
}
"""By version: the migration that it has not had yet, and a row or more in each of its tables."""


def tables(path: Path, version: int) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table of ours that a version has, in its columns of that version."""
    raw = sqlite3.connect(str(path), isolation_level=None)
    fresh = Database(sqlite3.connect(":memory:"))
    migrations.migrations.apply(fresh, stop_before=VERSIONS[version][0])
    found = {}
    for name in fresh.table_names():
        if not name.startswith(("_sqlite", "sqlite_", "entries_fts")):
            columns = ", ".join(fresh.table(name).columns_dict)
            found[name] = sorted(raw.execute(f"SELECT {columns} FROM {name}").fetchall(), key=repr)
    fresh.close()
    raw.close()
    return found


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> int:
    """Each version before this one."""
    return int(request.param)


@pytest.fixture
def earlier(path: Path, version: int) -> dict[str, list[tuple[Any, ...]]]:
    """A file as an earlier version made it, with something in every table; returns its rows."""
    path.parent.mkdir(mode=0o700)
    path.touch(0o600)
    raw = sqlite3.connect(str(path), isolation_level=None)
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA foreign_keys = ON")
    db = Database(raw)
    migrations.migrations.apply(db, stop_before=VERSIONS[version][0])
    raw.execute(f"PRAGMA user_version = {version}")
    raw.executescript(VERSIONS[version][1])
    db.close()
    rows = tables(path, version)
    assert all(rows.values()), "a table is empty, so nothing of it could be lost"
    return rows


def unwell(path: Path) -> list[health.Check]:
    """Return what is not well with the records."""
    return [check for check in health.check(path) if not check.ok]


def test_every_row_is_there_after_the_change_of_version(
    earlier: dict[str, list[tuple[Any, ...]]], version: int, path: Path, clock: Clock
) -> None:
    """Doctor says what will happen before; after the first use every row is as it was, and everything is well."""
    assert f"version {version}; the next use brings it to {schema.VERSION}" in {
        check.detail for check in health.check(path)
    }
    assert unwell(path) == []
    with Store.open(path, clock) as store:
        assert tables(path, version) == earlier
        conversation = store.queue.get(1, "Ada")
        assert (conversation.state, conversation.agent, conversation.unread) == (State.CLAIMED, "Ada", 0)
        first, second = store.suggestions.of(1)
        assert first.outcomes == (Outcome.SHOWN, Outcome.SENT)
        assert (second.outcomes, second.probability) == ((Outcome.SHOWN, Outcome.THUMBS_DOWN), None)
        assert [item.reason for item in store.suggestions.life(1)] == ["", "", "", "old"]
        assert [item.note for item in store.followups.list()] == ["call"]
        assert [found.entry.seq for found in store.sessions.search("pair dial")] == [1]
        assert store._connection.rows("PRAGMA user_version")[0][0] == schema.VERSION
    assert unwell(path) == []


def test_what_is_new_works_in_a_file_that_was_changed(
    earlier: dict[str, list[tuple[Any, ...]]], version: int, path: Path, clock: Clock
) -> None:
    """New outcomes are taken, wrong ones refused; what happened stays unchanged; shown is once; ids go on."""
    with Store.open(path, clock) as store:
        new = (Outcome.OPENED, Outcome.THUMBS_UP, Outcome.RESTORED, Outcome.EDITED)
        for outcome in new:
            store.suggestions.mark(7, outcome, "Ada")
        assert store.suggestions.of(1)[0].outcomes[2:] == new
        assert store._connection.rows("SELECT min(id) FROM suggestion_events WHERE outcome = 'opened'")[0][0] == 17
        for statement, why in (
            ("UPDATE suggestion_events SET reason = 'better'", "never changes"),
            ("INSERT INTO suggestion_events VALUES (NULL, 7, 'liked', 'Ada', '', NULL, '')", "CHECK"),
            ("INSERT INTO suggestion_events VALUES (NULL, 7, 'shown', 'Ada', '', NULL, '')", "UNIQUE"),
            ("INSERT INTO suggestion_events VALUES (NULL, 99, 'sent', 'Ada', '', NULL, '')", "FOREIGN KEY"),
        ):
            with pytest.raises(StoreError, match=why), store._connection.write() as write:
                write.run(statement)
        store.presence.say("desk", "Ada", 1, typing=True)
        assert len(store.presence.others("another")) == 1
        store.claims.lend(1, "Ada", "survey", [])
        assert (store.queue.get(1).state, store.queue.get(1).agent) == (State.DIGITAL, "Ada")
        assert [found.entry.seq for found in store.sessions.search("pair dial")] == [1]
        with pytest.raises(StoreError, match="no such event"), store._connection.write() as write:
            write.run("INSERT INTO entries VALUES (NULL, 1, 6, ?, 'bot', '', 'event', '', '{}', 'danced', NULL)", (AT,))


def test_a_change_that_fails_changes_nothing(
    earlier: dict[str, list[tuple[Any, ...]]], version: int, path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half-way through, the file is still of its version with every row, and the next use changes it."""
    monkeypatch.setattr(crossing_tables, "WEB", "ALTER TABLE nothing ADD COLUMN here TEXT;")
    with pytest.raises(StoreError):
        Store.open(path, clock)
    assert tables(path, version) == earlier
    raw = sqlite3.connect(str(path), isolation_level=None)
    assert raw.execute("PRAGMA user_version").fetchone()[0] == version
    assert raw.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'entries_known_event'").fetchone()[0] == 0
    raw.close()
    monkeypatch.undo()
    with Store.open(path, clock):
        assert tables(path, version) == earlier


OPENS = """
import sys
from pathlib import Path
from agentassist.clock import SystemClock
from agentassist.store.store import Store
sys.stdin.readline()
with Store.open(Path(sys.argv[1]), SystemClock()) as store:
    store.followups.done(3)
    print(len(store.suggestions.life(1)))
"""


def test_eight_processes_change_it_at_once(
    earlier: dict[str, list[tuple[Any, ...]]], version: int, path: Path, child: Callable[..., Popen[str]]
) -> None:
    """One of them does it, the others wait; none fails, and nothing is there twice."""
    several = [child(OPENS, path, number) for number in range(8)]
    for process in several:
        assert process.stdin is not None
        process.stdin.write("go\n")
    for process in several:
        try:
            out, err = process.communicate(timeout=300)
        finally:
            process.kill()
        assert (out, process.returncode) == ("4\n", 0), err
    after = tables(path, version)
    assert after.pop("follow_ups")[0][-1] is not None
    earlier.pop("follow_ups")
    assert after == earlier
    assert unwell(path) == []


@pytest.mark.parametrize(
    ("before", "digest"),
    [
        ("m002_desks", "0d04883591230dce6f8d7e17ab78c30e"),
        ("m003_learning", "3aa3a2b58d85b8cd460dec97494dc560"),
        ("m004_crossing", "0990a5c1357879d96c0f01502502f081"),
    ],
)
def test_a_version_stays_as_it_was_released(before: str, digest: str) -> None:
    """A released migration never changes: what it makes is known by its digest."""
    raw = sqlite3.connect(":memory:")
    migrations.migrations.apply(Database(raw), stop_before=before)
    assert schema._digest(schema._shape(raw)) == digest
    raw.close()


def test_what_is_forgotten_is_counted(path: Path, clock: Clock) -> None:
    """Whoever holds lessons sees that one went, by itself or with its search, and a vector's row cannot be empty."""
    with Store.open(path, clock) as store, store._connection.write() as write:
        for statement in ROWS.split(";\n"):
            write.run(statement)
        for number in (2, 3):
            contexts.put(write, number, "model", b"vector")
        write.run("INSERT INTO session_vectors VALUES (1, 4, 'model', x'00', x'00', '')")
        assert tuple(write.rows("SELECT * FROM forgetting")[0]) == (1, 0, 0)
        write.run("DELETE FROM contexts WHERE search_id = 2")
        write.run("DELETE FROM searches WHERE id = 3")
        write.run("DELETE FROM session_vectors")
        write.run("INSERT INTO unlearned VALUES ('reset', 9, '')")
        assert tuple(write.rows("SELECT * FROM forgetting")[0]) == (1, 3, 1)
        with pytest.raises(StoreError, match="CHECK"):
            contexts.put(write, 2, "model", b"")

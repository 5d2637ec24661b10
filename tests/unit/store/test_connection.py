"""Opening the file the one right way, and what happens when it cannot be written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING

import pytest
from sqlite_utils import Database

from agentassist.errors import StoreBusyError, StoreDamagedError, StoreError, StoreFullError
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store import filesystem, schema
from agentassist.store.connection import Connection
from agentassist.store.driver import sqlite3
from agentassist.store.migrations import migrations
from agentassist.store.store import Store

if TYPE_CHECKING:
    from agentassist.protocols import Clock

DANA = Customer("cust-dana", "Dana")


def said(text: str) -> NewEntry:
    """What a customer writes."""
    return NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text)


def raw(path: Path) -> sqlite3.Connection:
    """Open a file without any of our care."""
    return sqlite3.connect(str(path), isolation_level=None)


def test_the_file_is_its_owners_alone(store: Store, path: Path) -> None:
    """Records, log and shared memory have mode 0600 in a folder of mode 0700."""
    store.transcript.start(DANA, "web")
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {
        "agentassist.db": 0o600,
        "agentassist.db-wal": 0o600,
        "agentassist.db-shm": 0o600,
    }
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_every_setting_was_taken(store: Store) -> None:
    """WAL, FULL, foreign keys, secure delete, untrusted schema and the rest are read back as set."""
    found = {name: value for name, _, value in store._connection.pragmas()}
    assert found == {name: value for name, value, _ in store._connection.pragmas()}
    assert (found["journal_mode"], found["synchronous"], found["foreign_keys"]) == ("wal", 2, 1)
    assert (found["secure_delete"], found["trusted_schema"]) == (1, 0)
    assert store._connection.rows("PRAGMA busy_timeout")[0][0] == 10_000


def test_every_table_is_strict_and_foreign_keys_hold(store: Store) -> None:
    """Our tables refuse a value of the wrong kind, and a row that points nowhere."""
    tables = store._connection.rows(
        "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
        "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlite_%'"
    )
    assert {row["name"] for row in tables} == {
        "customers", "conversations", "entries", "conversation_state", "seen", "searches", "suggestions",
        "suggestion_events", "follow_ups", "drafts", "presence", "contexts", "session_vectors", "unlearned",
        "forgetting", "visitors", "page_sends", "article_links", "customer_presence", "outbox",
    }  # fmt: skip
    assert all(row["strict"] for row in tables)
    with pytest.raises(StoreError, match="FOREIGN KEY"), store._connection.write() as write:
        write.run("INSERT INTO conversations (customer_id, channel, started_at) VALUES ('nobody', 'web', '')")


def test_nothing_is_written_outside_the_write_helper(store: Store) -> None:
    """The one writing method refuses to run without the lock."""
    with pytest.raises(RuntimeError, match=r"Connection\.write"):
        store._connection.run("DELETE FROM drafts")


def test_any_exception_undoes_the_whole_write(store: Store) -> None:
    """An interrupt between two statements leaves neither."""

    def interrupted() -> None:
        with store._connection.write() as write:
            write.run("INSERT INTO customers VALUES ('x', 'X', '', '', '', '{}')")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not store._connection.raw.in_transaction
    assert store._connection.rows("SELECT * FROM customers") == []
    store.transcript.start(DANA, "web")


def test_opening_again_changes_nothing(store: Store, path: Path, clock: Clock) -> None:
    """The version number moves with others' writes, and only with them."""
    before = store.version()
    with Store.open(path, clock) as other:
        assert store.version() == before
        store.transcript.start(DANA, "web")
        assert store.version() == before
        other.transcript.start(DANA, "web")
    assert store.version() != before


def test_the_number_of_migrations_is_the_version(store: Store) -> None:
    """Who adds a migration has to raise the version."""
    database = Database(store._connection.raw)
    names = [migration.name for migration in migrations.applied(database)]
    assert len(names) == schema.VERSION == store._connection.rows("PRAGMA user_version")[0][0]
    assert migrations.pending(database) == []


def test_a_newer_file_is_left_alone(store: Store, path: Path, clock: Clock) -> None:
    """Records of a later version are refused with what to do, and not changed."""
    store.close()
    plain = raw(path)
    plain.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    plain.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer agentassist") as refused:
        Store.open(path, clock)
    assert "Update" in refused.value.hint
    assert path.read_bytes() == before


def test_another_programs_database_is_left_alone(tmp_path: Path, clock: Clock) -> None:
    """A file with foreign tables is refused and stays byte by byte as it was."""
    path = tmp_path / "other.db"
    other = raw(path)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreDamagedError, match="another program"):
        Store.open(path, clock)
    assert path.read_bytes() == before


def test_what_is_no_database_is_said_so(tmp_path: Path, clock: Clock) -> None:
    """A text file in its place is a damaged store, with a hint."""
    path = tmp_path / "agentassist.db"
    path.write_text("this is not a database, " * 100)
    with pytest.raises(StoreDamagedError) as damaged:
        Store.open(path, clock)
    assert "backup" in damaged.value.hint


def test_an_overwritten_page_is_a_damaged_store(store: Store, path: Path, clock: Clock) -> None:
    """Damage inside is told as damage, not as a crash."""
    conversation = store.transcript.start(DANA, "web")
    store.transcript.append(conversation, *(said("x" * 500) for _ in range(50)))
    store.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    with pytest.raises(StoreDamagedError), Store.open(path, clock) as opened:
        opened.transcript.entries(conversation)


def test_a_too_old_sqlite_is_refused_with_the_line_to_type(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than failing somewhere in the middle; nothing is made."""
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.40.1")
    with pytest.raises(StoreError, match="too old") as refused:
        Store.open(path, clock)
    assert "pip install" in refused.value.hint
    assert not path.exists()


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ("/dev/sda / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0", "nfs4"),
        ("/dev/sda / ext4 rw 0 0\n//s/share /home/ada cifs rw 0 0\ntmpfs /home/ada/My\\040Files tmpfs rw 0 0", "tmpfs"),
        ("server:/ / nfs rw 0 0\n/dev/sda /home ext4 rw 0 0", "ext4"),
        ("server:/home /home nfs rw 0 0\n/dev/sda /home ext4 rw 0 0", "ext4"),
        ("a b", ""),
    ],
)
def test_the_file_system_is_the_one_mounted_nearest(mounts: str, kind: str) -> None:
    """The longest mount point counts, the last one at the same place, spaces in names included."""
    assert filesystem.kind_of(Path("/home/ada/My Files/records/agentassist.db"), mounts) == kind


@pytest.mark.skipif(not Path("/proc/mounts").exists(), reason="only Linux lists its mounts there")
def test_a_network_file_system_is_refused(tmp_path: Path) -> None:
    """Several writers over a network damage a WAL database, so it does not even start."""
    mounts = tmp_path / "mounts"
    mounts.write_text("server:/ / nfs4 rw 0 0\n")
    with pytest.raises(StoreError, match="network file system"):
        filesystem.refuse_network(tmp_path / "agentassist.db", mounts)
    mounts.write_text("/dev/sda / ext4 rw 0 0\n")
    filesystem.refuse_network(tmp_path / "agentassist.db", mounts)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, clock: Clock) -> None:
    """Where no folder can be made, the error says so and what to do."""
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(StoreFullError, match="cannot be made") as refused:
        Store.open(blocker / "agentassist.db", clock)
    assert "AGENTASSIST_HOME" in refused.value.hint


LOCKED = """
import sys
from sqlite_utils.utils import sqlite3
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
held.execute("ROLLBACK")
print("free", flush=True)
sys.stdin.readline()
"""


def test_a_lock_held_by_another_process_ends_in_a_clear_error(
    store: Store, path: Path, clock: Clock, child: Callable[..., Popen[str]]
) -> None:
    """Reading goes on, a write waits its time and says busy, nothing is kept, and afterwards all is well."""
    conversation = store.transcript.start(DANA, "web")
    other = child(LOCKED, path)
    assert other.stdin is not None
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with Store.open(path, clock, busy_seconds=0.1) as hasty:
        with pytest.raises(StoreBusyError, match="another process"):
            hasty.transcript.append(conversation, said("lost?"))
        assert not hasty._connection.raw.in_transaction
        assert hasty.queue.get(conversation).last_seq == 0
        other.stdin.write("\n")
        assert other.stdout.readline() == "free\n"
        (entry,) = hasty.transcript.append(conversation, said("kept"))
    assert store.transcript.entries(conversation) == (entry,)


READ_ONLY = """
import os, sys
from pathlib import Path
from agentassist.clock import SystemClock
from agentassist.errors import StoreFullError
from agentassist.store.store import Store
# Once as it is: what is loaded on the first use may lie where only root can read.
Store.open(Path(sys.argv[2]), SystemClock()).close()
if os.getuid() == 0:
    os.setuid(65534)
for name in ("agentassist.db", "new.db"):
    try:
        Store.open(Path(sys.argv[1]) / name, SystemClock())
    except StoreFullError as error:
        print("told", bool(error.hint), flush=True)
"""


def test_a_read_only_folder_is_told(tmp_path: Path, child: Callable[..., Popen[str]]) -> None:
    """Neither opening nor making records in it ends in anything but a clear error, for root's children too."""
    import shutil
    import tempfile

    # Not below tmp_path: its parents are closed to the user that root becomes here.
    folder = Path(tempfile.mkdtemp(prefix="agentassist-test-"))
    try:
        Connection.open(folder / "agentassist.db").close()
        (folder / "agentassist.db").chmod(0o444)
        folder.chmod(0o555)
        out, err = child(READ_ONLY, folder, tmp_path / "first.db").communicate(timeout=300)
        assert (out, err) == ("told True\ntold True\n", "")
    finally:
        folder.chmod(0o700)
        shutil.rmtree(folder)


FULL = """
import os, resource, sys
from pathlib import Path
from agentassist.clock import SystemClock
from agentassist.errors import StoreFullError
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.store.store import Store

for limit in (20_000, 60_000, 150_000, 260_000, 300_000, 500_000, 1_000_000, 1_200_000):
    path = Path(sys.argv[1]) / f"{limit}.db"
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        continue
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        store = Store.open(path, SystemClock())
        conversation = store.transcript.start(Customer("c", "C"), "web")
        while True:
            (entry,) = store.transcript.append(
                conversation, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "disk " * 200)
            )
            print(limit, entry.seq, flush=True)
            assert not store._connection.raw.in_transaction
    except StoreFullError as error:
        print(limit, "full", flush=True)
    os._exit(0)
"""


def test_on_a_full_disk_what_was_acknowledged_is_there_and_the_rest_is_told(
    tmp_path: Path, clock: Clock, child: Callable[..., Popen[str]]
) -> None:
    """At whatever step the disk is full, from the first page on: a clear error, and nothing acknowledged is lost."""
    out, err = child(FULL, tmp_path).communicate(timeout=300)
    assert err == ""
    acknowledged: dict[int, int] = {}
    ended = []
    for line in out.splitlines():
        limit, word = line.split()
        if word == "full":
            ended.append(int(limit))
        else:
            acknowledged[int(limit)] = int(word)
    assert len(ended) == 8, out
    assert len(acknowledged) >= 4
    for size, last in acknowledged.items():
        with Store.open(tmp_path / f"{size}.db", clock) as store:
            assert [entry.seq for entry in store.transcript.entries(1)] == list(range(1, last + 1))
            assert store._connection.rows("PRAGMA integrity_check")[0][0] == "ok"
            store.transcript.append(1, said("room again"))

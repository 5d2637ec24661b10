"""What opening existing records may cost."""

import subprocess
import sys
from pathlib import Path

from agentassist.clock import SystemClock
from agentassist.store.store import Store

OPEN = """
import sys
from pathlib import Path
from agentassist.clock import SystemClock
from agentassist.store.changes import Changes
from agentassist.store.store import Store
with Store.open(Path(sys.argv[1]), SystemClock()) as store, Changes.open(Path(sys.argv[1])):
    store.queue.waiting("Ada")
print(*sorted({"sqlite_utils", "numpy", "email", "yaml"} & set(sys.modules)))
"""


def test_existing_records_are_read_without_what_only_a_migration_needs(tmp_path: Path) -> None:
    """The desk's first picture waits for the queue, and sqlite-utils takes as long to import as all the rest."""
    path = tmp_path / "agentassist.db"
    Store.open(path, SystemClock()).close()
    done = subprocess.run([sys.executable, "-c", OPEN, str(path)], check=True, capture_output=True, text=True)
    assert done.stdout.split() == []

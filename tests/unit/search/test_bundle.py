"""Publishing: whole or not at all, readable by others meanwhile, and anywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agentassist.errors import IndexMissingError, SearchError
from agentassist.models import Query
from agentassist.protocols import Clock, Encoder
from agentassist.search import bundle, lexical, lock
from agentassist.search.index import Index

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 22)


def test_nothing_published(tmp_path: Path) -> None:
    """No index yet is told as that, with the line to type."""
    for folder in (tmp_path / "index", tmp_path):
        with pytest.raises(IndexMissingError, match="no index") as caught:
            bundle.find(folder)
        assert "agentassist kb index" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"gone-1\n", IndexMissingError),
        (b"", SearchError),
        (b"../../etc\n", SearchError),
        (b"\xff\xfe", SearchError),
        (b"a b\n", SearchError),
    ],
)
def test_a_damaged_pointer_never_leads_elsewhere(
    tmp_path: Path, publish: Callable[..., Any], article: Callable[..., Any], content: bytes, kind: type[SearchError]
) -> None:
    """A pointer to a missing bundle, to nothing, or out of the folder is an error with a hint."""
    publish(tmp_path, [article("a", "words")])
    (tmp_path / "current").write_bytes(content)
    with pytest.raises(kind) as caught:
        Index.open(tmp_path)
    assert "kb index" in caught.value.hint


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": 99}', '{"format": 1}', "null", '{"format": 1, "files": 3}'])
def test_a_damaged_manifest_is_a_search_error(
    tmp_path: Path, publish: Callable[..., Any], article: Callable[..., Any], damage: str
) -> None:
    """What is no manifest, or one of another version, is told."""
    made = publish(tmp_path, [article("a", "words")])
    (made.folder / bundle.MANIFEST).write_text(damage, encoding="utf-8")
    with pytest.raises(SearchError, match="damaged"):
        bundle.find(tmp_path)


def test_a_manifest_survives(tmp_path: Path, publish: Callable[..., Any], article: Callable[..., Any]) -> None:
    """What is written is what is read, and its hashes are those of the files."""
    made = publish(tmp_path, [article("a", "words")])
    found = bundle.find(tmp_path)
    assert found == made
    assert found.verify() == ()
    (made.folder / "vectors.i8").write_bytes(b"x")
    (made.folder / "vectors.f16").unlink()
    assert len(found.verify()) == 2


def test_the_bundle_before_stays_and_older_ones_go(
    tmp_path: Path, publish: Callable[..., Any], article: Callable[..., Any]
) -> None:
    """A reader that is about to open the bundle before finds it; leftovers of crashed builds go."""
    (tmp_path / "bundles" / ".building-crashed").mkdir(parents=True)
    for name in ("b1", "b2", "b3"):
        publish(tmp_path, [article("a", "words")], name)
    assert sorted(path.name for path in (tmp_path / "bundles").iterdir()) == ["b2", "b3"]
    assert Index.published(tmp_path) == "b3"


def test_a_failed_publish_leaves_the_index_as_it_was(
    tmp_path: Path, publish: Callable[..., Any], article: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the last step fails, the bundle before is the published one, and nothing half made is left."""
    publish(tmp_path, [article("a", "words")], "b1")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        publish(tmp_path, [article("b", "others")], "b2")
    monkeypatch.undo()
    assert Index.published(tmp_path) == "b1"
    assert [path.name for path in (tmp_path / "bundles").iterdir()] == ["b1"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundles", "current"]


def test_readers_never_see_half_an_index(
    tmp_path: Path, publish: Callable[..., Any], article: Callable[..., Any], encoder: Encoder
) -> None:
    """While bundles are published, a reader that opens again and again always finds a whole one, newer or as new."""
    stop = threading.Event()
    trouble: list[BaseException] = []
    seen: list[int] = []

    def read() -> None:
        try:
            while not stop.is_set():
                index = Index.open(tmp_path, encoder)
                number = int(index.manifest.name[1:])
                hits = index.search(Query.typed("words"), limit=50, today=TODAY).hits
                assert len(hits) == number
                seen.append(number)
                index.close()
        except BaseException as error:  # noqa: BLE001 — handed to the test's own thread
            trouble.append(error)

    publish(tmp_path, [article("a0", "words 0")], "b1")
    reader = threading.Thread(target=read)
    reader.start()
    number = 1
    # On a busy machine the reader may not have had a turn yet after the twenty that are enough otherwise.
    while number < 21 or (len(set(seen)) < 2 and not trouble and number < 50):
        number += 1
        publish(tmp_path, [article(f"a{at}", f"words {at}") for at in range(number)], f"b{number}")
    stop.set()
    reader.join()
    assert not trouble
    assert seen == sorted(seen)
    assert len(set(seen)) > 1


def test_an_open_index_goes_on_after_its_bundle_is_removed(
    tmp_path: Path, publish: Callable[..., Any], article: Callable[..., Any], encoder: Encoder
) -> None:
    """A desk that has the index open keeps answering from it, whatever is published or deleted meanwhile."""
    publish(tmp_path, [article("a", "words")], "b1")
    index = Index.open(tmp_path, encoder)
    assert index.search(Query.typed("words"), today=TODAY).hits
    shutil.rmtree(tmp_path / "bundles")
    assert index.search(Query.typed("words"), today=TODAY).hits


def test_a_copy_works_elsewhere(
    tmp_path: Path, publish: Callable[..., Any], article: Callable[..., Any], encoder: Encoder
) -> None:
    """The folder can be copied to another place, and names no place of the first machine."""
    made = publish(tmp_path / "here", [article("a", "words")])
    for file in [made.folder / bundle.MANIFEST, tmp_path / "here" / "current"]:
        assert str(tmp_path) not in file.read_text(encoding="utf-8")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    shutil.rmtree(tmp_path / "here")
    assert Index.open(tmp_path / "there", encoder).search(Query.typed("words"), today=TODAY).hits


def test_a_read_only_copy_works(
    tmp_path: Path, publish: Callable[..., Any], article: Callable[..., Any], encoder: Encoder
) -> None:
    """Reading writes nothing, not even beside the database."""
    made = publish(tmp_path, [article("a", "words")])
    before = sorted(path.name for path in made.folder.iterdir())
    made.folder.chmod(0o500)
    try:
        assert Index.open(tmp_path, encoder).search(Query.typed("words"), today=TODAY).hits
        assert sorted(path.name for path in made.folder.iterdir()) == before
    finally:
        made.folder.chmod(0o700)


def test_a_second_builder_is_told_who_builds(tmp_path: Path, clock: Clock) -> None:
    """One builds, the other reads by whom; when the first is killed, the lock is free at once."""
    program = (
        "import sys; from pathlib import Path\n"
        "from agentassist.clock import SystemClock; from agentassist.search import lock\n"
        "with lock.building(Path(sys.argv[1]), SystemClock()):\n print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(SearchError, match=f"process {holder.pid}"), lock.building(tmp_path, clock):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with lock.building(tmp_path, clock):
        pass


def test_the_encoder_files_are_the_same_on_disk(tmp_path: Path) -> None:
    """A big file that never changes is not stored twice where the disk can share it."""
    (tmp_path / "a").write_bytes(b"big")
    bundle.place(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"big"
    assert (tmp_path / "a").samefile(tmp_path / "b")


def test_a_database_of_another_size_is_not_opened(
    tmp_path: Path, publish: Callable[..., Any], article: Callable[..., Any]
) -> None:
    """A cut database is found out before it is used."""
    made = publish(tmp_path, [article("a", "words")])
    file = made.folder / lexical.FILE
    file.write_bytes(file.read_bytes()[:-4096])
    with pytest.raises(SearchError, match="not the file that was built"):
        Index.open(tmp_path)

"""The places that the desk works in change under it: the window, the folder of the records, the index."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.search.build import build
from agentassist.store.store import Store

HEAVY = "AGENTASSIST_HEAVY" in os.environ
"""AGENTASSIST_HEAVY=1 python -m pytest tests/survival tests/safety: what takes minutes, too."""
STORM_SECONDS = 30.0 if HEAVY else 1.5
"""How long the window changes its size, on a machine that keeps pace."""


def test_a_storm_of_sizes(writing: Any, records: Any) -> None:
    """Two hundred sizes a second, from one cell to 300×100: it goes on, and is laid out as before afterwards."""
    desk, number = writing()
    desk.send("what is being written")
    desk.shows("what is being written")
    desk.until(lambda: records.draft(number), "the draft")
    desk.settle()
    before = desk.text
    chance = random.Random(3)
    began = monotonic()
    for count in range(1, round(STORM_SECONDS * 200) + 1):
        size = chance.choice([(1, 1), (300, 100), (chance.randint(1, 300), chance.randint(1, 100))])
        desk.resize(*size)
        due = began + count / 200
        while monotonic() < due:
            desk.read(due - monotonic())
    desk.resize(120, 36)
    desk.send("!")
    desk.shows("what is being written!")
    desk.until(lambda: _still(desk) == _still_text(before.replace("written ", "written!")), "the layout of before")
    desk.send("\x7f")
    for size in ((1, 1), (20, 5), (60, 15), (300, 100)):
        desk.resize(*size)
        desk.settle(0.15, 1)
        assert desk.process.poll() is None
    desk.resize(120, 36)
    desk.until(lambda: _still(desk) == _still_text(before), "the layout of before")


def _still(desk: Any) -> str:
    return _still_text(desk.text)


def _still_text(text: str) -> str:
    """Return a screen without what changes with the time."""
    import re

    return re.sub(r"\b\d+:\d\d\b", "#:##", text)


def command() -> list[str]:
    """Return the command of a desk for which the rights of folders hold, as they do not for root."""
    desk = [sys.executable, "-P", "-c", "from agentassist.__main__ import main; main()", "--agent", "Ada"]
    if os.getuid() != 0:
        return desk
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and setpriv is not here to give that up")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", *desk]


def queue(desk: Any) -> str:
    """Return what the panel of the queue says, on one line."""
    return " ".join(" ".join(line[:29] for line in desk.lines).split())


def test_a_folder_that_cannot_be_written(tmp_path: Path, open_terminal: Callable[..., Any]) -> None:
    """The desk opens, says in the queue that the records cannot be written, and goes on by itself when they can."""
    home = tmp_path / "home"
    Store.open(home / "agentassist.db", SystemClock()).close()
    home.chmod(0o500)
    try:
        desk = open_terminal(home=home, command=command())
        desk.until(lambda: "cannot be written" in queue(desk), "why the records cannot be read")
        assert "cannot read the queue" in queue(desk)
    finally:
        home.chmod(0o700)
    desk.shows("Nobody waits")
    desk.until(lambda: "cannot read the queue" not in desk.text, "the end of the warning")
    desk.send("\x11")
    assert desk.ended() == 0


def test_a_folder_that_cannot_be_made(tmp_path: Path, open_terminal: Callable[..., Any]) -> None:
    """It is the same where there is nothing yet."""
    tmp_path.chmod(0o500)
    try:
        desk = open_terminal(home=tmp_path / "home", command=command())
        desk.until(lambda: "cannot be made" in queue(desk), "why there are no records")
    finally:
        tmp_path.chmod(0o700)
    desk.shows("Nobody waits")
    desk.send("\x11")
    assert desk.ended() == 0


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index by keyword of the sample knowledge base."""
    home = paths.under(tmp_path_factory.mktemp("built"))
    build(
        paths.sample_kb(),
        home.index,
        home.cache,
        progress=lambda _: None,
        clock=SystemClock(),
        no_vectors="for speed",
    )
    return home.index


def test_an_index_that_goes_and_comes_back(records: Any, open_desk: Any, built: Path) -> None:
    """Deleted, half copied, garbage: the panel says so, nothing else stops, and it is used again when it is back."""
    index = records.home / "index"
    shutil.copytree(built, index)
    number = records.arrive("Dana Reyes", "how do i get a new code to pair the dial")
    desk = open_desk()
    desk.send("n")
    desk.shows("Write a reply")
    desk.shows("pairing")
    for break_it in (_deleted, _cut, _without_manifest, _garbage)[: 4 if HEAVY else 2]:
        break_it(index)
        # The words say nothing of deleting or cutting: the knowledge base has an article on deleting data.
        records.say(number, f"my dial still does not pair, {len(break_it.__name__)} times now")
        desk.shows("no suggestions")
        desk.send("x")
        desk.until(lambda: records.draft(number).endswith("x"), "the draft")
        shutil.rmtree(index, ignore_errors=True)
        shutil.copytree(built, index)
        desk.until(lambda: "no suggestions" not in desk.text, f"the index after {break_it.__name__}")
        desk.shows("pairing")
        desk.send("\x7f")
    assert desk.process.poll() is None


def _bundle(index: Path) -> Path:
    return next(file.parent for file in index.rglob("manifest.json"))


def _deleted(index: Path) -> None:
    shutil.rmtree(index)


def _without_manifest(index: Path) -> None:
    (_bundle(index) / "manifest.json").unlink()


def _cut(index: Path) -> None:
    for file in _bundle(index).iterdir():
        os.truncate(file, file.stat().st_size // 2)


def _garbage(index: Path) -> None:
    for file in _bundle(index).iterdir():
        file.write_bytes(random.Random(1).randbytes(5_000))


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.skipif(not HEAVY, reason="AGENTASSIST_HEAVY=1 builds an index by meaning first")
def test_an_encoder_that_breaks(records: Any, open_desk: Any) -> None:
    """Without its encoder the desk searches by keyword and says why; with it again, by meaning."""
    subprocess.run(
        [sys.executable, "-m", "agentassist", "kb", "index"], env=home_of(records), capture_output=True, check=True
    )
    bundle = _bundle(records.home / "index")
    number = records.arrive("Dana Reyes", "how do i get a new code to pair the dial")
    desk = open_desk(size=(160, 36))
    desk.send("n")
    desk.shows("search: by meaning")
    for name in ("encoder.onnx", "vectors.f16", "vectors.i8"):
        kept = records.home / "kept"
        shutil.copy(bundle / name, kept)
        os.truncate(bundle / name, (bundle / name).stat().st_size // 2)
        records.say(number, f"and now {name}")
        desk.shows("keyword search only")
        desk.shows("pairing")
        shutil.copy(kept, bundle / name)
        desk.shows("search: by meaning")
        desk.shows("pairing")
    assert desk.process.poll() is None


def home_of(records: Any) -> dict[str, str]:
    """Return the variables with which a command works in the home of the records."""
    return {**os.environ, "AGENTASSIST_HOME": str(records.home), "HF_HUB_OFFLINE": "1"}

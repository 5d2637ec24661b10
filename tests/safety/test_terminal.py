"""The real process in a terminal: strangers' words cause no kind of sequence that harmless words do not cause, too."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from agentassist import paths
from agentassist.clock import SystemClock
from agentassist.models import Author, Customer, EntryKind, NewEntry
from agentassist.search.build import build
from agentassist.store.store import Store

BENIGN = (
    "my dial will not pair", "Olá, 世界", "thanks 👍", "it says [error 5]", "see https://help.example/a", "a\nb",
)  # fmt: skip


def stock(home: Path, texts: Sequence[str]) -> list[int]:
    """Fill records in which these strings stand wherever strangers can put them; return the conversations."""
    numbers = []
    with Store.open(home / "agentassist.db", SystemClock()) as store:
        for index, text in enumerate(texts):
            customer = Customer(f"c{index}", f"{index:02} {text}", text[:60], text[:40], text[:20], {text[:30]: text})
            number = store.transcript.start(customer, text[:40] or "web")
            store.transcript.append(
                number,
                NewEntry(Author.CUSTOMER, EntryKind.CHOICE, text or "-", data={"node": "n", "question": text}),
                NewEntry(Author.BOT, EntryKind.MESSAGE, text or "-", text[:80]),
                NewEntry(Author.BOT, EntryKind.ARTICLE, text, text[:80], {"article": "x", "title": text, "url": text}),
            )
            store.claims.handoff(number, text)
            store.transcript.append(number, NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, text or "-"))
            store.presence.say(f"d{index}", text or "-", number, typing=True)
            numbers.append(number)
        for text, number in zip(texts[:6], numbers, strict=False):
            store.claims.claim(number, "Ada")
            due = SystemClock().now() + timedelta(seconds=4)
            store.followups.add(
                number, store.queue.get(number).customer.id, "Ada", text, due, "UTC", "2026-11-20T14:00"
            )
        store.claims.release(numbers[0], "Ada")
        for number in numbers[-3:]:
            store.claims.claim(number, texts[number % len(texts)] or "Bo")
    return numbers


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index by keyword."""
    home = paths.under(tmp_path_factory.mktemp("built"))
    build(
        paths.sample_kb(), home.index, home.cache, progress=lambda _: None, clock=SystemClock(), no_vectors="for speed"
    )
    return home.index


def visit(desks: Sequence[Any]) -> None:
    """Visit every panel and list of some desks, with the same keys whatever the words are."""
    escape = "\x1b"
    for desk in desks:
        desk.send("n")
        desk.shows("Write a reply")
        desk.send(escape)
        desk.settle(0.3, 3)
        for _ in range(20):  # up to an entry that has words
            desk.send("y")
            desk.settle(0.1, 3)
            if b"\x1b]52;" in desk.raw:
                break
            desk.send("\x1b[A")
    for keys in (
        "b", "\r", escape, "q", escape, "s", escape, escape,
        "f", escape, "g", escape, "o", "\x1b[B\r", escape, escape, "e", escape, escape,  # dialogs and lists
        "t", escape, "w", escape, "?", escape, "\x10pal", escape, escape,
        "\x1bOQ", "/x", escape, "\x1b[B\x1b[B ", "\x17", escape, "\x1bOQ", "\x1b[H ", "\x1b[F ",  # the queue
        "\x1b[200~pasted \x1b[201~", "/dial", "\r", "\r", escape, escape,
        "\x1b[<0;60;10M\x1b[<0;60;10m", "\x1b[<64;60;10M", "\x1b[<65;60;10M",  # click and wheel
    ):  # fmt: skip
        for desk in desks:
            desk.send(keys)
        for desk in desks:
            desk.settle(0.05, 2)
    for desk in desks:
        desk.until(lambda desk=desk: b"\x1b]9;" in desk.raw, "the notification of what is due")


def test_no_other_kind_of_sequence(open_terminal: Any, tmp_path: Path, index: Path, hostile: list[str]) -> None:
    """The same keys on harmless and on hostile records: the same kinds of sequences, to the last one."""
    desks = []
    for name, texts in (("benign", (BENIGN * 4)[: len(hostile)]), ("hostile", hostile)):
        stock(tmp_path / name, texts)
        shutil.copytree(index, tmp_path / name / "index")
        desks.append(open_terminal("--agent", "Ada", home=tmp_path / name, size=(140, 40)))
    for desk in desks:
        desk.shows("WAITING")
    visit(desks)
    for desk in desks:
        assert desk.process.poll() is None, desk.text
        desk.send("\x1b\x1b")
        desk.settle(0.1)
        desk.send("\x11")
        desk.ended()
        assert desk.stream.modes == {"7", "25"}
    benign, strange = desks[0].stream.kinds, desks[1].stream.kinds
    assert strange == benign
    assert {"CSI ?h", "CSI m", "OSC 9", "OSC 52"} <= benign
    assert not {kind for kind in benign if kind.startswith(("C1", "DCS", "APC", "PM", "SOS", "ESC"))}


# A real terminal


class Tmux:
    """A terminal that obeys what is printed on it: clipboard on, titles on."""

    def __init__(self, socket: Path) -> None:
        self._socket = str(socket)

    def __call__(self, *command: str, check: bool = True) -> str:
        """Run a command of tmux."""
        # Once this process has used readline, its size of a terminal is in the environment behind Python's back.
        names = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "TMUX")}
        line = ["tmux", "-S", self._socket, "-f", "/dev/null", *command]
        done = subprocess.run(line, env=names, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    @property
    def text(self) -> str:
        """The screen."""
        return self("capture-pane", "-p")

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait for something."""
        end = monotonic() + 60
        while not holds():
            if monotonic() > end:
                pytest.fail(f"never came: {what}\n{self.text}")
            sleep(0.05)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A server of its own, ended at the end."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    made = Tmux(tmp_path / "tmux")
    try:
        made("new-session", "-d", "-x", "140", "-y", "40", "cat")
        made("set-option", "-s", "set-clipboard", "on")
        made("set-option", "-g", "allow-rename", "on")
        yield made
    finally:
        made("kill-server", check=False)


def test_a_real_terminal_obeys_nothing(tmux: Tmux, tmp_path: Path, hostile: list[str]) -> None:
    """In tmux with its clipboard on: no buffer, the same title, and no key typed by the terminal's own answers."""
    home = tmp_path / "home"
    stock(home, hostile)
    with Store.open(home / "agentassist.db", SystemClock()) as store:
        before = [store.transcript.entries(number) for number in range(1, len(hostile) + 1)]
        opened = tmp_path / "opened"
        desk = shlex.join(
            [sys.executable, "-P", "-c", "from agentassist.__main__ import main; main()", "--agent", "Ada"]
        )
        environment = {
            "AGENTASSIST_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2]), "HF_HUB_OFFLINE": "1",
            "BROWSER": f"touch {opened} %s",
        }  # fmt: skip
        names = [word for name, value in environment.items() for word in ("-e", f"{name}={value}")]
        tmux("respawn-pane", "-k", *names, "sh", "-c", f"{desk}; exec cat")
        tmux.until(lambda: "WAITING" in tmux.text, "the desk")
        title, window = _title(tmux), tmux("display-message", "-p", "#{window_name}")
        tmux("send-keys", "Home")
        for _ in range(len(hostile) + 1):  # look at each; looking leaves no trace
            tmux("send-keys", "Space")
            tmux("send-keys", "F2", "Down")
            sleep(0.12)
        for keys in (["F3", "Home", "b"], ["Enter"], ["Escape"], ["o"], ["Down", "Enter"], ["Escape"], ["Escape"],
                     ["g"], ["Escape"], ["?"], ["Escape"], ["F10"], ["Escape"], ["C-p"], ["Escape"]):  # fmt: skip
            tmux("send-keys", *keys)
            sleep(0.2)
        tmux.until(lambda: "WAITING" in tmux.text, "the desk again")
        assert tmux("list-buffers") == ""
        assert (_title(tmux), tmux("display-message", "-p", "#{window_name}")) == (title, window)
        assert not opened.exists()
        assert [store.transcript.entries(number) for number in range(1, len(hostile) + 1)] == before
        tmux("send-keys", "C-q")  # alone: a slow desk reads an Escape before it as Alt
        modes = "#{alternate_on} #{mouse_any_flag} #{cursor_flag} #{pane_current_command}"
        tmux.until(lambda: tmux("display-message", "-p", modes) == "0 0 1 cat\n", "a terminal as it was")


def _title(tmux: Tmux) -> str:
    return tmux("display-message", "-p", "#{pane_title}")


# Without a picture


def printable(data: bytes) -> bool:
    """Say whether nothing but text and line ends was written, and the backspaces and blanks of an edited line."""
    text = data.decode("utf-8")
    bad = {
        *range(0x20),
        0x7F,
        *range(0x80, 0xA0),
        0x061C,
        0x200E,
        0x200F,
        *range(0x2028, 0x202F),
        *range(0x2066, 0x206A),
    }
    return not any(ord(char) in bad - {0x08, 0x0A, 0x0D} for char in text)


def test_plain_lines(open_terminal: Any, tmp_path: Path, hostile: list[str]) -> None:
    """The plain desk at a terminal: not one escape byte, whatever customers have written."""
    home = tmp_path / "home"
    numbers = stock(home, hostile)
    desk = open_terminal("--plain", "--agent", "Ada", home=home, size=(200, 50))
    desk.until(lambda: b"> " in desk.raw, "the prompt")
    lines = ["queue", *(f"open {number}" for number in numbers), "claim", "customer", "earlier", "recent", "followups"]
    for line in [*lines, "suggestions", "why 1", "snippets", "help", "nonsense", "follow x", "\x1b[A\x1b]0;x\x07"]:
        desk.send(f"{line}\n")
        desk.settle(0.05, 3)
    desk.send("quit\n")
    desk.ended()
    assert printable(desk.raw.replace(b"\x07", b"")), desk.stream.kinds
    assert not desk.stream.modes


def test_plain_lines_in_a_pipe(tmp_path: Path, hostile: list[str]) -> None:
    """The same in a pipe."""
    home = tmp_path / "home"
    numbers = stock(home, hostile)
    lines = [*(f"open {number}" for number in numbers), "queue", "followups", "quit"]
    done = subprocess.run(
        [sys.executable, "-m", "agentassist", "--plain", "--agent", "Ada"],
        input="\n".join(lines).encode(),
        env={**os.environ, "AGENTASSIST_HOME": str(home), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        check=True,
    )
    assert printable(done.stdout)
    assert printable(done.stderr)
    assert done.stdout.count(b"\n") > len(hostile)

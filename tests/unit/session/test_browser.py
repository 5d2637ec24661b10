"""Opening links: only web addresses, only in a window, never over ssh."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from agentassist.session import browser
from agentassist.session.browser import open_link, openable, opener


def script(folder: Path, body: str) -> dict[str, str]:
    """Put an xdg-open into a folder; return an environment with a window system that finds it."""
    file = folder / "xdg-open"
    file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    file.chmod(0o755)
    return {"PATH": str(folder), "DISPLAY": ":0"}


@pytest.mark.parametrize("link", ["https://help.example/a?t=192#x", "http://a.b/c%20d", "https://例え.jp/x"])
def test_web_addresses_are_opened(tmp_path: Path, link: str) -> None:
    """The link reaches the opener as one argument, unchanged."""
    environment = script(tmp_path, f'printf "%s" "$#:$1" > {tmp_path}/said')
    assert open_link(link, environment)
    assert (tmp_path / "said").read_text(encoding="utf-8") == f"1:{link}"


@pytest.mark.parametrize(
    "link",
    [
        "", "help.example", "file:///etc/passwd", "javascript:alert(1)", "mailto:a@b.c", "-h", "--help https://a.b",
        "https://", "https:///x", "https://a.b/\x1b]0;x\x07", "https://a.b/ c", "https://a.b/\u202ex", "https://[::1",
        "HTTPS-X://a.b", "ftp://a.b", "https://a.b/" + "x" * 9_000, "https://a.b/\ud800",
    ],
)  # fmt: skip
def test_nothing_else_is(tmp_path: Path, link: str) -> None:
    """Another scheme, an option, a control character or no host opens nothing."""
    environment = script(tmp_path, f"touch {tmp_path}/said")
    assert not openable(link)
    assert not open_link(link, environment)
    assert not (tmp_path / "said").exists()


@pytest.mark.parametrize("change", [{"SSH_CONNECTION": "1.2.3.4 5 6 7"}, {"SSH_TTY": "/dev/pts/1"}, {"DISPLAY": ""}])
def test_where_the_window_would_be_elsewhere_nothing_is_opened(tmp_path: Path, change: dict[str, str]) -> None:
    """Over ssh and without a window system there is no opener."""
    assert opener(script(tmp_path, "exit 0") | change, "linux") == ()


def test_other_machines(tmp_path: Path) -> None:
    """A Mac and a Linux inside Windows have openers of their own; without any there is none."""
    for name in ("open", "wslview"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    here = {"PATH": str(tmp_path)}
    assert opener(here, "darwin") == (f"{tmp_path}/open",)
    assert opener(here | {"WSL_DISTRO_NAME": "Debian"}, "linux") == (f"{tmp_path}/wslview",)
    assert opener(here | {"DISPLAY": ":0"}, "linux") == ()


def test_an_opener_that_fails_is_told(tmp_path: Path) -> None:
    """An exit code, and a program that cannot be started, mean that nothing was opened."""
    assert not open_link("https://a.b", script(tmp_path, "exit 3"))
    environment = script(tmp_path, "")
    (tmp_path / "xdg-open").write_bytes(b"\x7fELF nonsense")
    assert not open_link("https://a.b", environment)


def test_an_opener_that_stays_shows_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some openers end with the browser: they are not waited for longer than a moment."""
    monkeypatch.setattr(browser, "PATIENCE_SECONDS", 0.05)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert open_link("https://a.b", script(tmp_path, f"read line < {fifo}"))
    fifo.write_text("done\n")
    for thread in threading.enumerate():
        if thread.name == "browser":
            thread.join(10)
            assert not thread.is_alive()

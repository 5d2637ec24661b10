"""Opens a link in the browser of the machine that the agent sits at, when there is one.

Where there is none `webbrowser` starts a browser for the terminal, in the desk's own. So only what opens a window is
started here, with its output out of the way, and never over ssh, where the window would be on another machine than the
person.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE_SECONDS = 3.0
"""How long an opener may take to say that it failed; one that still runs then shows the page."""
LONGEST_LINK = 8_000


def openable(link: str) -> bool:
    """Say whether a link is a web address, and nothing that a browser could take for something else."""
    if not link.isprintable() or " " in link or len(link) > LONGEST_LINK:
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def opener(environment: Mapping[str, str], platform: str = sys.platform) -> tuple[str, ...]:
    """Return the command that shows a link in a window of this machine, without the link; none over ssh.

    Args:
        environment: the process's.
        platform: as `sys.platform` names it.
    """
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        return ()
    if platform == "darwin":
        names = ["open"]
    elif environment.get("WSL_DISTRO_NAME"):
        names = ["wslview"]
    elif environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        names = ["xdg-open", "gnome-open", "kde-open"]
    else:
        names = []
    found = (shutil.which(name, path=environment.get("PATH")) for name in names)
    return next(((path,) for path in found if path), ())


def open_link(link: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Show a link in the browser; waits up to `PATIENCE_SECONDS`, so call it on a thread of its own.

    Args:
        link: only a web address is opened.
        environment: the process's.

    Returns:
        Whether a browser took it; False over ssh, without a window system, and for anything but a web address.
    """
    command = opener(environment)
    if not command or not openable(link):
        return False
    try:
        started = subprocess.Popen(  # noqa: S603 — a web address, as one argument, to the system's own opener
            [*command, link],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return started.wait(PATIENCE_SECONDS) == 0
    except subprocess.TimeoutExpired:
        # Some openers end with the browser: whoever started one has to take note of its end.
        threading.Thread(target=started.wait, name="browser", daemon=True).start()
        return True

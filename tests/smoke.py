"""Runs the installed program's main command in a terminal, as a newcomer would: `python smoke.py PATH/TO/agentassist`.

Only the standard library: it runs beside an installed wheel, not beside a checkout.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

DEADLINE = 300.0
"""Seconds for the whole run; an index by meaning is built in it."""

ESCAPE = re.compile(
    rb"\x1b(?:\[[0-9;?<>=]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[()#][0-9A-Za-z]|.)"
)


class Terminal:
    """A program in a pseudo-terminal, and everything that it has printed."""

    def __init__(self, line: list[str], home: Path) -> None:
        self.started = time.monotonic()
        self.seen = b""
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", AGENTASSIST_HOME=str(home), COLORTERM="truecolor")
            os.execv(line[0], line)
        fcntl.ioctl(self.handle, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))

    def wait_for(self, words: str) -> None:
        """Read until `words` were printed, escape sequences left out."""
        while words.encode() not in ESCAPE.sub(b"", self.seen):
            left = DEADLINE - (time.monotonic() - self.started)
            if left <= 0 or not self._read(left):
                tail = ESCAPE.sub(b" ", self.seen)[-3000:].decode(errors="replace")
                os.kill(self.pid, signal.SIGKILL)
                sys.exit(f"never saw {words!r}; the end of what was printed:\n{tail}")
        print(f"  saw {words!r} after {time.monotonic() - self.started:.1f} s")

    def press(self, keys: str) -> None:
        """Type, and forget what was printed before."""
        self.seen = b""
        os.write(self.handle, keys.encode())

    def exit_code(self) -> int:
        """Read to the end and return how it ended."""
        while self._read(30):
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self, seconds: float) -> bool:
        if not select.select([self.handle], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.handle, 65536)
        except OSError:  # what Linux answers when the other side has ended
            return False
        self.seen += data
        return bool(data)


def main() -> None:
    """Check help, the demo from its start to its end, and that it cleaned up."""
    program = sys.argv[1]
    subprocess.run([program, "--help"], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory() as folder:
        desk = Terminal([program, "demo"], Path(folder))
        desk.wait_for("Dana Reyes")
        desk.press("\r")
        desk.wait_for("Before you")
        desk.wait_for("pairing code")
        time.sleep(1.0)  # a suggestion that has only just come is not sent: somebody may have meant another
        desk.press("\x1b1")
        desk.wait_for("hearthwell.example")
        desk.press("\x11")
        code = desk.exit_code()
        environment = {**os.environ, "AGENTASSIST_HOME": folder}
        line = [program, "demo", "--plain"]
        plain = subprocess.run(line, check=True, input="queue\nquit\n", capture_output=True, text=True, env=environment)
        left = sorted(path.name for path in Path(folder).iterdir())
    if code != 0:
        sys.exit(f"the demo ended with {code}")
    if "Queue:" not in plain.stdout or "\x1b" in plain.stdout:
        sys.exit(f"the plain desk said:\n{plain.stdout}")
    print(f"  ended with 0; left behind: {', '.join(left) or 'nothing'}")
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()

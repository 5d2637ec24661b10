"""Reads the files of a knowledge base: bounded, inside its folder, and only text."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentassist.errors import NotFoundError
from agentassist.kb.problems import BrokenFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 1_000_000
"""The longest file that is read: more than any article or caption file, and a bound on the work for a hostile one."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """What was read.

    Attributes:
        text: without a byte order mark; lines end with a single newline character.
        digest: SHA-256 (hex) of the bytes.
    """

    text: str
    digest: str


def read(path: Path) -> TextFile:
    """Read a text file.

    Raises:
        BrokenFileError: it cannot be read, is not a regular file, is too long, is not UTF-8 or holds a NUL.
    """
    try:
        mode = path.stat().st_mode
        # A pipe or a device would block for ever or never end.
        if not stat.S_ISREG(mode):
            raise BrokenFileError("this is not a regular file", "Put a copy of the file here.")
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BrokenFileError(f"cannot be read: {reason}", "Check that it exists and its permissions.") from error
    if len(raw) > MAX_BYTES:
        raise BrokenFileError(f"is longer than {MAX_BYTES:,} bytes", "Split it into several articles.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BrokenFileError(
            f"byte 0x{raw[error.start]:02X} is not UTF-8", "Save the file as UTF-8.", line=line
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BrokenFileError("holds a NUL character, so it is not text", "Save the file as UTF-8.", line=line)
    return TextFile(text.replace("\r\n", "\n").replace("\r", "\n"), hashlib.sha256(raw).hexdigest())


def root_of(folder: Path) -> Path:
    """Return the folder's real place.

    Raises:
        NotFoundError: there is no such folder.
    """
    try:
        root = folder.expanduser().resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise NotFoundError(f"no such folder: {folder}", "Give the folder of a knowledge base.") from error
    if not root.is_dir():
        raise NotFoundError(f"not a folder: {folder}", "Give the folder of a knowledge base.")
    return root


def walk(root: Path) -> Iterator[str]:
    """Yield the relative paths (with `/`) of all files below `root`, sorted; hidden ones are passed over."""
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        relative = Path(place).relative_to(root)
        for name in sorted(names):
            if not name.startswith("."):
                yield (relative / name).as_posix()


def inside(root: Path, path: Path) -> Path:
    """Return the real place of `path`, which must be inside `root`.

    Raises:
        BrokenFileError: it leads out of `root`, by `..`, by an absolute path or by a link.
    """
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise BrokenFileError("its path cannot be followed", "Use a plain relative path.") from error
    if not real.is_relative_to(root):
        raise BrokenFileError("leads out of the knowledge base", "Put a copy of the file inside the folder.")
    return real


def printable(path: str) -> str:
    """Return a file's name as text that can be encoded, whatever bytes it is made of."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")

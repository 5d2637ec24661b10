"""Looks at everything a desk rests on, and says of each part what to do when it is not well."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agentassist import __version__, config, paths
from agentassist.errors import AgentAssistError, IndexMissingError, SearchError
from agentassist.kb import library
from agentassist.search import bundle
from agentassist.search.build import kb_digest
from agentassist.search.encoder import OnnxEncoder
from agentassist.store import health
from agentassist.store.health import Check
from agentassist.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentassist.paths import Paths

LIBRARIES = ("textual", "rich", "sqlite-utils", "onnxruntime", "tokenizers", "numpy", "numkong")
"""The libraries whose versions a report about a fault has to name."""

SMALLEST = (60, 20)
"""Columns and lines below which the desk is hard to use."""


def examine(places: Paths) -> Iterator[Check]:
    """Yield one check after the other, the cheap ones first. Changes nothing."""
    yield _versions()
    yield _terminal()
    yield from _configuration(places)
    yield from _records(places)
    yield from _index(places)


def _versions() -> Check:
    libraries = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    here = f"agentassist {__version__}, Python {platform.python_version()}"
    return Check("versions", True, f"{here}, {libraries}")


def _terminal() -> Check:
    columns, lines = shutil.get_terminal_size()
    encoding = (sys.stdout.encoding or "").lower()
    kind = os.environ.get("TERM", "")
    detail = f"{kind or 'TERM is not set'}, {columns}×{lines}, {encoding or 'no encoding'}"
    if encoding.replace("-", "") != "utf8":
        return Check("terminal", False, detail, "Set a UTF-8 locale, such as LANG=C.UTF-8.")
    if kind in {"", "dumb"} and sys.stdout.isatty():
        return Check("terminal", False, detail, "Set TERM to what your terminal is, such as xterm-256color.")
    if columns < SMALLEST[0] or lines < SMALLEST[1]:
        return Check("terminal", False, detail, f"Make the window at least {SMALLEST[0]}×{SMALLEST[1]}.")
    return Check("terminal", True, detail)


def _configuration(places: Paths) -> Iterator[Check]:
    there = places.config_file.exists()
    try:
        config.load(places.config_file)
    except AgentAssistError as error:
        yield Check("configuration", False, error.message, error.hint)
    else:
        yield Check("configuration", True, str(places.config_file) + ("" if there else " (not there: defaults)"))


def _records(places: Paths) -> Iterator[Check]:
    yield from health.check(places.database)


def _index(places: Paths) -> Iterator[Check]:
    extra = importlib.util.find_spec("sentence_transformers") is not None
    yield Check("build extra", True, "installed" if extra else "not installed: only needed where an index is built")
    try:
        found = bundle.find(places.index)
    except IndexMissingError as error:
        yield Check("index", False, f"{error.message} ({places.index})", error.hint)
        return
    except SearchError as error:
        yield Check("index", False, error.message, error.hint)
        return
    manifest = found.manifest
    size = f"{counted(manifest.articles, 'article')}, {counted(manifest.passages, 'passage')}"
    counts = f"{size}, built {manifest.built_at}"
    wrong = found.verify()
    yield Check("index", not wrong, "; ".join(wrong) or counts, "Build it again: agentassist kb index" if wrong else "")
    yield _against_kb(places, found)
    yield _encoder(found)


def _against_kb(places: Paths, found: bundle.Bundle) -> Check:
    try:
        configured = config.load(places.config_file).kb.folder
        folder = Path(configured).expanduser() if configured else paths.sample_kb()
        now = kb_digest(library.load(folder).articles)
    except AgentAssistError as error:
        return Check("index against kb", False, error.message, error.hint)
    if now != found.manifest.kb_digest:
        detail = f"the index was built from another knowledge base than {folder}, or that has changed since"
        hint = (
            f"To index {folder}, type: agentassist kb index. To keep the index of another folder, "
            f"set kb.folder to that folder in {places.config_file}."
        )
        return Check("index against kb", False, detail, hint)
    return Check("index against kb", True, f"up to date with {folder}")


def _encoder(found: bundle.Bundle) -> Check:
    if found.manifest.keyword_only:
        return Check(
            "encoder",
            False,
            f"keyword search only: {found.manifest.keyword_only}",
            "Install the [build] extra where the index is built, then: agentassist kb index",
        )
    try:
        encoder = OnnxEncoder.load(found.folder, hashes=found.encoder_hashes())
        encoder.encode(["Does it answer?"])
    except SearchError as error:
        return Check("encoder", False, error.message, error.hint)
    return Check("encoder", True, f"{found.manifest.model}, {encoder.dimension} numbers a vector")

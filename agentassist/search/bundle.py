"""An index bundle: a folder that is complete before anybody can see it, named by a pointer file that is swapped whole.

    index/
      current                 one line: the name of the published bundle
      build.lock              held by the one builder
      bundles/<name>/         manifest.json, passages.db, postings.bin, sequences.bin, articles.*, vectors.*,
                              encoder.onnx, encoder.onnx.data, tokenizer.json, encoder.json

Nothing in a bundle names a place, so the folder can be copied to other machines.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from agentassist.errors import IndexMissingError, SearchError
from agentassist.paths import ensure
from agentassist.search import encoder as encoders
from agentassist.search import lexical

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORMAT = 4
"""2 added the postings and the columns, 3 the postings of whole articles, 4 the sequences."""
_EARLIER = (1, 2, 3)
POINTER, BUNDLES, MANIFEST = "current", "bundles", "manifest.json"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,99}")
_MISSING_HINT = "Build it: agentassist kb index"
_DAMAGED_HINT = "Build it again: agentassist kb index"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was left out of the index, and why."""

    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class FileFact:
    """What a file of a bundle must be."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself.

    Attributes:
        name: the bundle's folder.
        built_at: as `clock.to_stored` writes it.
        model: name of the model; empty when keyword_only.
        dimension: numbers in a vector; 0 when keyword_only.
        kb_digest: SHA-256 (hex) over the digests of all articles in it.
        left_out: articles that are not published, so not in it.
        keyword_only: why it has no vectors; empty when it has.
        embedded: passages that were embedded for this build.
        reused: passages whose vectors were known from earlier builds.
        seconds: how long the build took.
        files: size and hash by file name.
    """

    format: int
    name: str
    built_at: str
    model: str
    model_hash: str
    dimension: int
    kb_digest: str
    articles: int
    passages: int
    left_out: int
    keyword_only: str
    embedded: int
    reused: int
    seconds: float
    skipped: tuple[Skipped, ...]
    files: dict[str, FileFact]

    def dump(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def parse(cls, text: str, *, earlier: bool = False) -> Manifest:
        """Read what `dump` wrote.

        Args:
            text: what was written.
            earlier: read that of an earlier format too; its encoder is as good as ever.

        Raises:
            ValueError: it is not that.
        """
        raw: Any = json.loads(text)
        try:
            if raw["format"] != FORMAT and not (earlier and raw["format"] in _EARLIER):
                raise ValueError(f"format {raw['format']}, this program reads {FORMAT}")
            skipped = tuple(Skipped(**item) for item in raw.pop("skipped"))
            files = {str(name): FileFact(int(fact["size"]), str(fact["sha256"])) for name, fact in raw["files"].items()}
            manifest = cls(**{**raw, "skipped": skipped, "files": files})
            counts = (manifest.articles, manifest.passages, manifest.dimension)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a manifest: {error!r}") from error
        if not all(type(count) is int and count >= 0 for count in counts):
            raise ValueError("counts are not numbers")
        return manifest


@dataclass(frozen=True, slots=True)
class Bundle:
    """A published bundle whose files are all there."""

    folder: Path
    manifest: Manifest

    @property
    def database(self) -> Path:
        """The passages."""
        return self.folder / lexical.FILE

    def encoder_hashes(self) -> dict[str, str]:
        """Return what the encoder's files must hash to."""
        return {name: self.manifest.files[name].sha256 for name in encoders.FILES if name in self.manifest.files}

    def verify(self) -> tuple[str, ...]:
        """Hash every file and return what is wrong with which; empty when all is well. Reads everything."""
        wrong = []
        for name, fact in self.manifest.files.items():
            try:
                if encoders.file_hash(self.folder / name) != fact.sha256:
                    wrong.append(f"{name} is not the file that was built")
            except OSError as error:
                wrong.append(f"{name}: {error.strerror}")
        return tuple(wrong)


def published(index: Path) -> str:
    """Return the name of the published bundle.

    Raises:
        IndexMissingError: none was published.
        SearchError: the pointer is damaged or cannot be read.
    """
    try:
        name = (index / POINTER).read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissingError("there is no index yet", _MISSING_HINT) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SearchError(f"the index cannot be read: {error}", _DAMAGED_HINT) from error
    if not _NAME.fullmatch(name):
        raise SearchError("the index's pointer file is damaged", _DAMAGED_HINT)
    return name


def state(index: Path) -> str:
    """Return what changes when another bundle is published, or a file of the published one is changed, gone or back.

    The files are mapped into memory, and to read from one that was cut short meanwhile ends the process: whoever has
    them open compares this first.

    Raises:
        IndexMissingError: none was published.
        SearchError: the pointer is damaged or cannot be read.
    """
    name = published(index)
    try:
        with os.scandir(index / BUNDLES / name) as files:
            facts = [
                (file.name, found.st_ino, found.st_size, found.st_mtime_ns) for file in files if (found := file.stat())
            ]
    except OSError:
        facts = []  # whoever opens it is told why
    return f"{name} {sorted(facts)}"


def find(index: Path, *, earlier: bool = False) -> Bundle:
    """Return the published bundle, its manifest read and the size of its database checked.

    Args:
        index: see `paths.Paths.index`.
        earlier: also one that an earlier version built, which cannot be searched.

    Raises:
        IndexMissingError: none was published, or its folder is gone.
        SearchError: it is damaged or of another version.
    """
    folder = index / BUNDLES / published(index)
    try:
        manifest = Manifest.parse((folder / MANIFEST).read_text(encoding="utf-8"), earlier=earlier)
        size = (folder / lexical.FILE).stat().st_size
    except FileNotFoundError as error:
        raise IndexMissingError(f"the index is not complete: {error.filename} is gone", _DAMAGED_HINT) from error
    except (OSError, ValueError) as error:
        raise SearchError(f"the index is damaged: {error}", _DAMAGED_HINT) from error
    # A missing or broken encoder or vector file leaves the words; whoever loads it finds out and says so.
    if lexical.FILE not in manifest.files or manifest.files[lexical.FILE].size != size:
        raise SearchError(f"the index is damaged: {lexical.FILE} is not the file that was built", _DAMAGED_HINT)
    return Bundle(folder, manifest)


@contextmanager
def begin(index: Path, name: str) -> Iterator[Path]:
    """Make the folder in which a bundle is put together; at the end it is gone, published or not. Needs the lock.

    Raises:
        OSError: it cannot be made.
    """
    bundles = ensure(index / BUNDLES)
    for left in bundles.glob(".building-*"):
        shutil.rmtree(left)
    folder = bundles / f".building-{name}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(index: Path, building: Path, manifest: Manifest) -> Bundle:
    """Make a bundle the published one, in one step that either happens or does not. Needs the lock.

    Raises:
        OSError: the disk is full or the folder cannot be written; the bundle before stays the published one.
    """
    (building / MANIFEST).write_text(manifest.dump(), encoding="utf-8")
    for file in building.iterdir():
        _sync(file)
    folder = index / BUNDLES / manifest.name
    building.rename(folder)
    _sync(folder.parent)
    before = _pointed(index)
    pointer = index / f".{POINTER}-{manifest.name}"
    try:
        pointer.write_text(f"{manifest.name}\n", encoding="ascii")
        _sync(pointer)
        os.replace(pointer, index / POINTER)  # noqa: PTH105 — the one call whose atomicity this rests on
    except OSError:
        pointer.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _sync(index)
    _remove_old(index / BUNDLES, keep={manifest.name, before})
    return Bundle(folder, manifest)


def facts(folder: Path) -> dict[str, FileFact]:
    """Return size and hash of every file in a folder.

    Raises:
        OSError: one cannot be read.
    """
    return {file.name: FileFact(file.stat().st_size, encoders.file_hash(file)) for file in sorted(folder.iterdir())}


def place(file: Path, target: Path) -> None:
    """Put a file that never changes again at `target` too: the same file where the disk can, else a copy.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    try:
        target.hardlink_to(file)
    except OSError:
        shutil.copyfile(file, target)


def _pointed(index: Path) -> str:
    """Return what the pointer says, whatever that is; empty when there is none."""
    try:
        return (index / POINTER).read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""


def _remove_old(bundles: Path, *, keep: set[str]) -> None:
    for folder in bundles.iterdir():
        if folder.name not in keep:
            # A bundle that cannot be removed now is only disk space, and goes with the next build.
            shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

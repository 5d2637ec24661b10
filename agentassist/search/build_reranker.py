"""Gives a bundle its re-ranker: the configured cross-encoder, exported in a process of its own and checked.

It is an extra: whatever is wrong with it, the index is published without, and the bundle says why.
"""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from agentassist.errors import EncoderError, MissingExtraError, SearchError
from agentassist.paths import ensure
from agentassist.search import build_model, build_reranker_export, bundle
from agentassist.search import encoder as encoders
from agentassist.search.reranker import DESCRIPTION_FILE, MODEL_FILES, CrossEncoder, Description

if TYPE_CHECKING:
    from collections.abc import Sequence

RERANKERS = "rerankers"
FILES = (*MODEL_FILES, DESCRIPTION_FILE)
TOLERANCE = 0.001
"""The most by which the score of an exported cross-encoder may differ from that of sentence-transformers, before the
activation: absolute, or as a share of a score above 1."""
_HASHES_FILE = "hashes.json"


def put(model: str, building: Path, index_folder: Path, cache_folder: Path, *, again: bool = False) -> None:
    """Put the re-ranker into a bundle that is being built, or the reason why there is none.

    Args:
        model: name or folder of a sentence-transformers CrossEncoder; empty puts nothing.
        building: the bundle's folder.
        index_folder: where the bundle before may have the same one, for when the [build] extra is not there.
        cache_folder: see `paths.Paths.cache`.
        again: export it even when it is in the cache.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    if not model:
        return
    try:
        folder = exported(model, index_folder, cache_folder, again=again)
    except SearchError as error:
        hint = f". {error.hint}" if isinstance(error, MissingExtraError) else ""
        told = Description(name_of(model), trouble=f"{error.message}{hint}")
        (building / DESCRIPTION_FILE).write_text(told.dump(), encoding="utf-8")
        return
    for name in FILES:
        bundle.place(folder / name, building / name)


def name_of(model: str) -> str:
    """Return what a configured re-ranker is called in bundles: never a place on this machine; empty for none."""
    here = Path(model).expanduser().is_absolute() or model.startswith((".", "~"))
    return Path(model).name if here else model and build_model.name_of(model)


def trouble(folder: Path) -> str:
    """Return why a bundle has no re-ranker although one was configured; empty when it has, or none was.

    Args:
        folder: the bundle's.
    """
    told = _described(folder)
    return told.trouble if told else ""


def trouble_of(index_folder: Path) -> str:
    """Return `trouble` of the published bundle.

    Raises:
        SearchError: the index is missing or damaged.
    """
    return trouble(bundle.find(index_folder).folder)


def configured(index_folder: Path) -> str:
    """Return the name of the re-ranker that was configured as the published bundle was built; empty for none.

    Raises:
        SearchError: the index is missing or damaged.
    """
    told = _described(bundle.find(index_folder).folder)
    return told.model if told else ""


def _described(folder: Path) -> Description | None:
    try:
        return Description.parse((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return Description("", trouble=f"it cannot be read: {error}")


def exported(model: str, index_folder: Path, cache_folder: Path, *, again: bool = False) -> Path:
    """Return the folder of an exported re-ranker: from the cache, else by exporting it.

    Raises:
        MissingExtraError: it is not in the cache or the published bundle, and the [build] extra is not installed.
        SearchError: there is no such model, or the cache cannot be written.
        EncoderError: the model cannot be exported, or the export does not give the same scores.
    """
    name = name_of(model)
    try:
        folder = _folder_of(model)
    except ImportError:
        known = _known_by_name(name, index_folder, cache_folder)
        if known is None:
            build_model.need_the_extra()
            raise
        return known
    build_model.refuse_pickles(folder)
    digest = build_model.model_hash(folder)
    target = cache_folder / RERANKERS / f"{digest[:24]}-{build_reranker_export.VERSION}"
    if not again and _sound(target):
        return target
    build_model.need_the_extra()
    return _export(folder, target, name, digest)


def _folder_of(model: str) -> Path:
    folder = Path(model).expanduser()
    if not folder.is_dir():
        if folder.is_absolute() or model.startswith((".", "~")):
            raise SearchError(f"there is no model folder {folder.name}", "Set search.reranker to another one.")
        folder = build_model.downloaded(model, "cross-encoder")
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise SearchError(f"{folder.name} holds no cross-encoder", "It must have a config.json.")
    return folder


def _known_by_name(name: str, index_folder: Path, cache_folder: Path) -> Path | None:
    folders: Sequence[Path] = sorted((cache_folder / RERANKERS).glob(f"*-{build_reranker_export.VERSION}"))
    for folder in folders:
        if _sound(folder) and _name(folder) == name:
            return folder
    try:
        published = bundle.find(index_folder)
        sound = all(
            encoders.file_hash(published.folder / file) == published.manifest.files[file].sha256 for file in FILES
        )
    except (SearchError, OSError, KeyError):
        return None
    return published.folder if sound and _name(published.folder) == name else None


def _name(folder: Path) -> str:
    told = _described(folder)
    return "" if told is None or told.trouble else told.model


def _sound(folder: Path) -> bool:
    """Say whether a cached re-ranker is there and is what it was."""
    try:
        hashes: dict[str, str] = json.loads((folder / _HASHES_FILE).read_text(encoding="utf-8"))
        return all(encoders.file_hash(folder / name) == hashes[name] for name in FILES)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _export(folder: Path, target: Path, name: str, digest: str) -> Path:
    building = target.parent / f".building-{secrets.token_hex(6)}"
    try:
        ensure(building)
        build_model.run_child(build_reranker_export.__name__, [str(folder), str(building), name, digest])
        check(building)
        hashes = {file: encoders.file_hash(building / file) for file in FILES}
        (building / _HASHES_FILE).write_text(json.dumps(hashes), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        building.rename(target)
    except OSError as error:
        raise SearchError(f"it cannot be written: {error}", f"Make room, or make {target.parent} writable.") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return target


def check(folder: Path) -> None:
    """Refuse an export that does not give the scores that sentence-transformers gave.

    Raises:
        EncoderError: it does not, or it cannot be loaded.
        OSError: a file cannot be read.
    """
    import numpy as np

    wanted = np.load(folder / build_reranker_export.PROBES_FILE, allow_pickle=False)
    model = CrossEncoder.load(folder)
    made = np.array([model.score(model.tokens(*pair)) for pair in build_reranker_export.PAIRS], dtype=np.float32)
    if made.shape != wanted.shape or not np.isfinite(wanted).all():
        raise EncoderError("it gave no usable scores")
    worst = float((np.abs(made - wanted) / np.maximum(1.0, np.abs(wanted))).max())
    if worst > TOLERANCE:
        raise EncoderError(f"the exported re-ranker disagrees with sentence-transformers by {worst:.4f}")
    (folder / build_reranker_export.PROBES_FILE).unlink()

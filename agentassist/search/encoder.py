"""Turns texts into vectors at query time: ONNX Runtime and tokenizers, never torch.

An exported encoder is a folder of four files: `encoder.onnx` (the whole sentence-transformers model: transformer,
pooling, normalisation), `encoder.onnx.data` (its weights, apart so that they are mapped into memory rather than read:
a session starts in a third of the time), `tokenizer.json` and `encoder.json` (see `Description`).
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from agentassist.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

ONNX_FILE, WEIGHTS_FILE = "encoder.onnx", "encoder.onnx.data"
TOKENIZER_FILE, DESCRIPTION_FILE = "tokenizer.json", "encoder.json"
FILES = (ONNX_FILE, WEIGHTS_FILE, TOKENIZER_FILE, DESCRIPTION_FILE)
REMEMBERED = 256
"""Texts whose vectors are kept: a desk asks again and again for what one conversation said."""
BATCH_TOKENS = 64
"""Tokens in a batch of more than one text, padding included; see `short_batches`."""
AT_ONCE = 2
"""Batches of a query that are run at once, each by one thread: a conversation that is opened has several new texts.
Unlike two threads for one text, they never wait for each other."""
_HINT = "Build the index again: agentassist kb index --rebuild"


@dataclass(frozen=True, slots=True)
class Description:
    """What is to be known of an exported encoder.

    Attributes:
        model: its name.
        model_hash: see `build_model.model_hash`.
        dimension: numbers in a vector.
        max_length: tokens of a text that count, special ones included.
        query_prompt: what the model wants put before a query; often empty.
        document_prompt: what the model wants put before a passage; often empty.
    """

    model: str
    model_hash: str
    dimension: int
    max_length: int
    query_prompt: str = ""
    document_prompt: str = ""

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
        if not isinstance(raw, dict):
            raise ValueError("not an object")  # noqa: TRY004 — one kind of error for "this is not our file"
        for item in fields(cls):
            kind = int if item.type == "int" else str
            if type(raw.get(item.name)) is not kind:
                raise ValueError(f"{item.name} is not {kind.__name__}")
        return cls(**{item.name: raw[item.name] for item in fields(cls)})


class OnnxEncoder:
    """An exported encoder, loaded. Safe to use from several threads."""

    def __init__(self, description: Description, session: Any, tokenizer: Any, prompt: str) -> None:
        self.description = description
        self._session = session
        self._tokenizer = tokenizer
        self._prompt = prompt
        self._inputs = tuple(item.name for item in session.get_inputs())
        self._remembered: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path, *, hashes: Mapping[str, str] | None = None, documents: bool = False) -> OnnxEncoder:
        """Load an exported encoder.

        Args:
            folder: where its files are.
            hashes: SHA-256 (hex) by file name that they must have; None trusts the folder.
            documents: put the model's prompt for passages before each text instead of the one for queries.

        Raises:
            EncoderError: a file is missing or not what it was, or the runtime refuses it.
        """
        check = Hashing(folder, hashes or {})
        try:
            description = Description.parse((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
            tokenizer = load_tokenizer(folder / TOKENIZER_FILE, description.max_length)
            session = load_session(folder / ONNX_FILE)
        except (OSError, ValueError, ImportError) as error:
            raise EncoderError(f"the query encoder cannot be loaded: {error}", _HINT) from error
        finally:
            wrong = check.join()
        if wrong:
            raise EncoderError(f"the query encoder is damaged: {wrong}", _HINT)
        prompt = description.document_prompt if documents else description.query_prompt
        return cls(description, session, tokenizer, prompt)

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        return self.description.dimension

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit-length row a text, shape (len(texts), dimension). The last texts asked for are remembered.

        Raises:
            EncoderError: the runtime refused.
        """
        import numpy as np

        with self._lock:
            rows = {text: self._remembered[text] for text in texts if text in self._remembered}
        new = [text for text in dict.fromkeys(texts) if text not in rows]
        if new:
            rows.update(zip(new, self.embed(new, at_once=AT_ONCE), strict=True))
        with self._lock:
            for text, row in rows.items():
                self._remembered[text] = row
                self._remembered.move_to_end(text)
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return np.stack([rows[text] for text in texts]) if texts else np.zeros((0, self.dimension), np.float32)

    def embed(self, texts: Sequence[str], *, at_once: int = 1) -> NDArray[np.float32]:
        """Return what `encode` does, and remember nothing.

        Args:
            texts: what to encode.
            at_once: batches that are run at once, each by a thread of its own.

        Raises:
            EncoderError: the runtime refused.
        """
        import numpy as np

        # A lone surrogate is no text that a tokenizer can take.
        whole = [(self._prompt + text).encode("utf-8", "replace").decode("utf-8") for text in texts]
        tokens: list[list[int]] = [item.ids for item in self._tokenizer.encode_batch(whole)]
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        batches = short_batches([len(ids) for ids in tokens])

        def run(batch: list[int]) -> None:
            rows[batch] = self._run([tokens[position] for position in batch])

        if at_once > 1 and len(batches) > 1:
            from concurrent.futures import ThreadPoolExecutor  # a single text does not pay for it

            with ThreadPoolExecutor(min(at_once, len(batches)), thread_name_prefix="encode") as pool:
                for _ in pool.map(run, reversed(batches)):  # the longest first: then all are done at about one time
                    pass
        else:
            for batch in batches:
                run(batch)
        return rows

    def _run(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        import numpy as np

        ids = np.zeros((len(tokens), max(map(len, tokens))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for position, some in enumerate(tokens):
            ids[position, : len(some)] = some
            mask[position, : len(some)] = 1
        # Padding may be any id: the mask takes it out again.
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        try:
            out = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
        except Exception as error:  # the runtime's exceptions have no common root of their own
            raise EncoderError(f"the query encoder failed: {error}", _HINT) from error
        if out.shape != (len(tokens), self.dimension) or not np.isfinite(out).all():
            raise EncoderError("the query encoder gave no usable vectors", _HINT)
        return np.asarray(out, dtype=np.float32)


def short_batches(lengths: Sequence[int]) -> list[list[int]]:
    """Return the positions of texts in batches that are run at once, texts of like length together.

    On a CPU a batch pays only while it is tiny: two texts of 11 tokens at once are 20 % faster than one by one, of 80
    tokens 2 %, and from 160 tokens on every batch is slower than none (one thread, all-MiniLM-L6-v2).

    Args:
        lengths: of each text, in tokens.
    """
    batches: list[list[int]] = []
    for position in sorted(range(len(lengths)), key=lambda position: lengths[position]):
        # In the order of length the newest is the longest, to which the others are padded.
        if batches and (len(batches[-1]) + 1) * lengths[position] <= BATCH_TOKENS:
            batches[-1].append(position)
        else:
            batches.append([position])
    return batches


def load_tokenizer(file: Path, max_length: int) -> Any:
    """Load a tokenizer that cuts what is longer than `max_length` tokens.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no tokenizer.
        ImportError: the tokenizers library cannot be loaded.
    """
    import tokenizers

    text = file.read_text(encoding="utf-8")
    try:
        tokenizer = tokenizers.Tokenizer.from_str(text)
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length)
    except Exception as error:  # tokenizers raises bare Exception for every fault in the file
        raise ValueError(f"{file.name}: {error}") from error
    return tokenizer


def load_session(file: Path) -> Any:
    """Load a model into the runtime, for one thread.

    Raises:
        ValueError: the runtime refuses the file.
        ImportError: the runtime cannot be loaded.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread: a second one halves the time on an idle machine and costs six times as much on a busy one.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    try:
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's exceptions have no common root of their own
        raise ValueError(f"{file.name}: {error}") from error


class Hashing:
    """Hashes files on a thread of its own while they are loaded: it costs no time on a second core."""

    def __init__(self, folder: Path, hashes: Mapping[str, str]) -> None:
        self._wrong: list[str] = []
        self._thread = threading.Thread(target=self._check, args=(folder, dict(hashes)), daemon=True)
        self._thread.start()

    def join(self) -> str:
        """Wait for the end and return what is wrong; empty when nothing is."""
        self._thread.join()
        return "; ".join(self._wrong)

    def _check(self, folder: Path, hashes: dict[str, str]) -> None:
        for name, wanted in hashes.items():
            try:
                if file_hash(folder / name) != wanted:
                    self._wrong.append(f"{name} is not the file that was built")
            except OSError as error:
                self._wrong.append(f"{name}: {error.strerror}")


def file_hash(file: Path) -> str:
    """Return the SHA-256 (hex) of a file.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

"""Exports a sentence-transformers model as ONNX. Run in a process of its own: `python -m … FOLDER TARGET NAME HASH`.

Only this process ever loads torch: it takes seconds and half a gigabyte, and stalls whatever shares the process.
Besides the encoder's files it writes what sentence-transformers itself makes of PROBES, for whoever checks the export.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from agentassist.search.encoder import DESCRIPTION_FILE, ONNX_FILE, TOKENIZER_FILE, Description

OPSET = 20
"""Fixed, so that the same model always gives the same file; every ONNX Runtime since 1.17 reads it."""
VERSION = 2
"""Part of the name of an exported encoder: counts the changes to what this module writes."""
PROBES_FILE = "probes.npz"

PROBES = (
    "x",
    " ",
    "?!",
    "help",
    "pairing code",
    "my order has not arrived yet",
    "How do I reset the pairing code on the thermostat?",
    "HELLO WORLD, WHY IS EVERYTHING IN CAPITALS",
    "E3 4711-0815 HW-1234567 <b>bold</b> {{customer.name}} [link](https://example.com)",
    "Wie setze ich das Gerät zurück? Größe, Übergabe, Maß.",
    "¿Dónde está mi pedido? Ça marche déjà, naïve café.",
    "暖房がつきません。どうすればいいですか。",
    "لا يعمل جهاز التدفئة منذ الصباح",
    "Отопление не включается с утра",
    "🔥🥶 it is 14° in here 😡😡",
    "e\u0301 combining, \u200bzero width, tab\there, line\nbreak",
    "a " * 40,
    "The valve on the radiator clicks twice and then stops. " * 6,
    "First take the batteries out, wait ten seconds and put them back. " * 14,
    "word " * 600,
    "unbrokenandverylong" * 60,
)
"""From a single character to far past any model's limit, in several scripts."""


def export(folder: str, target: Path, name: str, model_hash: str) -> None:
    """Write encoder, tokenizer, description and probe vectors of a model.

    Args:
        folder: of a sentence-transformers model.
        target: an existing folder to write to.
        name: of the model, to be shown.
        model_hash: see `build_model.model_hash`.
    """
    import numpy as np
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    model: Any = SentenceTransformer(
        folder,
        device="cpu",
        trust_remote_code=False,
        local_files_only=True,
        # Attention written out exports to plain operators that the runtime fuses again.
        model_kwargs={"use_safetensors": True, "attn_implementation": "eager"},
    ).eval()
    asked = {"normalize_embeddings": True, "show_progress_bar": False, "batch_size": 1}
    queries = model.encode_query(list(PROBES), **asked)
    documents = model.encode_document(list(PROBES), **asked)
    np.savez(target / PROBES_FILE, queries=queries, documents=documents)
    description = Description(
        model=name,
        model_hash=model_hash,
        dimension=int(queries.shape[1]),
        max_length=int(model.max_seq_length or model.tokenizer.model_max_length),
        query_prompt=_prompt(model, ("query",)),
        document_prompt=_prompt(model, ("document", "passage", "corpus")),
    )
    (target / DESCRIPTION_FILE).write_text(description.dump(), encoding="utf-8")
    model.tokenizer.backend_tokenizer.save(str(target / TOKENIZER_FILE))
    _write_onnx(model, target / ONNX_FILE)


def _prompt(model: Any, names: tuple[str, ...]) -> str:
    """Return the prompt that `encode_query` or `encode_document` takes: the first that there is, else the default."""
    found = next((name for name in names if name in model.prompts), model.default_prompt_name)
    return str(model.prompts.get(found) or "") if found else ""


def _write_onnx(model: Any, file: Path) -> None:
    """Export transformer, pooling and all other modules as one graph whose output has unit length."""
    import torch

    class Whole(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if token_type_ids is not None:
                features["token_type_ids"] = token_type_ids
            vectors = self.model(features)["sentence_embedding"]
            if self.model.truncate_dim:
                vectors = vectors[..., : self.model.truncate_dim]
            return torch.nn.functional.normalize(vectors, dim=-1)

    example = model.preprocess(["two texts", "of different lengths, so that one is padded"])
    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in example]
    batch, sequence = (
        torch.export.Dim("batch"),
        torch.export.Dim("sequence", min=2, max=int(model.max_seq_length or 512)),
    )
    with torch.no_grad():
        torch.onnx.export(
            Whole().eval(),
            tuple(example[name] for name in names),
            str(file),
            input_names=names,
            output_names=["vectors"],
            opset_version=OPSET,
            dynamo=True,
            external_data=True,
            dynamic_shapes=tuple({0: batch, 1: sequence} for _ in names),
            verbose=False,
        )


if __name__ == "__main__":
    export(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4])

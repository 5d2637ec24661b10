"""Exports a cross-encoder as ONNX. Run in a process of its own: `python -m … FOLDER TARGET NAME HASH`.

Only this process loads torch (see `build_export`). Besides the re-ranker's files it writes what sentence-transformers
itself makes of PAIRS, for whoever checks the export.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from agentassist.search.build_export import OPSET, PROBES
from agentassist.search.reranker import DESCRIPTION_FILE, ONNX_FILE, TOKENIZER_FILE, Description

VERSION = 1
"""Part of the name of an exported re-ranker: counts the changes to what this module writes."""
PROBES_FILE = "reranker-probes.npy"
PAIRS = tuple((PROBES[at], PROBES[(at * 5 + 3) % len(PROBES)]) for at in range(len(PROBES)))
"""Every probe once as a query and once as a passage: short with long, long with short, several scripts."""
_LONGEST = 512
"""Tokens that are read of a pair when the model does not say."""


def export(folder: str, target: Path, name: str, model_hash: str) -> None:
    """Write re-ranker, tokenizer, description and probe scores of a model.

    Args:
        folder: of a sentence-transformers CrossEncoder.
        target: an existing folder to write to.
        name: of the model, to be shown.
        model_hash: see `build_model.model_hash`.
    """
    import numpy as np
    import torch
    from sentence_transformers import CrossEncoder

    torch.set_num_threads(1)
    model: Any = CrossEncoder(
        folder,
        device="cpu",
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={"use_safetensors": True, "attn_implementation": "eager"},
    ).eval()
    if model.num_labels != 1:
        raise SystemExit(f"it gives {model.num_labels} scores for a passage, not one")
    length = min(int(model.max_seq_length or _LONGEST), int(model.tokenizer.model_max_length), 100_000)
    length = _LONGEST if length == 100_000 else length
    model.max_seq_length = length
    # Before the activation: sigmoid makes the best ones equal, and keeps the order anyway.
    scores = model.predict(
        [list(pair) for pair in PAIRS], activation_fn=torch.nn.Identity(), show_progress_bar=False, batch_size=1
    )
    np.save(target / PROBES_FILE, np.asarray(scores, dtype=np.float32), allow_pickle=False)
    (target / DESCRIPTION_FILE).write_text(Description(name, model_hash, length).dump(), encoding="utf-8")
    model.tokenizer.backend_tokenizer.save(str(target / TOKENIZER_FILE))
    _write_onnx(model, target / ONNX_FILE, length)


def _write_onnx(model: Any, file: Path, length: int) -> None:
    """Export all modules as one graph whose output is a score a pair, before the activation."""
    import torch

    class Whole(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if token_type_ids is not None:
                features["token_type_ids"] = token_type_ids
            return self.model(features)["scores"]

    example = model.preprocess(
        [["a query", "a passage"], ["another query", "and a longer passage, so that one is padded"]]
    )
    names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in example]
    batch, sequence = torch.export.Dim("batch"), torch.export.Dim("sequence", min=2, max=length)
    with torch.no_grad():
        torch.onnx.export(
            Whole().eval(),
            tuple(example[name] for name in names),
            str(file),
            input_names=names,
            output_names=["scores"],
            opset_version=OPSET,
            dynamo=True,
            external_data=True,
            dynamic_shapes=tuple({0: batch, 1: sequence} for _ in names),
            verbose=False,
        )


if __name__ == "__main__":
    export(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4])

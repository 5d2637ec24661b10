"""The configuration file."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentassist import config
from agentassist.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    """Write a configuration and return its path."""
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    """A first run needs no configuration."""
    assert config.load(tmp_path / "config.toml") == config.Config()


def test_every_key_is_read(tmp_path: Path) -> None:
    """What is written is what is used."""
    file = write(
        tmp_path,
        '[agent]\nname = "Ada"\ntimezone = "Europe/Lisbon"\n[kb]\nfolder = "/kb"\n'
        '[search]\nmodel = "m"\nsuggestions = 3\nreranker = "r"\nreranker_ms = 90\n'
        '[desk]\ntheme = "nord"\n[[dispositions]]\ncode = "done"\nlabel = "Done"\n',
    )
    loaded = config.load(file)
    assert loaded.agent == config.AgentConfig("Ada", "Europe/Lisbon")
    assert loaded.kb.folder == "/kb"
    assert loaded.search == config.SearchConfig("m", 3, "r", 90)
    assert loaded.desk.theme == "nord"
    assert [(item.code, item.label) for item in loaded.dispositions] == [("done", "Done")]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('[agent]\nnmae = "Ada"', "unknown key agent.nmae", "Did you mean agent.name?"),
        ("[qqqq]", "unknown key qqqq", "Known here"),
        ("[agent]\nname = 3", "agent.name must be of kind str", "Correct"),
        ('agent = "Ada"', "agent must be a table", "[agent]"),
        ("[search]\nsuggestions = 12", "search.suggestions must be 1 to 9", "digit"),
        ("[search]\nreranker_ms = -1", "search.reranker_ms must be 0 to 5000", "milliseconds"),
        ("[search]\nsuggestions = true", "must be of kind int, not bool", "Correct"),
        ('[agent]\ntimezone = "Europe/Lisbonn"', "agent.timezone is unknown", "Did you mean Europe/Lisbon?"),
        ("[[dispositions]]\ncode = 'a'", "label is missing", "Add it"),
        ("dispositions = []", "at least one code", "Correct"),
        ("dispositions = 'x'", "must be a list", "[[dispositions]]"),
        ("[agent", "config.toml", "defaults"),
    ],
)
def test_a_mistake_is_told_with_file_key_and_nearest_key(tmp_path: Path, text: str, message: str, hint: str) -> None:
    """An error names the file, the key and what to do."""
    file = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        config.load(file)
    assert str(file) in caught.value.message
    assert message in caught.value.message
    assert hint in caught.value.hint

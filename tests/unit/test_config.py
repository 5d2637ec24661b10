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
        '[desk]\ntheme = "nord"\n[serve]\nport = 80\nallowed_origins = ["https://x.example"]\n'
        '[hours]\nopen = "Mo-Fr 09:00-17:00"\n[friction]\nstakes = ["safety"]\n[journeys]\nmoney = "emotional"\n'
        '[[dispositions]]\ncode = "done"\nlabel = "Done"\n',
    )
    loaded = config.load(file)
    assert loaded.agent == config.AgentConfig("Ada", "Europe/Lisbon")
    assert loaded.kb.folder == "/kb"
    assert loaded.search == config.SearchConfig("m", 3, "r", 90)
    assert loaded.desk.theme == "nord"
    assert (loaded.serve.port, loaded.serve.allowed_origins) == (80, ("https://x.example",))
    assert (loaded.hours.open, loaded.friction.stakes) == ("Mo-Fr 09:00-17:00", ("safety",))
    assert loaded.journeys == {"money": "emotional"}
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
        ("[serve]\nport = 0", "serve.port must be 1 to 65535", "8765"),
        ('[serve]\npublic_url = "ftp://x"', "serve.public_url is no web address", "https://"),
        ('[serve]\nallowed_origins = ["https://x.example/shop"]', "has more than an origin", "path"),
        ('[serve]\nvideo_call = "https://meet.example/"', "has no {room}", "room"),
        ('[hours]\nopen = "nine to five"', "hours.open cannot be read", "Mo-Fr"),
        ('[hours]\ntimezone = "Qqq"', "hours.timezone is unknown", "IANA"),
        ('[journeys]\nmoney = "hard"', "journeys.money is no journey", "routine"),
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

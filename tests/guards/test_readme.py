"""What the README says is what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest

from agentassist import config
from agentassist.cli.root import root
from agentassist.tui.registry import markdown_table

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text(encoding="utf-8")


def test_the_keys_are_those_of_the_registry() -> None:
    """The table of keys is made by the registry of commands, word for word."""
    begin, end = README.index("<!-- keys: begin"), README.index("<!-- keys: end")
    assert README[begin:end].partition("-->\n")[2].strip() == markdown_table().strip()


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the words of every command below a group."""
    context = click.Context(group)
    found = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found += every_command(command, (*path, name)) if isinstance(command, click.Group) else [(*path, name)]
    return found


@pytest.mark.parametrize("words", every_command(root), ids=" ".join)
def test_every_command_is_in_the_readme(words: tuple[str, ...]) -> None:
    """A command that nobody can read about does not exist for its users."""
    assert re.search(rf"\b{' '.join(words[:-1])}[ |\w]*\b{words[-1]}\b", README), " ".join(words)


def test_every_command_in_the_readme_exists() -> None:
    """A line to type that starts with the program's name names a real command."""
    known = {words[:length] for words in every_command(root) for length in (1, 2)}
    for line in re.findall(r"^(?:\S*/)?agentassist ([a-z].*)$", README, re.MULTILINE):
        words = tuple(line.split())
        assert words[:1] in known, line
        if words[:1] in {("kb",), ("sessions",), ("followups",)}:
            assert words[:2] in known, line


def test_the_configuration_that_is_shown_is_valid(tmp_path: Path) -> None:
    """The example can be pasted as it stands, and names every key there is."""
    example = README.split("```toml\n")[1].split("```")[0]
    file = tmp_path / "config.toml"
    file.write_text(example, encoding="utf-8")
    config.load(file)
    shown = tomllib.loads(example)
    for table in ("agent", "kb", "search", "desk"):
        assert set(shown[table]) == set(getattr(config.Config(), table).__slots__), table


def test_what_the_readme_links_to_is_there() -> None:
    """Every link into the project leads somewhere."""
    for target in re.findall(r"\]\((?!https?:|#)([^)\s]+)\)", README):
        assert (TOP / target).exists(), target

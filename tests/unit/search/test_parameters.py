"""The fitted numbers as a file."""

from __future__ import annotations

from importlib import resources

import pytest

from agentassist.errors import SearchError
from agentassist.search import parameters


def shipped_text() -> str:
    """Return the file that ships."""
    return resources.files("agentassist.search").joinpath(parameters.FILE).read_text(encoding="utf-8")


def test_the_shipped_file_is_as_it_would_be_written() -> None:
    """What ships was written by the program: its numbers, names and order are those of `written`."""
    text = shipped_text()
    head = "\n".join(line[2:] for line in text.splitlines() if line.startswith("# "))
    assert parameters.written(parameters.parsed(text), head) == text


def test_what_is_written_is_read() -> None:
    """A second round changes nothing."""
    once = parameters.written(parameters.shipped(), "Head")
    assert parameters.written(parameters.parsed(once), "Head") == once
    assert once.startswith("# Head\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[by_meaning.title]\n", "[by_meaning.name]\n"),
        ("\nlast = ", "\nfirst = "),
        ("\nsure = ", "\nnothing_known = 1\nsure = "),
        ("\nthreshold = ", "\nthreshold = 'a' #"),
        ("[by_words.", "[by_nothing."),
        ("\nshare = ", "\nshare = = "),
    ],
)
def test_a_damaged_file_is_told(old: str, new: str) -> None:
    """A part or a name that is missing or unknown, or no number: an error that says how to write it again."""
    text = shipped_text()
    assert old in text
    with pytest.raises(SearchError, match=parameters.FILE) as caught:
        parameters.parsed(text.replace(old, new))
    assert "kb fit" in caught.value.hint


def test_an_empty_file_is_told() -> None:
    """Nothing at all is an error too."""
    with pytest.raises(SearchError):
        parameters.parsed("")

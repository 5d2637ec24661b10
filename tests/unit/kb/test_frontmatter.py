"""Front matter: taken as written, and nothing dangerous or ambiguous gets through."""

from __future__ import annotations

import re
from time import process_time

import pytest

from agentassist.kb import frontmatter
from agentassist.kb.problems import BrokenFileError


def values(text: str) -> dict[str, frontmatter.Value]:
    """Return the fields of a front matter holding `text`."""
    return {key: item.value for key, item in frontmatter.read(f"---\n{text}\n---\nbody\n").fields.items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("language: no", {"language": "no"}),
        ("duration: 4:37", {"duration": "4:37"}),
        ("id: 0123", {"id": "0123"}),
        ("review_by: 2027-08-31", {"review_by": "2027-08-31"}),
        ("tags: [a, 1, true]", {"tags": ("a", "1", "true")}),
        ("tags:\n  - a\n  - b c", {"tags": ("a", "b c")}),
        ("title: 'it''s: here'", {"title": "it's: here"}),
        ("title: >\n  two\n  lines", {"title": "two lines\n"}),
        ("url: ~\ntitle: null\nid:", {}),
        ("title: 'null'", {"title": "null"}),
        ("extra: {a: {b: c}}", {"extra": None}),
        ("extra: [[a], b]", {"extra": None}),
        ("", {}),
        ("# only a comment", {}),
    ],
)
def test_values_are_kept_as_written(text: str, expected: dict[str, frontmatter.Value]) -> None:
    """YAML's guesses (numbers, dates, truth, sexagesimal) never reach a field; a key without a value is not there."""
    assert values(text) == expected


def test_lines_are_those_of_the_file() -> None:
    """Each key and the body know their line, so that a problem can name it."""
    matter = frontmatter.read("---\nid: a\n\ntags:\n  - b\ntitle: c\n---\n\n# Body\n")
    assert {key: item.line for key, item in matter.fields.items()} == {"id": 2, "tags": 4, "title": 6}
    assert (matter.body, matter.body_line, matter.present) == ("\n# Body\n", 8, True)


@pytest.mark.parametrize("text", ["", "# Heading\n", "text\n---\na: b\n---\n", " ---\na: b\n---\n", "----\n"])
def test_a_file_without_front_matter_is_all_body(text: str) -> None:
    """Only three dashes alone on the very first line open a front matter."""
    matter = frontmatter.read(text)
    assert (matter.body, matter.body_line, matter.present) == (text, 1, False)


@pytest.mark.parametrize("end", ["---", "...", "--- ", "---\t"])
def test_the_ends_that_are_known(end: str) -> None:
    """Dashes or dots close it, trailing blanks do not count, and a body may be missing."""
    assert frontmatter.read(f"---\na: b\n{end}").fields["a"].value == "b"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: b\nc: [", 3, "expected"),
        ("a: b\n\tc: d", 3, "cannot start"),
        ("a: b\na: c", 3, "twice"),
        ("a: &x b\nc: *x", 2, "anchors"),
        ("a: b\nc: *x", 3, "anchors"),
        ("a: !!python/object/apply:os.system [x]", 2, "tags"),
        ("a: !!int 3", 2, "tags"),
        ("- a\n- b", 2, "not a list of keys"),
        ("just words", 2, "not a list of keys"),
        ("a: b\n[x]: c", 3, "not a word"),
        ("? \n: c", 2, "not a word"),
        ("a: b\x07", 2, "U+0007"),
        ("a: '\x1b[2J'", 2, "U+001B"),
        ("a: b\n\nc: {d: {e: {f: {g: {h: {i: {j: {k: l}}}}}}}}", 4, "deeply"),
    ],
)
def test_what_is_refused_and_where(text: str, line: int, words: str) -> None:
    """Broken or dangerous YAML names its line of the file and is never guessed at."""
    with pytest.raises(BrokenFileError, match=re.escape(words)) as caught:
        values(text)
    assert caught.value.line == line


def bomb() -> str:
    """Return an alias bomb: 10^9 elements from a few hundred bytes."""
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    return "\n".join(rows)


@pytest.mark.parametrize(
    "text",
    [
        bomb(),
        "a: " + "[" * 5_000,
        "a: " + "{a: " * 3_000,
        "- " * 7_000,
        "? " * 7_000,
        "a: " + "!" * 15_000,
        "x" * 15_990,
    ],
    ids=["aliases", "lists", "mappings", "dashes", "questions", "tags", "word"],
)
def test_hostile_yaml_is_refused_fast(text: str) -> None:
    """Bombs and deep nesting end as a problem with a line, in a moment."""
    started = process_time()
    with pytest.raises(BrokenFileError):
        values(text)
    assert process_time() - started < 2


@pytest.mark.parametrize("text", ["---\na: b\n", "---\na: b\n# text\n", "---"])
def test_an_unclosed_one_is_told(text: str) -> None:
    """A front matter that is never closed is a problem on its first line."""
    with pytest.raises(BrokenFileError, match="never closed") as caught:
        frontmatter.read(text)
    assert caught.value.line == 1


def test_the_longest_that_is_read() -> None:
    """16,000 characters are read, more are refused without looking further."""
    fits = "a: " + "b" * 15_990
    assert frontmatter.read(f"---\n{fits}\n---\n").fields["a"].value == "b" * 15_990
    with pytest.raises(BrokenFileError, match="16,000"):
        frontmatter.read(f"---\n{fits}{'b' * 100}\n---\n")


def test_a_character_that_json_writes_in_two_halves_is_one_again() -> None:
    """A title from a program that writes JSON is a text that the records can take."""
    assert values('title: "\\ud83d\\ude00 hi"\ntags: ["\\ud83d\\ude00"]') == {"title": "😀 hi", "tags": ("😀",)}


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ude00\\ud83d"])
def test_half_a_character_is_refused_with_its_line(half: str) -> None:
    """It would stop the index from being built, for every article."""
    with pytest.raises(BrokenFileError, match="half a character") as caught:
        values(f'id: a\ntitle: "{half}"')
    assert caught.value.line == 3

"""Stories of Twine become trees; what could not be taken over is told with its place."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import yaml

from agentassist.errors import ContentError
from agentassist.flows import load, twee
from agentassist.flows.imported import Imported

DATA = Path(__file__).parent / "data"


def taken(text: str) -> Imported:
    """Return what a story becomes, which is always a tree that can be read."""
    made = twee.read(text)
    assert [problem for problem in load.check_text(made.yaml()) if problem.fatal] == []
    return made


def test_a_twee_file() -> None:
    """Title, start, links in all three forms, a person by its tag; and a note for everything else."""
    made = taken((DATA / "router.twee").read_text("utf-8"))
    assert (made.title, made.start) == ("Router help", "hello")
    assert made.nodes["hello"] == {
        "say": "Welcome.",
        "choice": "What is wrong?",
        "options": {
            "no-light": {"label": "No light", "next": "dark"},
            "no-internet": {"label": "No internet", "next": "online"},
            "talk-to-somebody": {"label": "Talk to somebody", "next": "person"},
        },
    }
    assert made.nodes["dark"]["say"] == "Plug it in. Then look again or give up."
    assert made.nodes["online"] == {"end": "See our page: https://example.com/x.\nBold"}
    assert made.nodes["person"] == {"person": "Person", "say": "I get somebody."}
    assert [str(note) for note in made.notes] == [
        "line 24, passage Code: was left out: it is code or style of the story format",
        "line 7, passage Hello: tag intro was left out",
        "line 7, passage Hello: macro was left out: <<set $x to 1>>",
        "line 17, passage Online: HTML was left out: <b>",
        "line 17, passage Online: HTML was left out: </b>",
        "link give up: there is no passage Nowhere; a person takes over there",
    ]


def test_html_of_twine() -> None:
    """Entities, the start by its number; scripts, styles, macros and further stories are told."""
    made = taken((DATA / "router.html").read_text("utf-8"))
    assert (made.title, made.start) == ("Router & help", "hello")
    assert made.nodes["hello"]["options"] == {
        "no": {"label": "No", "next": "dark"}, "yes": {"label": "Yes", "next": "dark"},
    }  # fmt: skip
    assert made.nodes["dark"] == {"end": "Plug it in ."}
    assert [str(note) for note in made.notes] == [
        "the file holds several stories; Second was left out",
        "scripts and styles of the story were left out",
        "passage Dark: macro was left out: (set: $x to 2)",
        "passage Dark: HTML was left out: <now>",
    ]


@pytest.mark.parametrize(
    ("header", "name", "tags"),
    [
        ("::Plain", "Plain", ()),
        (":: Two words  [a b] ", "Two words", ("a", "b")),
        (':: M {"position":"1,2"}', "M", ()),
        (r":: An \[odd\] name [t\]ag] {}", "An [odd] name", ("t]ag",)),
        (r":: back\\slash", "back\\slash", ()),
    ],
)
def test_headers(header: str, name: str, tags: tuple[str, ...]) -> None:
    """As the specification writes them, escapes included."""
    made = Imported()
    story = twee._from_twee(f"{header}\nText\n", made)
    assert [(passage.name, passage.tags, passage.body) for passage in story.passages] == [(name, tags, "Text")]
    assert made.notes == []


@pytest.mark.parametrize(
    ("inner", "label", "target"),
    [("a->b", "a", "b"), ("a->b->c", "a->b", "c"), ("b<-a", "a", "b"), ("c<-b<-a", "b<-a", "c"), ("a|b", "a", "b"),
     (" a ", "a", "a")],
)  # fmt: skip
def test_links(inner: str, label: str, target: str) -> None:
    """The arrow points to the passage: the rightmost ->, else the leftmost <-."""
    assert twee._ends(inner) == (label, target)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("before\n:: A\nx", "line 1: text before the first passage was left out"),
        (":: A {\"x\": 1}\nx", "line 1: metadata was left out: x"),
        (":: A {no json}\nx", "line 1: metadata was left out: that is no JSON"),
        (":: A [t\nx", "line 1: tags and metadata of this passage could not be read and were left out"),
        (":: A\nx\n:: A\ny", "line 3, passage A: was left out: another passage has its name"),
        (":: A\nx\n:: StoryData\n[1]", "line 3, passage StoryData: is no JSON object and was left out"),
        (":: A\nx\n:: StoryData\n{\"start\": \"B\"}",
         "StoryData: there is no passage B to start with; the first one is taken"),
        (":: A\n[[b->A][$x to 1]]", "line 1, passage A: what the link b sets was left out: $x to 1"),
        (":: A [bot]\n[[b->A]]", "line 1, passage A: link b was left out: the tree ends here"),
        (":: A\n" + "word " * 500, "line 1, passage A: a text of 2,499 characters was cut at 2,000"),
        (":: A\nx\x1b[2J", "line 1, passage A: control characters were left out"),
        (":: A\n" + "".join(f"[[l{n}->A]]\n" for n in range(31)),
         "line 1, passage A: 1 option at the end left out: a choice has at most 30"),
    ],
)  # fmt: skip
def test_nothing_is_lost_silently(text: str, note: str) -> None:
    """Each thing that has no counterpart is told with its place."""
    assert note in [str(item) for item in taken(text).notes]


@pytest.mark.parametrize(
    "text", ["", "no passage", "<tw-storydata></tw-storydata>", pytest.param(":: A\n" * 5_001, id="too many")]
)
def test_no_story_is_refused(text: str) -> None:
    """Nothing, or far too much."""
    with pytest.raises(ContentError):
        twee.read(text)


HOSTILE = {
    "open links": ":: A\n" + "[[" * 100_000,
    "open tags of a header": ":: " + " [" * 100_000,
    "open comments": ":: A\n" + "<!--" * 100_000,
    "links in one line": ":: A\n" + "[[x]]" * 40_000,
    "links in many lines": ":: A\n" + "[[x]]\n" * 40_000,
    "metadata nested deeply": ":: A {" + '{"a":' * 400,
    "open elements": "<tw-storydata><tw-passagedata name=A>" + "<a " * 100_000,
    "many stories": "<tw-storydata><tw-passagedata>" + "<tw-storydata>" * 50_000,
    "many passages": "<tw-storydata><tw-passagedata name=A>" + "<tw-passagedata " * 4_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_stories_are_read_quickly(name: str) -> None:
    """No text takes long."""
    started = time.process_time()
    made = twee.read(HOSTILE[name])
    assert time.process_time() - started < 8
    assert yaml.safe_load(made.yaml())["start"]

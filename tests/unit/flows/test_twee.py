"""Stories of Twine become trees; what could not be taken over is told with its place."""

from __future__ import annotations

import json
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
        "line 7, passage Hello: 1 macro left out: <<set $x to 1>>",
        "line 17, passage Online: 1 HTML tag left out: <b>",
        "line 7, passage Hello: tag left out: intro",
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
        "passage Dark: 1 macro left out: (set: $x to 2)",
        "passage Dark: 1 HTML tag left out: <now>",
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
    start = json.dumps({"start": name, "format": "SugarCube"})
    made = taken(f":: StoryData\n{start}\n{header}\nText\n")
    assert list(made.nodes.values()) == [{"end": "Text"}]
    told = f"{'tag' if len(tags) == 1 else 'tags'} left out: {', '.join(tags)}"
    assert [note.message for note in made.notes] == ([told] if tags else [])


@pytest.mark.parametrize(
    ("inner", "label", "target"),
    [("a->b", "a", "b"), ("a->b->c", "a->b", "c"), ("b<-a", "a", "b"), ("c<-b<-a", "b<-a", "c"), ("a|b", "a", "b"),
     (" a ", "a", "a")],
)  # fmt: skip
def test_links(inner: str, label: str, target: str) -> None:
    """The arrow points to the passage: the rightmost ->, else the leftmost <-."""
    made = taken(f":: Start\n[[{inner}]]\n:: {target}\nx\n")
    follow = made.name(target, "")
    options = made.nodes["start"]["options"]
    assert isinstance(options, dict)
    assert list(options.values()) == [{"label": label, "next": follow}]
    assert made.nodes[follow] == {"end": "x"}


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
         "StoryData: there is no passage B to start with; the first one, A, is taken"),
        (":: A\n[[b->A][$x to 1]]", "line 1, passage A: what the link b sets was left out: $x to 1"),
        (":: A [bot]\n[[b->A]]", "line 1, passage A: link b was left out: the tree ends here"),
        (":: A\nx", "StoryData: it is not said where the story starts; the first one, A, is taken"),
        (":: Start\nx [img[a.png]]", "line 1, passage Start: 1 picture left out: [img[a.png]]"),
        (":: Start\nx /% y %/ <<if $a>>z<</if>>", "line 1, passage Start: 1 comment left out: /% y %/"),
        (":: Start\n<<if $a>>z<</if>>",
         "line 1, passage Start: shows some of its text and links on a condition; here they are shown always"),
        (":: Start\n<<include [[x]]>><<include 'B'>>",
         "line 1, passage Start: passage B, which it shows, was left out: there is no such passage"),
        (":: A\nx\x1b[2J", "line 1, passage A: control characters were left out"),
        (":: A\n" + "".join(f"[[l{n}->A]]\n" for n in range(31)),
         "line 1, passage A: 1 option at the end left out: a choice has at most 30"),
    ],
)  # fmt: skip
def test_nothing_is_lost_silently(text: str, note: str) -> None:
    """Each thing that has no counterpart is told with its place."""
    assert note in [str(item) for item in taken(text).notes]


def test_a_long_text_is_said_in_parts() -> None:
    """What is too long for one node is parted between words, and nothing of it is lost."""
    words = "word " * 1_000
    made = taken(f":: Start\n{words}\n[[on->B]]\n:: B\nx")
    said, at = [], made.start
    while "text" in made.nodes[at]:
        said.append(str(made.nodes[at]["text"]))
        at = str(made.nodes[at]["next"])
    node = made.nodes[at]
    assert " ".join([*said, str(node.get("say", ""))]).split() == words.split()
    assert all(len(part) <= 2_000 for part in said)


STORIES = {
    "Harlowe": (
        '(set: $n to 1)(if: $n is 1)[A \'\'bold\'\' day.]\n(link-goto: "Go on", "B")\n(display: "Shown")',
        "A bold day.",
    ),
    "SugarCube": (
        "<<set $n to 1>>A ''bold'' $n day.\n<<link [[Go on|B]]>><</link>>\n<<include \"Shown\">>",
        "A bold day.",
    ),
    "Chapbook": (
        "n: 1\n--\n[if n = 1]\nA **bold** day.\n[cont]\n> [[Go on->B]]\n{embed passage: 'Shown'}",
        "A bold day.",
    ),
    "Snowman": ("<% s.n = 1 %>A **bold** day.\n[[Go on|B]]\n<%= story.render('Shown') %>", "A bold day."),
}


@pytest.mark.parametrize("kind", STORIES)
def test_the_code_of_a_story_format(kind: str) -> None:
    """It is never run: the words stay, links lead on, and what another passage shows is said in place."""
    body, words = STORIES[kind]
    about = json.dumps({"start": "A", "format": kind})
    made = taken(f":: StoryData\n{about}\n:: A\n{body}\n:: Shown\nAnd this.\n:: B\nx")
    node = made.nodes["a"]
    said = f"{node.get('say', '')} {node['choice']}".split()
    assert [word for word in (*words.split(), "And", "this.") if word not in said] == []
    options = node["options"]
    assert isinstance(options, dict)
    assert list(options.values()) == [{"label": "Go on", "next": "b"}]
    assert "shown" not in made.nodes
    assert not set("<>{}$'") & set(str(node.get("say", "")))


@pytest.mark.parametrize(
    "text", ["", "no passage", "<tw-storydata></tw-storydata>", pytest.param(":: A\n" * 5_001, id="too many")]
)
def test_no_story_is_refused(text: str) -> None:
    """Nothing, or far too much."""
    with pytest.raises(ContentError):
        twee.read(text)


HOSTILE = {
    "open macros of SugarCube": ":: A\n" + "<<if 'x " * 30_000,
    "open macros of Harlowe": ":: A\n" + "(set: " * 30_000,
    "open code of Snowman": ":: A\n" + "<% x " * 30_000,
    "modifiers of Chapbook": ":: A\n--\n" + "[if x\n" * 30_000,
    "passages that show each other": "".join(
        f":: P{n}\n<<include 'P{n + 1}'>><<include 'P{n + 2}'>>\n" for n in range(300)
    ),
    "a passage that shows itself": ":: A\nx <<include 'A'>>",
    "open quotes": ":: A\n<<set " + '"' * 60_000,
    "marks of emphasis": ":: A\n" + "''//__**" * 20_000,
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

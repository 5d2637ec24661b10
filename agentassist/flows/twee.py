"""Takes over a story of Twine: Twee 3, and the HTML of Twine 2 (a published story or an archive).

A passage with links becomes a choice, one without an end. A passage tagged `person` hands over to a person and one
tagged `bot` to the bot. What a story format does beyond text and links is left out and noted.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentassist.errors import ContentError
from agentassist.flows.imported import Imported, leading, pieces, question_of, slug
from agentassist.flows.twee_macros import StoryFormat, format_of
from agentassist.flows.twee_text import Passed
from agentassist.flows.twee_text import read as read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agentassist.models import JsonValue

QUESTION = "How would you like to go on?"
"""What is asked where a passage ends without a question."""
MAX_PASSAGES = 5_000
MAX_HEADER = 1_000
"""The longest first line of a passage."""
MAX_DEPTH = 10
"""How deep passages may show others that show others."""
MAX_SHOWN = 20_000
"""How much text a passage may have with those that it shows."""
_HEADER = re.compile(r"^::[ \t]*((?:\\.|[^\[\]{}\\])*?)[ \t]*(\[(?:\\.|[^\]\\])*\])?[ \t]*(\{.*\})?[ \t]*$")
_STORY = re.compile(r"<tw-storydata\b", re.IGNORECASE)
_OLD = re.compile(r"<div\b[^<>]{0,200}\btiddler=", re.IGNORECASE)
_PASSAGE = re.compile(r"<tw-passagedata\b", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s([a-zA-Z-]{1,40})=(?:"([^"]{0,2000})"|'([^']{0,2000})')""")
MAX_TAG = 5_000
"""The longest tag of a story or passage."""
_CODE_TAGS = {"script", "stylesheet"}
_OWN = {"person", "bot"}
_SPECIAL_TAGS = {
    StoryFormat.HARLOWE: {"startup", "header", "footer", "debug-startup", "debug-header", "debug-footer"},
    StoryFormat.SUGARCUBE: {"widget", "init"},
}
_SPECIAL_NAMES = {
    StoryFormat.SUGARCUBE: {
        "MenuOptions", "MenuShare", "MenuStory", "PassageDone", "PassageFooter", "PassageHeader", "PassageReady",
        "StoryAuthor", "StoryBanner", "StoryCaption", "StoryDisplayTitle", "StoryInit", "StoryInterface",
        "StoryLoadingMessage", "StoryMenu", "StorySettings", "StoryShare", "StorySubtitle",
    },
}  # fmt: skip
"""What a format keeps beside the passages that a reader goes through."""
_LEFT_OUT_TAGS = {"Twine.private", "Twine.image", "Twine.audio", "Twine.video", "Twine.font", "annotation"}


@dataclass(slots=True)
class Passage:
    """One passage.

    Attributes:
        line: of its header in a Twee file; 0 in HTML.
    """

    name: str
    tags: tuple[str, ...] = ()
    body: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """Where it is, in words."""
        return f"line {self.line}, passage {self.name}" if self.line else f"passage {self.name}"


@dataclass(slots=True)
class Story:
    """A story, parted into passages."""

    title: str = ""
    start: str = ""
    format: str = ""
    passages: list[Passage] = field(default_factory=list)


def read(text: str) -> Imported:
    """Return the tree that a story becomes.

    Args:
        text: a Twee 3 file, or HTML with a `tw-storydata` element.

    Raises:
        ContentError: there is no passage in it, or there are too many.
    """
    made = Imported()
    is_html = _STORY.search(text) is not None
    story = _from_html(text, made) if is_html else _from_twee(text, made)
    if not story.passages:
        known = "This is of Twine 1: open it in Twine 2 and publish it once more." if _OLD.search(text) else ""
        hint = known or "A Twee file begins each passage with a line :: NAME; HTML of Twine 2 holds tw-storydata."
        raise ContentError("there is no passage in it", hint)
    if len(story.passages) > MAX_PASSAGES:
        raise ContentError(f"there are more than {MAX_PASSAGES:,} passages in it", "Part the story.")
    _build(story, made)
    return made


def _from_twee(text: str, made: Imported) -> Story:
    story = Story()
    bodies: list[list[str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("::"):
            story.passages.append(_header(line, number, made))
            bodies.append([])
        elif bodies:
            bodies[-1].append(line)
        elif line.strip():
            made.note(f"line {number}", "text before the first passage was left out")
    for passage, lines in zip(story.passages, bodies, strict=True):
        passage.body = "\n".join(lines).strip()
    return _special(story, made)


def _header(line: str, number: int, made: Imported) -> Passage:
    found = _HEADER.match(line) if len(line) <= MAX_HEADER else None
    if found is None:
        made.note(f"line {number}", "tags and metadata of this passage could not be read and were left out")
        return Passage(_unescaped(line[2:].strip()), line=number)
    name, tags, metadata = found[1], found[2] or "", found[3]
    if metadata:
        try:
            known = json.loads(metadata)
            odd = sorted(set(known) - {"position", "size"}) if isinstance(known, dict) else ["of another kind"]
        except (ValueError, RecursionError):
            odd = ["that is no JSON"]
        if odd:
            made.note(f"line {number}", f"metadata was left out: {', '.join(map(str, odd))}")
    words = tuple(_unescaped(tag) for tag in tags[1:-1].split())
    return Passage(_unescaped(name.strip()), words, line=number)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _special(story: Story, made: Imported) -> Story:
    """Take the passages out that tell about the story, and those that no reader comes to."""
    kept = []
    for passage in story.passages:
        if passage.name == "StoryTitle":
            story.title = passage.body
        elif passage.name == "StoryData":
            _story_data(passage, story, made)
        elif set(passage.tags) & _CODE_TAGS:
            made.note(passage.place, "was left out: it is code or style of the story format")
        elif set(passage.tags) & _LEFT_OUT_TAGS:
            made.note(passage.place, "was left out: it is for the author, or no text")
        else:
            kept.append(passage)
    kind = format_of(story.format, (passage.body for passage in kept))
    story.passages = []
    for passage in kept:
        own = passage.name in _SPECIAL_NAMES.get(kind, ()) or set(passage.tags) & _SPECIAL_TAGS.get(kind, set())
        if own:
            made.note(passage.place, "was left out: the story format keeps it beside the story")
        else:
            story.passages.append(passage)
    story.format = kind
    return story


def _story_data(passage: Passage, story: Story, made: Imported) -> None:
    try:
        data = json.loads(passage.body)
    except (ValueError, RecursionError) as error:
        line = passage.line + error.lineno if isinstance(error, json.JSONDecodeError) and passage.line else 0
        where = f" (line {line})" if line else ""
        made.note(passage.place, f"is no JSON{where} and was left out")
        return
    if not isinstance(data, dict):
        made.note(passage.place, "is no JSON object and was left out")
        return
    start, kind = data.get("start", ""), data.get("format", "")
    story.start = start if isinstance(start, str) else ""
    story.format = kind if isinstance(kind, str) else ""


def _from_html(text: str, made: Imported) -> Story:
    """Read the first story of an HTML file. Its elements are found one after the other: a story may be hostile."""
    every = [(found.start(), _attributes(text, found.start())) for found in _STORY.finditer(text)]
    # The code of a format may hold the word too; a story has a name.
    kept = [item for item in every if "name" in item[1]] or every
    stories, names = [start for start, _ in kept], [values for _, values in kept]
    ends = [*stories[1:], len(text)]
    for other in names[1:]:
        made.note("", f"the file holds several stories; {other.get('name') or 'one'} was left out")
    part = text[stories[0] : ends[0]]
    if re.search(r"<(?:script|style)\b", part, re.IGNORECASE):
        made.note("", "scripts and styles of the story were left out")
    story = Story(title=names[0].get("name", ""), format=names[0].get("format", ""))
    for found in _PASSAGE.finditer(part):
        values = _attributes(part, found.start())
        begin = part.find(">", found.end()) + 1
        end = part.find("<", begin)
        body = html.unescape(part[begin : end if end >= 0 else len(part)]) if begin else ""
        passage = Passage(values.get("name", ""), tuple(values.get("tags", "").split()), body.strip())
        story.passages.append(passage)
        if values.get("pid") == names[0].get("startnode"):
            story.start = passage.name
    return _special(story, made)


def _attributes(text: str, start: int) -> dict[str, str]:
    """Return the attributes of the element that begins at a place; a tag that is longer than any has none."""
    end = text.find(">", start, start + MAX_TAG)
    found = _ATTRIBUTE.findall(text[start : max(end, start)])
    return {key.lower(): html.unescape(double or single) for key, double, single in found}


@dataclass(slots=True)
class _Texts:
    """The text and links of every passage, with those of the passages that it shows put into it."""

    made: Imported
    kind: StoryFormat
    passages: dict[str, Passage]
    shown: set[str] = field(default_factory=set)
    """Passages that others show."""
    _read: dict[str, Passed] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def of(self, name: str) -> Passed:
        """Return what a passage says; read once."""
        if name not in self._read:
            passage, links = self.passages[name], list[Passed]()
            self._open.append(name)
            size = 0

            def include(other: str) -> str:
                nonlocal size
                inner = self._included(other, passage, size)
                if inner is None:
                    return ""
                size += len(inner.text)
                links.append(inner)
                return inner.text

            passed = read_text(self.made.plain(passage.body, passage.place), self.kind, include)
            self._open.pop()
            for inner in links:
                passed.links |= inner.links
                passed.jumps += [jump for jump in inner.jumps if jump not in passed.jumps]
            for note in passed.notes:
                self.made.note(passage.place, note)
            self._read[name] = passed
        return self._read[name]

    def _included(self, name: str, passage: Passage, size: int) -> Passed | None:
        """Return what a passage says that another shows; None when it cannot be put there, which is noted."""
        why = ""
        if name not in self.passages:
            why = "there is no such passage"
        elif name in self._open or len(self._open) > MAX_DEPTH:
            why = "passages show each other in a circle, or too deep"
        elif size > MAX_SHOWN:
            why = "the text would be too long"
        if why:
            self.made.note(passage.place, f"passage {name}, which it shows, was left out: {why}")
            return None
        self.shown.add(name)
        return self.of(name)


def _build(story: Story, made: Imported) -> None:
    made.title = made.label(story.title, "StoryTitle")
    passages: dict[str, Passage] = {}
    for passage in story.passages:
        if passage.name in passages:
            made.note(passage.place, "was left out: another passage has its name")
        else:
            passages[passage.name] = passage
    texts = _Texts(made, StoryFormat(story.format), passages)
    start = _start(story, passages, made)
    led = {start}
    for name in passages:
        passed = texts.of(name)
        led |= {target for _, target in passed.links} | set(passed.jumps)
    known = {}
    for name, passage in passages.items():
        if name in texts.shown - led:
            made.note(passage.place, "is no step of its own: it was put into the passages that show it")
        else:
            known[name] = made.name(name, name)
    for name in known:
        _node(passages[name], texts.of(name), made, known)
    made.start = known[start]
    _tie(made, known)
    made.straighten()


def _start(story: Story, passages: Mapping[str, Passage], made: Imported) -> str:
    """Return the passage to start with."""
    start = story.start or ("Start" if "Start" in passages else "")
    if start in passages:
        return start
    first = story.passages[0].name
    said = f"there is no passage {start} to start with" if start else "it is not said where the story starts"
    made.note("StoryData", f"{said}; the first one, {first}, is taken")
    return first


def _node(passage: Passage, passed: Passed, made: Imported, known: Mapping[str, str]) -> None:
    left_out = [tag for tag in passage.tags if tag not in _OWN]
    if left_out:
        made.note(passage.place, f"{'tag' if len(left_out) == 1 else 'tags'} left out: {', '.join(left_out)}")
    if _OWN & set(passage.tags):
        made.nodes[known[passage.name]] = _handed_over(passage, passed, made)
        return
    links = list(passed.links) or [(jump, jump) for jump in passed.jumps]
    if passed.links and passed.jumps:
        made.note(passage.place, f"goes on to {', '.join(passed.jumps)} by itself, which was left out")
    ident, text = _say_first(passage, passed.text, made, known)
    if not passed.links and len(links) == 1:
        made.nodes[ident] = {"text": text, "next": links[0][1]} if text else {"branch": [{"next": links[0][1]}]}
    elif links:
        made.nodes[ident] = _choice(passage, text, links, made)
    else:
        if not text:
            made.note(passage.place, "has no text and no link: the tree ends there and says its name")
        made.nodes[ident] = {"end": text or passage.name or "…"}


def _say_first(passage: Passage, text: str, made: Imported, known: Mapping[str, str]) -> tuple[str, str]:
    """Say all of a text that is too long for one node but its last piece; return that, and the node to say it."""
    ident = known[passage.name]
    *before, last = pieces(text) or [""]
    for number, piece in enumerate(before, 2):
        follow = made.name(f"{passage.name}\0{number}", passage.name)
        made.nodes[ident] = {"text": piece, "next": f"\0{follow}"}
        ident = follow
    return ident, last


def _handed_over(passage: Passage, passed: Passed, made: Imported) -> dict[str, JsonValue]:
    for label, _ in passed.links:
        made.note(passage.place, f"link {label} was left out: the tree ends here")
    text = made.words(passed.text, passage.place)
    if "bot" in passage.tags:
        return {"bot": text or passage.name}
    said: dict[str, JsonValue] = {"say": text} if text else {}
    return {"person": made.label(passage.name, passage.place) or "Asked for a person", **said}


def _choice(passage: Passage, text: str, links: list[tuple[str, str]], made: Imported) -> dict[str, JsonValue]:
    say, question = question_of(text, QUESTION)
    node: dict[str, JsonValue] = {"say": say} if say else {}
    options: dict[str, JsonValue] = {}
    for label, target in made.few(links, passage.place):
        base = slug(label) or "option"
        name, number = base, 2
        while name in options:
            name, number = f"{base}-{number}", number + 1
        options[name] = {"label": made.label(label, passage.place) or "…", "next": target}
    return {**node, "choice": question, "options": options}


def _tie(made: Imported, known: Mapping[str, str]) -> None:
    """Put the ids of nodes where the links named passages."""
    folded = {name.casefold(): name for name in known}
    for node in list(made.nodes.values()):
        for holder in leading(node):
            target = str(holder["next"])
            if target.startswith("\0"):
                holder["next"] = target[1:]
                continue
            if target not in known:
                near = folded.get(target.casefold())
                meant = f" (is {near} meant?)" if near else ""
                made.note(
                    f"link {holder.get('label', target)}",
                    f"there is no passage {target}{meant}; a person takes over there",
                )
            holder["next"] = known.get(target) or made.missing()

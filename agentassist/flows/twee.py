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
from agentassist.flows.imported import Imported, question_of, slug

if TYPE_CHECKING:
    from agentassist.models import JsonValue

QUESTION = "How would you like to go on?"
"""What is asked where a passage ends without a question."""
MAX_PASSAGES = 5_000
MAX_HEADER = 1_000
"""The longest first line of a passage, and the longest line in which a link is looked at."""
_HEADER = re.compile(r"^::[ \t]*((?:\\.|[^\[\]{}\\])*?)[ \t]*(\[(?:\\.|[^\]\\])*\])?[ \t]*(\{.*\})?[ \t]*$")
_LINK = re.compile(r"\[\[([^\[\]\n]{1,500})\](?:\[([^\]\n]{0,500})\])?\]")
_STORY = re.compile(r"<tw-storydata\b", re.IGNORECASE)
_PASSAGE = re.compile(r"<tw-passagedata\b", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s([a-zA-Z-]{1,40})=(?:"([^"]{0,2000})"|'([^']{0,2000})')""")
MAX_TAG = 5_000
"""The longest tag of a story or passage."""
_CODE = (
    (re.compile(r"<<[^<>\n]{0,500}>>"), "macro"),
    (re.compile(r"\((?:[a-z][a-z-]{0,40}):[^()\n]{0,500}\)", re.IGNORECASE), "macro"),
    (re.compile(r"</?[a-zA-Z][^<>\n]{0,500}>"), "HTML"),
    (re.compile(r"\{[^{}\n]{1,200}\}"), "insert"),
)
"""What story formats do beyond text and links: SugarCube, Harlowe, comments, HTML, Chapbook."""
_CODE_TAGS = ("script", "stylesheet")
_OWN = {"person", "bot"}


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
        raise ContentError("there is no passage in it", "A Twee file begins each passage with a line :: NAME.")
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
    """Take the passages out that tell about the story."""
    kept = []
    for passage in story.passages:
        if passage.name == "StoryTitle":
            story.title = passage.body
        elif passage.name == "StoryData":
            story.start = _story_data(passage, made)
        elif set(passage.tags) & set(_CODE_TAGS):
            made.note(passage.place, "was left out: it is code or style of the story format")
        else:
            kept.append(passage)
    story.passages = kept
    return story


def _story_data(passage: Passage, made: Imported) -> str:
    try:
        data = json.loads(passage.body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        made.note(passage.place, "is no JSON object and was left out")
        return ""
    start = data.get("start", "")
    return start if isinstance(start, str) else ""


def _from_html(text: str, made: Imported) -> Story:
    """Read the first story of an HTML file. Its elements are found one after the other: a story may be hostile."""
    stories = [found.start() for found in _STORY.finditer(text)]
    ends = [*stories[1:], len(text)]
    names = [_attributes(text, start) for start in stories]
    for other in names[1:]:
        made.note("", f"the file holds several stories; {other.get('name') or 'one'} was left out")
    part = text[stories[0] : ends[0]]
    if re.search(r"<(?:script|style)\b", part, re.IGNORECASE):
        made.note("", "scripts and styles of the story were left out")
    story = Story(title=names[0].get("name", ""))
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


def _build(story: Story, made: Imported) -> None:
    made.title = made.label(story.title, "StoryTitle")
    known = {}
    for passage in story.passages:
        if passage.name in known:
            made.note(passage.place, "was left out: another passage has its name")
        else:
            known[passage.name] = made.name(passage.name, passage.name)
            _node(passage, made, known)
    start = story.start or ("Start" if "Start" in known else story.passages[0].name)
    if start not in known:
        made.note("StoryData", f"there is no passage {start} to start with; the first one is taken")
        start = story.passages[0].name
    made.start = known[start]
    _tie(made, known)


def _node(passage: Passage, made: Imported, known: dict[str, str]) -> None:
    for tag in passage.tags:
        if tag not in _OWN:
            made.note(passage.place, f"tag {tag} was left out")
    text, links = _parted(passage, made)
    ident = known[passage.name]
    if _OWN & set(passage.tags):
        for label, _ in links:
            made.note(passage.place, f"link {label} was left out: the tree ends here")
        if "bot" in passage.tags:
            made.nodes[ident] = {"bot": text or passage.name}
        else:
            said = {"say": text} if text else {}
            made.nodes[ident] = {"person": made.label(passage.name, passage.place) or "Asked for a person", **said}
        return
    if not links:
        made.nodes[ident] = {"end": text or passage.name or "…"}
        return
    say, question = question_of(text, QUESTION)
    node: dict[str, JsonValue] = {"say": say} if say else {}
    options: dict[str, JsonValue] = {}
    for label, target in made.few(links, passage.place):
        name, number = slug(label) or "option", 2
        while name in options:
            name, number = f"{slug(label) or 'option'}-{number}", number + 1
        options[name] = {"label": made.label(label, passage.place) or "…", "next": target}
    made.nodes[ident] = {**node, "choice": question, "options": options}


def _parted(passage: Passage, made: Imported) -> tuple[str, list[tuple[str, str]]]:
    """Return a passage's text without code, and its links: label and target."""
    links: list[tuple[str, str]] = []

    def taken(found: re.Match[str]) -> str:
        label, target = _ends(found[1])
        if found[2] is not None:
            made.note(passage.place, f"what the link {label} sets was left out: {found[2]}")
        if re.match(r"https?://", target):
            return f"{label}: {target}" if label != target else target
        links.append((label, target))
        return "\0" if _alone(passage.body, found) else label

    text = _without_comments(_LINK.sub(taken, passage.body), passage, made)
    for pattern, what in _CODE:
        for found in pattern.finditer(text):
            made.note(passage.place, f"{what} was left out: {found[0][:80]}")
        text = pattern.sub("", text)
    lines = [line for line in text.split("\n") if line.replace("\0", "").strip(" \t*-") or "\0" not in line]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines).replace("\0", ""))
    return made.words(text, passage.place), links


def _without_comments(text: str, passage: Passage, made: Imported) -> str:
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[at:start])
        at = end + len("-->")
        made.note(passage.place, f"comment was left out: {text[start:at][:80]}")
    return "".join([*kept, text[at:]])


def _alone(body: str, found: re.Match[str]) -> bool:
    """Say whether a link is all that its line holds, a list's mark aside."""
    start = body.rfind("\n", 0, found.start()) + 1
    end = body.find("\n", found.end())
    if max(end, len(body) if end < 0 else 0) - start > MAX_HEADER:
        return False
    rest = body[start : found.start()] + body[found.end() : end if end >= 0 else len(body)]
    return not _LINK.sub("", rest).strip(" \t*-0123456789.")


def _ends(inner: str) -> tuple[str, str]:
    """Return label and target of a link: the rightmost ->, else the leftmost <-, else the first |."""
    if "->" in inner:
        label, _, target = inner.rpartition("->")
    elif "<-" in inner:
        target, _, label = inner.partition("<-")
    elif "|" in inner:
        label, _, target = inner.partition("|")
    else:
        label = target = inner
    return label.strip(), target.strip()


def _tie(made: Imported, known: dict[str, str]) -> None:
    """Put the ids of nodes where the links named passages."""
    for node in list(made.nodes.values()):
        options = node.get("options")
        for option in options.values() if isinstance(options, dict) else ():
            if isinstance(option, dict):
                target = str(option["next"])
                if target not in known:
                    made.note(f"link {option['label']}", f"there is no passage {target}; a person takes over there")
                option["next"] = known.get(target) or made.missing()

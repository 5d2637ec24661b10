"""The text of a passage of Twine as a customer may read it, and the links in it.

Code of the story format, HTML, comments and marks of emphasis go; what they were is told. A text is shown as it is
written everywhere in this program, so nothing of them may stay.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentassist.flows.imported import tidy
from agentassist.flows.twee_macros import Findings, StoryFormat, link, without_code
from agentassist.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_LINE = 1_000
"""The longest line in which a link is looked at as the only thing of its line."""
SHOWN, SHOWN_CHARACTERS = 4, 60
"""How many things left out a note shows, and how much of each."""
_LINK = re.compile(r"\[\[([^\[\]\n]{1,500})\](?:\[([^\]\n]{0,500})\])?\]")
_IMAGE = re.compile(r"\[[<>]?img\[([^\[\]\n]{0,500})\](?:\[([^\[\]\n]{0,500})\])?\]", re.IGNORECASE)
_ANCHOR = re.compile(
    r"<(a|button|span)\b[^<>]{0,300}?\bdata-passage=[\"']([^\"'<>]{1,200})[\"'][^<>]{0,300}>([^<>]{0,300})</\1>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h[1-6])\b[^<>]{0,50}>", re.IGNORECASE)
_BLOCKS = ("script", "style")
_BLOCK = re.compile(r"<(script|style)\b", re.IGNORECASE)
_BLOCK_END = {name: re.compile(rf"</{name}[^<>]{{0,50}}>?", re.IGNORECASE) for name in _BLOCKS}
_MARK, _HIDE = (
    "\0",
    str.maketrans("[](){}<>$_*'/~^#", "".join(map(chr, (1, 2, 3, 4, 5, 6, 7, 8, 14, 15, 16, 17, 18, 19, 20, 21)))),
)
"""What stands for a link, and for characters that are no code: no text has them, control characters are gone before."""
_SHOW = {value: key for key, value in _HIDE.items()}
_VERBATIM = {
    StoryFormat.HARLOWE: re.compile(r"(`{1,9})([^`]{1,1000})\1"),
    StoryFormat.SUGARCUBE: re.compile(r"(\"\"\"|\{\{\{)([^{}\"]{1,1000})(?:\"\"\"|\}\}\})"),
    StoryFormat.CHAPBOOK: re.compile(r"(`)([^`\n]{1,500})`"),
    StoryFormat.SNOWMAN: re.compile(r"(`)([^`\n]{1,500})`"),
}
_VARIABLE = r"(?<![\w$\\])\$[A-Za-z_]\w{0,60}(?:\.[A-Za-z_]\w{0,60}){0,9}|(?<![\w_])_[A-Za-z]\w{0,60}(?![\w_])"
_VARIABLES = {
    StoryFormat.HARLOWE: re.compile(rf"[ \t]{{0,9}}(?:{_VARIABLE})(?=[,.!?;:])|(?:{_VARIABLE})"),
    StoryFormat.SUGARCUBE: re.compile(
        rf"[ \t]{{0,9}}(?:{_VARIABLE})(?=[,.!?;:])|(?:{_VARIABLE})(?:\[[\w$\"']{{1,40}}\])?"
    ),
}
_PAIRS = {
    StoryFormat.HARLOWE: (r"''", r"(?<!:)//", r"(?<!\*)\*\*(?!\*)", r"~~", r"\^\^"),
    StoryFormat.SUGARCUBE: (r"''", r"(?<!:)//", r"(?<!_)__(?!_)", r"(?<!=)==(?!=)", r"~~", r"\^\^"),
    StoryFormat.CHAPBOOK: (r"(?<!\*)\*\*(?!\*)", r"(?<!_)__(?!_)", r"~~"),
    StoryFormat.SNOWMAN: (r"(?<!\*)\*\*(?!\*)", r"(?<!_)__(?!_)", r"~~"),
}
_SINGLE = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,300})(?<=\S)\*(?![\w*])")
_UNDERSCORE = re.compile(r"(?<!\w)_(?=[^\s_])([^_\n]{1,300})(?<=\S)_(?!\w)")
_HEADING = {
    StoryFormat.HARLOWE: re.compile(r"^[ \t]{0,9}#{1,6}[ \t]*(?=\S)", re.MULTILINE),
    StoryFormat.SUGARCUBE: re.compile(r"^!{1,6}[ \t]*(?=\S)", re.MULTILINE),
    StoryFormat.CHAPBOOK: re.compile(r"^#{1,6}[ \t]+(?=\S)", re.MULTILINE),
    StoryFormat.SNOWMAN: re.compile(r"^#{1,6}[ \t]+(?=\S)", re.MULTILINE),
}
_HARLOWE_LINE = re.compile(r"^[ \t]*[=|<>]{3,80}[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"^[ \t]*(?:-{3,80}|\*{3,80})[ \t]*$", re.MULTILINE)
_HOOK = re.compile(r"\|[\w-]{1,40}>(?=\[)|(?<=\])<[\w-]{1,40}\|")


@dataclass(slots=True)
class Passed:
    """What a passage shows and where it leads.

    Attributes:
        links: label and target, each pair once.
        jumps: passages that it goes to by itself.
        notes: what was left out.
    """

    text: str = ""
    links: dict[tuple[str, str], None] = field(default_factory=dict)
    jumps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(body: str, kind: StoryFormat, include: Callable[[str], str]) -> Passed:
    """Return what a passage shows and where it leads.

    Args:
        body: without control characters.
        kind: the story format.
        include: gives the text of another passage that this one shows.
    """
    found = Findings(include)
    passed = Passed(jumps=found.jumps, notes=found.odd)
    text = _VERBATIM[kind].sub(lambda part: part[2].translate(_HIDE), body) if kind in _VERBATIM else body
    text = _without_comments(text, kind, found)
    text = without_code(_without_blocks(text, found), kind, found)
    text = _ANCHOR.sub(lambda part: link(part[3], part[2]), _without_images(text, found))
    text = _LINK.sub(lambda part: _taken(part, kind, passed), text)
    text = _without_marks(_without_tags(text, found), kind, found)
    passed.text = tidy(re.sub(r"(?<=\S)[ \t]{2,}", " ", _lines(text)).translate(_SHOW))
    passed.notes += _told(found)
    return passed


def _told(found: Findings) -> Iterator[str]:
    """Yield a note for each kind of thing that was left out."""
    for kind, items in found.lost.items():
        shown = [" ".join(item.translate(_SHOW).split()) for item in dict.fromkeys(items)]
        cut = [item if len(item) <= SHOWN_CHARACTERS else f"{item[:SHOWN_CHARACTERS]}…" for item in shown[:SHOWN]]
        more = ", …" if len(shown) > SHOWN else ""
        yield f"{counted(len(items), kind)} left out: {', '.join(cut)}{more}"
    if found.conditional:
        yield "shows some of its text and links on a condition; here they are shown always"


def _taken(part: re.Match[str], kind: StoryFormat, passed: Passed) -> str:
    """Take a link; return what stays of it in the text."""
    label, target = ends(part[1])
    label = _plain(label, kind)
    if part[2] is not None:
        passed.notes.append(f"what the link {label} sets was left out: {part[2]}")
    if re.match(r"https?://", target):
        return f"{label}: {target}" if label != target else target
    passed.links[label, target] = None
    return f"{_MARK}{label}{_MARK}"


def _plain(label: str, kind: StoryFormat) -> str:
    """Return a link's label without code and marks."""
    ignored = Findings(lambda _: "")
    return _without_marks(_TAG.sub("", without_code(label, kind, ignored)), kind, ignored).translate(_SHOW).strip()


def ends(inner: str) -> tuple[str, str]:
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


def _without_comments(text: str, kind: StoryFormat, found: Findings) -> str:
    pairs = [("<!--", "-->"), *([("/*", "*/"), ("/%", "%/")] if kind is StoryFormat.SUGARCUBE else [])]
    for begin, close in pairs:
        kept, at = [], 0
        while (start := text.find(begin, at)) >= 0 and (end := text.find(close, start + len(begin))) >= 0:
            kept.append(text[at:start])
            at = end + len(close)
            found.lost["comment"].append(text[start:at])
        text = "".join([*kept, text[at:]])
    # A backslash at the end of a line joins it to the next one.
    joins = kind in (StoryFormat.HARLOWE, StoryFormat.SUGARCUBE)
    return text.replace("\\\n", "") if joins else text


def _without_blocks(text: str, found: Findings) -> str:
    """Leave out scripts and styles with what they hold."""
    kept, at = [], 0
    lasts = {name: max((end.start() for end in re.finditer(f"</{name}", text, re.IGNORECASE)), default=-1)
             for name in _BLOCKS}  # fmt: skip
    for start in _BLOCK.finditer(text):
        if start.start() < at or lasts[start[1].lower()] < start.end():
            continue
        end = _BLOCK_END[start[1].lower()].search(text, start.end())
        kept.append(text[at : start.start()])
        at = end.end() if end else len(text)
        found.lost["script"].append(text[start.start() : at])
    return "".join([*kept, text[at:]])


def _without_images(text: str, found: Findings) -> str:
    def taken(part: re.Match[str]) -> str:
        found.lost["picture"].append(part[0])
        title = part[1].partition("|")[0] if "|" in part[1] else ""
        return link(title, part[2]) if part[2] else ""

    return _IMAGE.sub(taken, text)


def _without_tags(text: str, found: Findings) -> str:
    for tag in _TAG.findall(text):
        if not tag.startswith("</"):
            found.lost["HTML tag"].append(tag)
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", text)))


def _without_marks(text: str, kind: StoryFormat, found: Findings) -> str:
    """Leave out variables, headings, emphasis and what lays a text out."""
    if kind in _VARIABLES:
        for part in _VARIABLES[kind].findall(text):
            found.lost["variable"].append(part.strip())
        text = _VARIABLES[kind].sub("", text)
    before = text
    if kind is StoryFormat.HARLOWE:
        text = re.sub(r"[][{}]", "", _HARLOWE_LINE.sub("", _HOOK.sub("", text)))
        before = text
    if kind in _HEADING:
        text = _RULE.sub("", _HEADING[kind].sub("", text))
    for mark in _PAIRS.get(kind, ()):
        text = "\n\n".join(_unpaired(part, mark) for part in text.split("\n\n"))
    if kind in (StoryFormat.HARLOWE, StoryFormat.CHAPBOOK, StoryFormat.SNOWMAN):
        text = _SINGLE.sub(r"\1", text)
    if kind in (StoryFormat.CHAPBOOK, StoryFormat.SNOWMAN):
        text = _UNDERSCORE.sub(r"\1", text)
    if text != before and "marks of emphasis and headings were left out" not in found.odd:
        found.odd.append("marks of emphasis and headings were left out")
    return text


def _unpaired(text: str, mark: str) -> str:
    """Return a paragraph without a mark that opens as often as it closes."""
    parts = re.split(mark, text)
    return "".join(parts) if len(parts) % 2 else text


def _lines(text: str) -> str:
    """Return a text without the lines that hold links only, a list's marks aside."""
    kept = []
    for line in text.split("\n"):
        if _MARK in line and len(line) <= MAX_LINE:
            rest = re.sub(rf"{_MARK}[^{_MARK}]*{_MARK}", "", line)
            if not rest.strip(" \t*-+0123456789.,;|>/•"):
                continue
        kept.append(line.replace(_MARK, ""))
    return "\n".join(kept)

"""The code of Twine's story formats in a passage: what it shows, where it leads, and what of it is left out.

Each format has its own: Harlowe `(set: $x to 1)`, SugarCube `<<set $x to 1>>`, Chapbook `[if x]` and `{x}`, Snowman
`<% x %>`. Nothing of it is ever run. What leads to another passage becomes a link as every format writes it, and what
shows another passage becomes that passage's text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_MACRO = 5_000
"""The longest macro that is looked for to its end."""
MAX_UNCLOSED = 50
"""How many macros without an end are looked at in one passage."""


class StoryFormat(StrEnum):
    """A story format, as Twine names it."""

    HARLOWE = "harlowe"
    SUGARCUBE = "sugarcube"
    CHAPBOOK = "chapbook"
    SNOWMAN = "snowman"
    OTHER = ""


_SIGNS = {
    StoryFormat.SUGARCUBE: re.compile(r"<</?[A-Za-z=-]"),
    StoryFormat.SNOWMAN: re.compile(r"<%"),
    StoryFormat.HARLOWE: re.compile(
        r"\((?:set|put|if|else|else-?if|unless|print|display|link[a-z-]*|click[a-z-]*|go-?to|for|live):", re.IGNORECASE
    ),
    StoryFormat.CHAPBOOK: re.compile(
        r"^--$|^\[(?:if|else|unless|continue|continued|cont|align|after|JavaScript|CSS|note)\b[^\[\]\n]{0,200}\]$"
        r"|\{(?:embed passage|reveal link|link to|text input|cycling link|dropdown menu|back link)\b",
        re.IGNORECASE | re.MULTILINE,
    ),
}
"""By what a story is known whose format is not said."""


def format_of(named: str, bodies: Iterable[str]) -> StoryFormat:
    """Return the story format: the one that the story names, else the one whose code is in most of its passages."""
    if not named:
        return _guessed(bodies)
    known = re.sub(r"[^a-z]", "", named.lower())
    return StoryFormat(known) if known in set(StoryFormat) else StoryFormat.OTHER


def _guessed(bodies: Iterable[str]) -> StoryFormat:
    counts = dict.fromkeys(_SIGNS, 0)
    for body in bodies:
        for kind, sign in _SIGNS.items():
            counts[kind] += sign.search(body) is not None
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else StoryFormat.OTHER


@dataclass(slots=True)
class Findings:
    """What the code of a passage does.

    Attributes:
        jumps: passages that it goes to by itself.
        lost: what is left out, by kind.
        odd: what else somebody should know.
        conditional: whether some of its text is shown on a condition only.
        include: gives the text of another passage that is shown here; empty when there is none.
    """

    include: Callable[[str], str]
    jumps: list[str] = field(default_factory=list)
    lost: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    odd: list[str] = field(default_factory=list)
    conditional: bool = False


def link(label: str, target: str) -> str:
    """Return a link as every format writes it."""
    plain = re.sub(r"<<[^<>]{0,500}>>|[\[\]\n]", "", label).replace("->", "→").strip()
    return f"[[{plain or target}->{re.sub(r'[][]', '', target).strip()}]]"


def without_code(text: str, kind: StoryFormat, found: Findings) -> str:
    """Return the text of a passage without its format's code, and with links for what leads on."""
    if kind is StoryFormat.SUGARCUBE:
        return _sugarcube(text, found)
    if kind is StoryFormat.HARLOWE:
        return _harlowe(text, found)
    if kind is StoryFormat.CHAPBOOK:
        return _inserts(_modifiers(_without_variables(text, found), found), found)
    return _snowman(text, found) if kind is StoryFormat.SNOWMAN else text


_QUOTED = re.compile(r""""((?:\\.|[^"\\]){0,2000})"|(?<![\w)])'((?:\\.|[^'\\]){0,2000})'""", re.DOTALL)


def _quoted(text: str) -> list[str]:
    """Return the texts in quotes."""
    return [re.sub(r"\\(.)", r"\1", double or single) for double, single in _QUOTED.findall(text)]


_SUGARCUBE = re.compile(r"<<(/?[A-Za-z=-][\w-]{0,60})")
_SUGARCUBE_REST = re.compile(
    r"""(?:"(?:\\.|[^"\\\n])*+"|(?<!\w)'(?:\\.|[^'\\\n])*+'|(?!>>)(?!["])(?!(?<!\w)').){0,1000}+>>""", re.DOTALL
)
_MUTE = ("script", "widget", "silently", "silent", "done")
"""What shows nothing of what it holds."""
_IFS = ("if", "elseif", "else", "switch", "case", "default", "unless", "else-if")


def _sugarcube(text: str, found: Findings) -> str:
    out: list[str] = []
    at, muted = 0, ""
    closed = {name: text.rfind(f"<</{name}") for name in _MUTE}
    for start in _SUGARCUBE.finditer(text):
        if start.start() < at:
            continue
        rest = _SUGARCUBE_REST.match(text, start.end())
        end = rest.end() if rest else text.find(">>", start.end()) + 2
        if end < 2:
            break
        name, arguments = start[1].lower(), text[start.end() : end - 2]
        if not muted:
            out.append(text[at : start.start()])
        at = end
        if muted:
            muted = "" if name == f"/{muted}" else muted
            if name == "goto":
                found.jumps += _quoted(arguments)[:1]
            continue
        muted = name if name in _MUTE and closed[name] > end else ""
        out.append(_sugarcube_macro(name, arguments, text[start.start() : end], found))
    return "".join([*out, "" if muted else text[at:]])


def _sugarcube_macro(name: str, arguments: str, whole: str, found: Findings) -> str:
    """Return what a macro becomes."""
    quoted = _quoted(arguments)
    inner = re.search(r"\[\[[^\[\]\n]{1,500}\]\]", arguments)
    if name in ("link", "button", "linkgoto") and inner:
        return inner[0]
    if name in ("link", "button", "linkgoto") and len(quoted) > 1:
        return link(quoted[0], quoted[1])
    if name in ("include", "display") and quoted:
        return found.include(quoted[0])
    if name == "goto" and quoted:
        found.jumps.append(quoted[0])
    elif not name.startswith("/"):
        found.conditional |= name in _IFS
        found.lost["macro"].append(whole)
    return ""


_HARLOWE = re.compile(r"\(([A-Za-z][\w-]{0,40}):")
_HARLOWE_INNER = re.compile(r""""(?:\\.|[^"\\\n]){0,2000}"|(?<![\w)])'(?:\\.|[^'\\\n]){0,2000}'|[()]""")

_JOINED = re.compile(r"\s{0,9}\+\s{0,9}(?=\()")


def _harlowe(text: str, found: Findings) -> str:
    out: list[str] = []
    at = unclosed = 0
    for start in _HARLOWE.finditer(text):
        if start.start() < at:
            continue
        end = _closing(text, start.start())
        if end < 0:
            unclosed += 1
            if unclosed > MAX_UNCLOSED:
                found.odd.append("holds macros without an end, which were left as they are")
                break
            continue
        arguments = text[start.end() : end - 1]
        out += text[at : start.start()], _harlowe_macro(start[1], arguments, text[start.start() : end], found)
        # Macros are joined by a plus to work on one hook.
        joined = _JOINED.match(text, end)
        at = joined.end() if joined else end
    return "".join([*out, text[at:]])


def _closing(text: str, start: int) -> int:
    """Return the place after the bracket that closes the one at `start`; -1 when it is not closed."""
    depth = 0
    for inner in _HARLOWE_INNER.finditer(text, start, start + MAX_MACRO):
        depth += {"(": 1, ")": -1}.get(inner[0], 0)
        if depth == 0:
            return inner.end()
    return -1


def _harlowe_macro(name: str, arguments: str, whole: str, found: Findings) -> str:
    """Return what a macro becomes."""
    plain, quoted = name.lower().replace("-", "").replace("_", ""), _quoted(arguments)
    if plain in ("linkgoto", "linkrevealgoto") and quoted:
        if len(quoted) > 1 or "," not in arguments:
            return link(quoted[0], quoted[-1])
        found.odd.append(f"link {quoted[0]} was left out: where it leads is worked out while playing")
        return ""
    if plain == "display" and quoted:
        return found.include(quoted[0])
    if plain == "goto" and quoted:
        found.jumps.append(quoted[0])
        return ""
    found.conditional |= plain in ("if", "else", "elseif", "unless", "cond")
    found.lost["macro"].append(whole)
    return ""


_VARIABLES = re.compile(
    r"\A((?:[ \t]*\n|[ \t]*[\w.$]{1,80}(?: ?\([^()\n]{0,200}\))?[ \t]*:[^\n]*\n){1,200}?)--[ \t]*(?:\n|\Z)"
)
_MODIFIER = re.compile(r"\[(?!\[)([^\[\]\n]{1,300})\][ \t]*")
_SILENT = ("javascript", "css", "note", "n.b.", "fixme", "todo")
_INSERT = re.compile(r"\{([A-Za-z_$][^{}\n]{0,500})\}")
_ARGUMENT = re.compile(r"""([A-Za-z][\w ]{0,40}?)\s{0,3}:\s{0,3}(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")""")


def _without_variables(text: str, found: Findings) -> str:
    """Leave out what a passage of Chapbook sets, above a line of --."""
    variables = _VARIABLES.match(text)
    if variables is None:
        return text
    found.lost["variable"] += [line.strip() for line in variables[1].split("\n") if line.strip()]
    return text[variables.end() :]


def _modifiers(text: str, found: Findings) -> str:
    kept, silent = [], False
    for line in text.split("\n"):
        modifier = _MODIFIER.fullmatch(line)
        if modifier is None:
            if not silent:
                kept.append(line)
            continue
        words = modifier[1].strip().lower()
        silent = words.startswith(_SILENT)
        found.conditional |= re.match(r"(?:if|ifalways|ifnever|unless|else)\b", words) is not None
        if not re.match(r"(?:else|cont(?:inued?)?)$", words):
            found.lost["modifier"].append(line)
    return "\n".join(kept)


def _inserts(text: str, found: Findings) -> str:
    def taken(insert: re.Match[str]) -> str:
        said = {key.strip().lower(): one or two for key, one, two in _ARGUMENT.findall(insert[1])}
        target = said.get("embed passage") or said.get("embed passage named")
        if target:
            return found.include(target)
        if "link to" in said:
            return link(said.get("label", ""), said["link to"])
        if "reveal link" in said and "passage" in said:
            return link(said["reveal link"], said["passage"])
        if "reveal link" in said and "text" in said:
            return f"{said['reveal link']} {said['text']}"
        found.lost["insert"].append(insert[0])
        return ""

    return _INSERT.sub(taken, text)


_RENDER = re.compile(r"""story\.render\(\s{0,9}(?:"([^"\n]{1,200})"|'([^'\n]{1,200})')\s{0,9}\)""")


def _snowman(text: str, found: Findings) -> str:
    out: list[str] = []
    at = 0
    while (start := text.find("<%", at)) >= 0 and (end := text.find("%>", start)) >= 0:
        out.append(text[at:start])
        at = end + 2
        code = text[start:at]
        shown = _RENDER.search(code)
        if shown:
            out.append(found.include(shown[1] or shown[2]))
        else:
            found.conditional |= re.search(r"\b(?:if|else|switch)\b", code) is not None
            # A line that only closes a brace says nothing.
            found.lost["code tag"] += [code] if re.search(r"\w", code) else []
    return "".join([*out, text[at:]])

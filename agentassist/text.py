"""Makes outside text safe to show. The stored text stays exact: clean only to show, log, notify or copy.

A terminal obeys what is printed on it. `clean` works by code point and never tries to recognise an escape sequence, so
there is no sequence that it can fail to recognise.
"""

from __future__ import annotations

import re
import unicodedata

MAX_MARKS = 4
"""Combining marks kept on one base character; real languages need at most four."""

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_TAG_FLAG = re.compile(
    "\U0001f3f4(?:\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073))\U000e007f"
)
"""The three flags that Unicode recommends for interchange as tag sequences (England, Scotland, Wales)."""

_NAMED = {
    0x061C: "ALM", 0x200E: "LRM", 0x200F: "RLM",
    0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO", 0x202E: "RLO",
    0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI",
    0x2028: "LS", 0x2029: "PS",
}  # fmt: skip
_BLANKS = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_JOINABLE_SYMBOLS = frozenset(["So", "Sk", "Sm", "Mn", "Me"])
_PLAIN = re.compile(r"[\x20-\x7e\n]*")


def clean(text: str, *, limit: int = 20_000) -> str:
    r"""Return `text` as characters that a terminal only shows.

    C0 controls become control pictures (ESC is ␛), C1 and bidirectional controls their names (⟨U+009B⟩, ⟨RLO⟩),
    zero-width characters a dot unless they join what a language or an emoji joins, tags vanish, lone surrogates become
    U+FFFD, more than `MAX_MARKS` combining marks on one base are dropped, and what is past `limit` is cut with a
    visible count.
    Newlines stay, a tab becomes four spaces. `clean(clean(x)) == clean(x)`.

    Args:
        text: anything at all.
        limit: the longest result, in characters.
    """
    if len(text) <= limit and _PLAIN.fullmatch(text):
        return text
    kept, consumed = _transform(text, limit)
    if consumed == len(text):
        return kept
    room = limit - len(f"… [{len(text):,} more characters]")
    kept, consumed = _transform(text, max(room, 0))
    return f"{kept.rstrip(_ZWNJ + _ZWJ)}… [{len(text) - consumed:,} more characters]"[:limit]


def clean_line(text: str, *, limit: int = 500) -> str:
    """Return `clean(text)` on one line: runs of white space become one space.

    Args:
        text: anything at all.
        limit: the longest result, in characters.
    """
    # What is folded away can only make it shorter, so a generous head is enough to fill `limit`.
    return clean(" ".join(text[: limit * 20].split()), limit=limit) if text else ""


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 file", "2,000 files"; `many` is for a noun that takes more than an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _transform(text: str, room: int) -> tuple[str, int]:
    """Return the safe form of a prefix of `text` that fits in `room`, and how much of `text` it stands for."""
    out: list[str] = []
    length = index = marks = 0
    size = len(text)
    while index < size:
        char = text[index]
        step = 1
        if " " <= char <= "~" or char == "\n":
            piece, marks = char, 0
        elif char == "\U0001f3f4" and (flag := _TAG_FLAG.match(text, index)):
            piece, step, marks = flag.group(), flag.end() - index, 0
        elif char == "\r" and text[index + 1 : index + 2] == "\n":
            piece = ""
        elif unicodedata.category(char) in ("Mn", "Me", "Mc") and char not in _BLANKS:
            marks += 1
            piece = char if marks <= MAX_MARKS else ""
        elif char in (_ZWJ, _ZWNJ):
            piece = char if _joins(text, index) else "·"
        else:
            piece, marks = _safe(char), 0
        if length + len(piece) > room:
            break
        out.append(piece)
        length += len(piece)
        index += step
    return "".join(out), index


def _safe(char: str) -> str:
    """Return the visible form of one character that is neither plain ASCII nor a combining mark."""
    code = ord(char)
    if char == "\t":
        return "    "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if name := _NAMED.get(code):
        return f"⟨{name}⟩"
    if 0x80 <= code <= 0x9F:
        return f"⟨U+{code:04X}⟩"
    if 0xE0000 <= code <= 0xE007F:
        return ""
    if 0xD800 <= code <= 0xDFFF or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF:
        return "\ufffd"
    if char in _BLANKS or unicodedata.category(char) == "Cf":
        return "·"
    return char


def _joins(text: str, index: int) -> bool:
    """Say whether the joiner at `index` joins what it is for: two letters of a joining script, or two emoji."""
    if index == 0 or index + 1 >= len(text):
        return False
    before, after = text[index - 1], text[index + 1]
    if ord(before) < 0x0600 or ord(after) < 0x0600 or _ZWJ in (before, after) or _ZWNJ in (before, after):
        return False
    kind_before, kind_after = unicodedata.category(before), unicodedata.category(after)
    if text[index] == _ZWJ and kind_after == "So":
        return kind_before in _JOINABLE_SYMBOLS
    return kind_before in ("Lo", "Mn", "Mc") and kind_after in ("Lo", "Mn", "Mc")

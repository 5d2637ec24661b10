"""Parts articles and captions into passages that fit the encoder.

The encoder reads 256 tokens, about 1,050 characters of English; what is past them would be found by keyword only.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentassist.kb.blocks import Block, BlockKind
from agentassist.models import Article, Passage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agentassist.kb.captions import Cue

MAX_SIZE = 1_050
"""Title, heading and text together, in characters."""
MIN_ROOM = 600
"""What a passage may always have, however long title and heading are."""
SMALL = 300
"""A section below this is joined with its neighbour while both together stay below `JOINED`: about 55 words."""
JOINED = 900
MIN_SECONDS, MAX_SECONDS = 30.0, 45.0
PAUSE = 0.7
"""Seconds of silence after which a speaker begins something new."""
SEPARATOR = " › "

_WIDE = re.compile("[\u0e00-\u0e7f\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Scripts in which a character is about a token, four times what a Latin letter is."""
_SENTENCE = re.compile(r"[.!?…][\"'”’)\]]*\s+|[。！？]")


def embedded_text(article: Article, passage: Passage) -> str:
    """Return what is embedded for a passage: title, heading and text, a line each."""
    return "\n".join(part for part in (article.title, passage.heading, passage.text) if part)


def content_hash(article: Article, passage: Passage) -> str:
    """Return the SHA-256 (hex) of what is embedded: a passage with the same hash has the same vector."""
    return hashlib.sha256(embedded_text(article, passage).encode("utf-8", "surrogatepass")).hexdigest()


def from_blocks(article_id: str, title: str, blocks: Sequence[Block]) -> tuple[Passage, ...]:
    """Part a body by its headings and by size. All words are kept, in order.

    A short body is one passage. A heading that only repeats the title is left out. Steps and table rows stay whole,
    unless one alone is too long.

    Args:
        article_id: what the passages belong to.
        title: of the article; it takes room in what is embedded.
        blocks: in order.
    """
    sections = _sections(title, blocks)
    passages: list[Passage] = []
    for group in _groups(sections, MAX_SIZE - _size(title)):
        shared = _shared(group)
        heading = SEPARATOR.join(shared)
        room = max(MAX_SIZE - _size(title) - _size(heading), MIN_ROOM)
        for text in _pack(_lines(group, len(shared)), room):
            passages.append(Passage(article_id, len(passages), heading, text))
    return tuple(passages)


def from_cues(article_id: str, cues: Sequence[Cue], *, first_number: int = 0) -> tuple[Passage, ...]:
    """Join captions into passages of 30 to 45 seconds that end at a pause or the end of a sentence.

    The last one also takes what would be shorter than 15 seconds.

    Args:
        article_id: what the passages belong to.
        cues: in the order of time.
        first_number: the number of the first passage.
    """
    passages: list[Passage] = []
    first = 0
    while first < len(cues):
        end = _window_end(cues, first)
        text = " ".join(cue.text for cue in cues[first:end])
        for piece in _pieces(text, MAX_SIZE):
            passages.append(Passage(article_id, first_number + len(passages), "", piece, cues[first].start))
        first = end
    return tuple(passages)


@dataclass(frozen=True, slots=True)
class _Section:
    """What stands below one heading."""

    path: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def size(self) -> int:
        return sum(_size(block.text) + 1 for block in self.blocks)


def _size(text: str) -> int:
    """Return the length of `text` in Latin letters' worth of tokens."""
    return len(text) if text.isascii() else len(text) + 3 * len(_WIDE.findall(text))


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _sections(title: str, blocks: Sequence[Block]) -> list[_Section]:
    sections: list[_Section] = []
    stack: list[Block] = []
    gathered: list[Block] = []

    def close() -> None:
        if gathered or stack:
            sections.append(_Section(tuple(block.text for block in stack), tuple(gathered)))
        gathered.clear()

    for number, block in enumerate(blocks):
        if block.kind is not BlockKind.HEADING:
            gathered.append(block)
        elif number > 0 or not _same(block.text, title):
            close()
            while stack and stack[-1].level >= block.level:
                stack.pop()
            stack.append(block)
    close()
    # A heading right above a deeper one is told by that one's path.
    return [
        section
        for section, after in zip(sections, [*sections[1:], None], strict=False)
        if section.blocks or after is None or len(after.path) <= len(section.path)
    ]


def _groups(sections: Sequence[_Section], room: int) -> Iterable[list[_Section]]:
    """Put small neighbours together; everything, when it is short."""
    total = sum(section.size + sum(map(len, section.path[-1:])) + 1 for section in sections)
    if sections and total <= room:
        yield list(sections)
        return
    group: list[_Section] = []
    size = 0
    for section in sections:
        small = size < SMALL or section.size < SMALL
        if group and not (small and size + section.size <= JOINED):
            yield group
            group, size = [], 0
        group.append(section)
        size += section.size + sum(map(len, section.path[-1:]))
    if group:
        yield group


def _shared(group: Sequence[_Section]) -> tuple[str, ...]:
    """Return the headings above all of a group."""
    first, last = group[0].path, group[-1].path
    shared = []
    for depth, heading in enumerate(first):
        if any(section.path[depth : depth + 1] != (heading,) for section in group):
            break
        shared.append(heading)
    # A lone heading without anything below it is all there is to say.
    return tuple(shared) if any(section.blocks for section in group) or first != last else ()


def _lines(group: Sequence[_Section], shared: int) -> list[str]:
    """Return the texts of a group, with the headings that are not above all of it."""
    texts: list[str] = []
    above: tuple[str, ...] = group[0].path[:shared]
    for section in group:
        depth = next((at for at, pair in enumerate(zip(above, section.path, strict=False)) if pair[0] != pair[1]), None)
        known = depth if depth is not None else min(len(above), len(section.path))
        # The same heading twice in a row starts a new section all the same.
        if section is not group[0] and known == len(section.path):
            known -= 1
        texts.extend(section.path[max(known, 0) :])
        texts.extend(block.text for block in section.blocks)
        above = section.path
    return texts


def _pack(texts: Iterable[str], room: int) -> Iterable[str]:
    """Join texts into passages of about the same size, none above `room`."""
    pieces = [piece for text in texts for piece in _pieces(text, room)]
    total = sum(_size(piece) + 1 for piece in pieces)
    # Equal parts read better than full ones and a crumb.
    goal = total / max(1, -(-total // room))
    gathered: list[str] = []
    size = 0
    for piece in pieces:
        extra = _size(piece) + 1
        if gathered and (size + extra > room + 1 or size >= goal):
            # What ends in a colon introduces what follows.
            keep = [gathered.pop()] if len(gathered) > 1 and gathered[-1].endswith(":") else []
            kept = sum(_size(text) + 1 for text in keep)
            if kept + extra > room + 1:
                gathered, keep, kept = [*gathered, *keep], [], 0
            yield "\n".join(gathered)
            gathered, size = keep, kept
        gathered.append(piece)
        size += extra
    if gathered:
        yield "\n".join(gathered)


def _pieces(text: str, room: int) -> Iterable[str]:
    """Cut a text that is too long: at a line's end, else at a sentence's, else at a space, else anywhere."""
    rest = text.strip()
    while len(rest) > room or _size(rest) > room:
        window = min(room, len(rest)) if rest.isascii() else _fitting(rest, room)
        cut = rest.rfind("\n", window // 3, window) + 1
        if not cut:
            cut = max(
                (match.end() for match in _SENTENCE.finditer(rest, 0, window) if match.end() > window // 3), default=0
            )
        cut = cut or rest.rfind(" ", 1, window) + 1 or window
        if head := rest[:cut].rstrip():
            yield head
        rest = rest[cut:].lstrip()
    if rest:
        yield rest


def _fitting(text: str, room: int) -> int:
    """Return how many characters of `text` have at most the size `room`, at least one."""
    size = 0
    for count, char in enumerate(text):
        size += 4 if _WIDE.match(char) else 1
        if size > room:
            return max(count, 1)
    return len(text)


def _window_end(cues: Sequence[Cue], first: int) -> int:
    """Return where the passage that begins at cue `first` ends."""
    start = cues[first].start
    last = first
    while last + 1 < len(cues) and cues[last + 1].end - start <= MAX_SECONDS:
        last += 1
    if last + 1 == len(cues):
        return len(cues)
    best, best_rank = last, (0, 0)
    for at in range(first, last + 1):
        length = cues[at].end - start
        ends = bool(re.search(r"[.!?…。！？][\"'”’)\]]*$", cues[at].text))
        pauses = cues[at + 1].start - cues[at].end >= PAUSE
        if length >= MIN_SECONDS / 2 and (ends or pauses):
            rank = (int(length >= MIN_SECONDS), int(ends) + int(pauses))
            if rank >= best_rank:
                best, best_rank = at, rank
    # A goodbye of a few words would be found by the title alone, and send the customer to the end of the video.
    left = cues[-1].end - cues[best + 1].start
    return len(cues) if left < MIN_SECONDS / 2 else best + 1

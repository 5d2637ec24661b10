"""Passages: every word, in order, in pieces that the encoder can read."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentassist.kb import markdown, passages
from agentassist.kb.blocks import Block, BlockKind
from agentassist.kb.captions import Cue
from agentassist.models import Article, ArticleKind, Passage

SENTENCE = "Hold the button under the ring for ten seconds until the display goes dark. "


def parted(source: str, title: str = "Title") -> list[tuple[str, str]]:
    """Return heading and text of each passage."""
    return [(item.heading, item.text) for item in passages.from_blocks("a", title, markdown.parse(source).blocks)]


def words(count: int) -> str:
    """Return `count` characters of sentences, about."""
    return (SENTENCE * (count // len(SENTENCE) + 1))[:count].strip()


def test_a_short_article_is_one_passage() -> None:
    """Its headings stay inside, so that nothing is lost."""
    assert parted("Intro.\n\n## One\n\nFirst.\n\n### Deep\n\nSecond.\n\n## Two\n\n1. a\n2. b") == [
        ("", "Intro.\nOne\nFirst.\nDeep\nSecond.\nTwo\n1. a\n2. b")
    ]


def test_long_sections_are_told_by_their_headings() -> None:
    """The path of headings is above each passage, and goes back up where a section ends."""
    source = f"# A\n\n## B\n\n{words(700)}\n\n### C\n\n{words(700)}\n\n## D\n\n{words(700)}"
    assert [heading for heading, _ in parted(source)] == ["A › B", "A › B › C", "A › D"]


def test_a_heading_that_is_the_title_is_left_out() -> None:
    """A body that begins with its own title does not say it twice."""
    assert parted(f"#  reset the DIAL\n\n{words(700)}\n\n## B\n\n{words(700)}", "Reset the dial")[0][0] == ""


def test_small_neighbours_are_joined() -> None:
    """Sections of a line or two share a passage below what they have in common."""
    source = f"## Big\n\n{words(1_035)}\n\n## Small\n\n### One\n\nFirst.\n\n### Two\n\nSecond."
    assert parted(source)[1:] == [("Small", "One\nFirst.\nTwo\nSecond.")]


def test_steps_are_never_cut() -> None:
    """A long list is parted between its steps, in parts of about the same size."""
    steps = [f"{n}. {words(180)}" for n in range(1, 10)]
    found = parted("\n".join(steps))
    assert "\n".join(text for _, text in found).split("\n") == steps
    sizes = [len(text) for _, text in found]
    assert max(sizes) <= passages.MAX_SIZE
    assert max(sizes) < 2 * min(sizes)


def test_an_introduction_stays_with_its_list() -> None:
    """What ends in a colon goes with what follows."""
    source = f"{words(500)}\n\n{words(400)}\n\nDo this:\n\n" + "\n".join(f"{n}. {words(150)}" for n in range(1, 5))
    assert [text.startswith("Do this:") for _, text in parted(source)].count(True) == 1


def test_one_long_paragraph_is_cut_at_sentences() -> None:
    """Every piece but the last ends where a sentence ends."""
    found = [text for _, text in parted(words(5_000))]
    assert len(found) > 3
    assert all(text.endswith(".") for text in found[:-1])


@pytest.mark.parametrize(
    "text", ["word " * 900, "x" * 5_000, "按住按钮十秒钟。" * 400, "长" * 3_000], ids=["words", "one", "zh", "han"]
)
def test_a_sentence_without_an_end_is_cut_all_the_same(text: str) -> None:
    """What no encoder could read as one is parted at spaces, or anywhere; scripts with a token a character get less."""
    found = [piece for _, piece in parted(text)]
    limit = passages.MAX_SIZE // (4 if "长" in text or "按" in text else 1)
    assert all(0 < len(piece) <= limit for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())


def test_title_and_heading_take_their_room() -> None:
    """All that is embedded fits, not the text alone."""
    article = Article("a", ArticleKind.ARTICLE, "T" * 200, "", "a.md")
    blocks = markdown.parse(f"## {'H' * 100}\n\n{words(3_000)}").blocks
    for passage in passages.from_blocks("a", article.title, blocks):
        assert len(passages.embedded_text(article, passage)) <= passages.MAX_SIZE + 2


def test_what_is_embedded_and_its_hash() -> None:
    """Title, heading and text, a line each; the hash is that of exactly these characters and of nothing else."""
    article = Article("a", ArticleKind.ARTICLE, "T", "https://a.example", "a.md")
    assert passages.embedded_text(article, Passage("a", 0, "H › I", "x\ny")) == "T\nH › I\nx\ny"
    plain = Passage("a", 3, "", "ä")
    assert passages.embedded_text(article, plain) == "T\nä"
    assert passages.content_hash(article, plain) == hashlib.sha256("T\nä".encode()).hexdigest()
    assert passages.content_hash(article, plain) == passages.content_hash(article, Passage("b", 9, "", "ä", 4.0))


TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=400)
BLOCKS = st.lists(
    st.builds(
        lambda kind, text, size, level: Block(
            kind, (text * size).strip() or "x", 1, level if kind is BlockKind.HEADING else 0
        ),
        st.sampled_from(BlockKind),
        TEXT,
        st.integers(1, 20),
        st.integers(1, 6),
    ),
    max_size=25,
)


@given(BLOCKS, TEXT)
@settings(max_examples=150, deadline=None)
def test_every_word_is_kept_in_order(blocks: list[Block], title: str) -> None:
    """The texts hold every character of every block that is no heading, in order; none is empty or too long."""
    found = passages.from_blocks("a", title, blocks)
    assert [passage.number for passage in found] == list(range(len(found)))
    assert all(passage.text.strip() for passage in found)
    rest = iter("".join("".join(passage.text.split()) for passage in found))
    body = "".join("".join(block.text.split()) for block in blocks if block.kind is not BlockKind.HEADING)
    assert all(char in rest for char in body), "a character is missing or out of order"


@given(st.lists(TEXT.filter(str.strip), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_without_headings_nothing_is_added(texts: list[str]) -> None:
    """A body without headings comes back as exactly its own characters."""
    blocks = [Block(BlockKind.TEXT, text, 1) for text in texts]
    found = "".join(passage.text for passage in passages.from_blocks("a", "", blocks))
    assert "".join(found.split()) == "".join("".join(texts).split())


@given(
    st.lists(
        st.tuples(
            st.integers(1, 6), st.from_regex(r"[a-z]{3,9}( [a-z]{3,9}){0,3}", fullmatch=True), st.integers(0, 900)
        ),
        max_size=20,
    )
)
@settings(max_examples=100, deadline=None)
def test_every_heading_is_kept(sections: list[tuple[int, str, int]]) -> None:
    """Each heading is in the path above a passage or in its text."""
    blocks: list[Block] = []
    for level, heading, size in sections:
        blocks.append(Block(BlockKind.HEADING, heading, 1, level))
        blocks.extend([Block(BlockKind.TEXT, words(size), 1)] if size > 1 else [])
    found = passages.from_blocks("a", "T", blocks)
    told = {
        part for passage in found for part in [*passage.heading.split(passages.SEPARATOR), *passage.text.split("\n")]
    }
    assert {heading for _, heading, _ in sections} <= told


def cues(*spoken: tuple[float, float, str]) -> tuple[Cue, ...]:
    """Return cues."""
    return tuple(Cue(*item) for item in spoken)


def test_captions_end_at_sentences_and_start_at_a_second() -> None:
    """Passages last 30 to 45 seconds, end where a sentence does, and know the second of their first cue."""
    spoken = cues(*((n * 3.0, n * 3.0 + 3.0, f"word {n}{'.' if n % 4 == 3 else ''}") for n in range(40)))
    found = passages.from_cues("v", spoken, first_number=2)
    assert [passage.number for passage in found] == list(range(2, 2 + len(found)))
    assert " ".join(passage.text for passage in found) == " ".join(cue.text for cue in spoken)
    starts = [passage.start for passage in found]
    assert starts[0] == 0.0
    assert all(passage.text.endswith(".") for passage in found)
    assert all(30 <= (after or 0) - (start or 0) <= 45 for start, after in pairwise(starts))


def test_captions_without_sentences_end_at_pauses() -> None:
    """Where nothing ends with a full stop, silence parts."""
    spoken = cues(*((n * 5.0, n * 5.0 + (4.0 if n % 7 == 6 else 5.0), f"w{n}") for n in range(14)))
    assert [passage.text.split()[-1] for passage in passages.from_cues("v", spoken)] == ["w6", "w13"]


@pytest.mark.parametrize(
    "spoken",
    [cues((0, 400, "one long cue")), cues((0, 1, "a"), (500, 501, "b")), cues((0, 0, "x " * 3_000)), ()],
    ids=["long", "gap", "much", "none"],
)
def test_odd_captions(spoken: tuple[Cue, ...]) -> None:
    """Endless cues, long silence and much text in no time lose nothing and stay within bounds."""
    found = passages.from_cues("v", spoken)
    assert "".join("".join(item.text.split()) for item in found) == "".join("".join(cue.text.split()) for cue in spoken)
    assert all(0 < len(item.text) <= passages.MAX_SIZE for item in found)


def test_a_short_goodbye_stays_with_what_was_said_before_it() -> None:
    """No passage at the end of a video is so short that only its title could find it."""
    spoken = [(float(second), second + 4.0, "A sentence of some words.") for second in range(0, 48, 4)]
    found = passages.from_cues("a", cues(*spoken, (50.0, 52.0, "Any time.")))
    assert found[-1].text.endswith("Any time.")
    assert found[-1].start is not None
    assert 52.0 - found[-1].start >= 15.0

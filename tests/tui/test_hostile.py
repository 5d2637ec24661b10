"""Whatever a customer or a file holds, the desk shows it as text: no control reaches the screen, nothing is run."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from datetime import date
from pathlib import Path
from time import thread_time
from typing import Any

import pytest
from rich.segment import Segment
from textual.color import Color

from agentassist.errors import StoreBusyError
from agentassist.models import Author, Disposition, EntryKind, NewEntry
from agentassist.tui.guard import OutputGuard

OWN = (
    "plain",
    "\x1b]52;c;ZXZpbA==\x07 clipboard",
    "\x1b[?1049l left the screen",
    "\x1b[c\x1b[6n who are you",
    "\x1b]0;evil title\x1b\\",
    "\x9b31mC1 red\x9c",
    "\x90q\x9c DCS",
    "bell\x07back\x08tab\tvt\x0bff\x0ccr\rnul\x00del\x7f",
    "[@click=app.quit]press me[/]",
    "[@click=screen.release]x[/]",
    "[/]",
    "[/b] closed nothing",
    "[url=http://a.example]c[/url]",
    '[quote="joe"]hi[/quote]',
    "[link=file:///etc/passwd]x[/link]",
    "[bold red on white blink]loud[/]",
    "$text-error {x} %(y)s {{z}} \\[x]",
    "Send to user\u202ecod.exe\u202c now",
    "\u2066\u2067\u2068isolates\u2069",
    "\u200e\u200f\u061cmarks",
    "zero\u200bwidth\u200cjoin\u200der\ufeff",
    "tags \U000e0041\U000e0042",
    "replacement \ufffd",
    "Z" + "\u0351" * 60 + "algo",
    "line\u2028separator\u2029paragraph\x85next",
    "https://evil.example/\x1b]8;;http://x\x07link",
    "一二三" * 30,
    "👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿🇵🇹" * 10,
    "العميل says 100 \u2067-200\u2069 ok",
    "a" * 5_000,
    "\n" * 300 + "below",
    " " * 3_000 + "x",
    "{{customer.name}}",
    "'; DROP TABLE entry; --",
)
SHARED = Path(__file__).parents[3] / "shared" / "hostile_strings.jsonl"
BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}


def shared_strings() -> list[str]:
    """Return the strings of the shared file, those that a store can hold."""
    lines = SHARED.read_text(encoding="utf-8").splitlines()
    texts = [str(json.loads(line)["text"]) for line in lines]
    return [text.encode("utf-8", "replace").decode() for text in texts]


def controls(text: str) -> list[str]:
    """Return the characters that must never reach a cell."""
    return [char for char in text if unicodedata.category(char) in ("Cc", "Cs") or ord(char) in BIDI]


def check(seat: Any) -> None:
    """Check every cell of the screen: no control, no link, no action, no line of another width."""
    width = seat.app.size.width
    for strip in seat.app.screen._compositor.render_strips():
        assert not controls(strip.text), strip.text
        assert strip.cell_length == width
        for segment in strip:
            if segment.style is not None:
                assert "@click" not in segment.style.meta
                assert segment.style.link is None


def check_lines(widget: Any) -> None:
    """Check every line of a list before the guard sees it, on screen or not."""
    for block in widget.blocks:
        for line in block.lines(40):
            assert not controls("".join(piece.text for piece in line)), block.key


def fill(world: Any, backend: Any, texts: list[str]) -> list[int]:
    """Put each string everywhere where outside text can be."""
    numbers = []
    for index, text in enumerate(texts):
        number = world.arrive(
            f"{index} {text}", text, reason=text, answer=text or "-", channel=text[:50] or "web", plan=text
        )
        world.store.transcript.append(
            number,
            NewEntry(Author.BOT, EntryKind.MESSAGE, text, text[:80]),
            NewEntry(Author.BOT, EntryKind.ARTICLE, text, text[:80], {"article": "x", "title": text, "url": text}),
        )
        numbers.append(number)
    some = texts[:9]
    backend.library.hits = tuple(
        dataclasses.replace(
            world.hit(rank, text, text * 3, id=f"a{rank}", verified_by=text, tags=(text, text)),
            reason=text,
            matched=((0, 2), (3, max(len(text), 4))),
        )
        for rank, text in enumerate(some, 1)
    )
    return numbers


@pytest.mark.parametrize("part", range(0, len(OWN), 9))
async def test_own_strings_through_every_panel(world: Any, part: int) -> None:
    """Queue, conversation, suggestions, card, dialogs, notes, notifications, palette: each string in each place."""
    texts = list(OWN[part : part + 9])
    backend = world.backend()
    numbers = fill(world, backend, texts)
    world.config = dataclasses.replace(
        world.config,
        dispositions=tuple(Disposition(f"c{index}", text) for index, text in enumerate(texts)),
        search=dataclasses.replace(world.config.search, suggestions=9),
    )
    async with world.desk(backend) as seat:
        for number, text in zip(numbers, texts, strict=True):
            started = thread_time()
            seat.desk.conversation.open(number)
            await seat.until(
                lambda number=number: (
                    seat.desk.conversation.current.id == number if seat.desk.conversation.current else False
                )
            )
            await seat.until(lambda: bool(seat.desk.suggesting.offers))
            check(seat)
            backend.library.degraded = text
            seat.desk.suggestion_note.say(text, level="warning")
            seat.desk.queue_note.fail(StoreBusyError(text, text))
            seat.desk.status.change(search=text, degraded=True)
            await seat.settled()
            check(seat)
            assert thread_time() - started < 5
        for widget in (seat.desk.queue, seat.desk.transcript, seat.desk.suggestions):
            check_lines(widget)
        await _dialogs(seat, numbers[0])


async def _dialogs(seat: Any, number: int) -> None:
    """Open every dialog on a hostile conversation, and click on what is shown."""
    opened: list[str] = []
    seat.app.open_url = lambda url, **_: opened.append(url)
    await seat.claim(number)
    for key in ("f", "ctrl+w", "f1"):
        await seat.press("f3", key)
        await seat.until(lambda: len(seat.app.screen_stack) == 2)
        await seat.settled()
        check(seat)
        await seat.press("escape")
    for rank in range(1, len(seat.desk.suggesting.offers) + 1):
        seat.desk.suggestions.post_message(_read(rank))
        await seat.until(lambda: len(seat.app.screen_stack) == 2)
        await seat.settled()
        check(seat)
        await seat.press("escape")
    for rank in (1, 2):
        seat.desk.reply.insert(rank)
        await seat.settled()
        check(seat)
    entries = seat.world.store.transcript.entries(number)
    for y in range(2, seat.app.size.height - 8, 3):
        for x in (40, 60):
            await seat.pilot.click(offset=(x, y))
    check(seat)
    assert len(seat.app.screen_stack) == 1
    assert opened == []
    assert seat.world.store.transcript.entries(number) == entries
    assert seat.app.is_running


def _read(rank: int) -> Any:
    from agentassist.tui.messages import ReadRequested

    return ReadRequested(rank)


async def test_strings_in_the_reply(world: Any) -> None:
    """Drafts that hold anything at all are shown without a control reaching the screen."""
    number = world.arrive()
    world.store.claims.claim(number, "Ada")
    async with world.desk() as seat:
        seat.desk.conversation.open(number)
        await seat.until(lambda: seat.desk.conversation.current is not None)
        for text in OWN:
            seat.desk.composer.restore(text)
            await seat.settled()
            check(seat)


async def test_strings_in_notifications_and_other_agents_names(world: Any) -> None:
    """A notification and the name of another agent are text."""
    for text in OWN[:20]:
        number = world.arrive("Dana Reyes")
        world.store.claims.claim(number, text)
    async with world.desk() as seat:
        for other in range(1, 21):
            seat.desk.conversation.open(other)
            await seat.until(
                lambda other=other: (
                    seat.desk.conversation.current is not None and seat.desk.conversation.current.id == other
                )
            )
            await seat.settled()
            check(seat)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared hostile strings are not here")
async def test_shared_strings_through_the_lists(world: Any) -> None:
    """The whole shared file: as names, reasons and previews in the queue, and as entries of one conversation."""
    texts = shared_strings()
    backend = world.backend()
    fill(world, backend, texts[:40])
    number = world.arrive("Dana Reyes", *[text or "-" for text in texts])
    async with world.desk(backend) as seat:
        await seat.claim(number)
        await seat.until(lambda: seat.desk.transcript.fully_measured)
        check_lines(seat.desk.transcript)
        check_lines(seat.desk.queue)
        transcript = seat.desk.transcript
        transcript.action_home()
        for y in range(0, min(int(transcript.max_scroll_y), 2_000), 25):
            transcript.scroll_to(y=y, animate=False, immediate=True)
            await seat.settled()
            check(seat)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared hostile strings are not here")
async def test_shared_strings_as_suggestions(world: Any) -> None:
    """The whole shared file as titles, passages, reasons and links, nine at a time, in the list and in full."""
    from agentassist.models import Query
    from agentassist.session.desk import Offer
    from agentassist.tui.screens.article import article_content, whole_content, why_content
    from agentassist.tui.widgets.suggestions import Row, _hit_block

    for text in shared_strings():
        hit = dataclasses.replace(
            world.hit(1, text, text, verified_by=text), reason=text, matched=((0, 1), (2, len(text)))
        )
        started = thread_time()
        lines = _hit_block(Row(hit, "+ good"), date(2026, 11, 20)).lines(36)
        content = article_content(hit, date(2026, 11, 20))
        why = why_content(Offer(hit, None, Query.typed(text)))
        passage = dataclasses.replace(hit.passage, heading=text)
        whole = whole_content((passage, dataclasses.replace(passage, number=1)), passage)
        assert thread_time() - started < 0.25, text[:40]
        assert not controls("".join(piece.text for line in lines for piece in line))
        assert not controls(content.plain.replace("\n", ""))
        assert not controls(why.plain.replace("\n", ""))
        assert "The whole article" in whole.plain
        assert not controls(whole.plain.replace("\n", ""))


@pytest.mark.parametrize("text", [text for text in OWN if controls(text)])
def test_the_guard_drops_what_slipped_through(text: str) -> None:
    """The last guard leaves no control, and everything else."""
    (segment,) = OutputGuard().apply([Segment(text)], Color(0, 0, 0))
    assert not controls(segment.text)
    visible = [char for char in text if char not in controls(text) and char not in "\u2028\u2029\ufeff"]
    assert list(segment.text) == visible


def test_the_guard_leaves_clean_text_alone() -> None:
    """Clean segments come back as the very same list: it costs one search each."""
    segments = [Segment("Olá, 世界 👨‍👩‍👧‍👦"), Segment("x" * 1_000)]
    assert OutputGuard().apply(segments, Color(0, 0, 0)) is segments

"""The index that is built while the desk works, as the desk shows it."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agentassist.session.indexing import STARTING, IndexProgress, Stage
from agentassist.tui.app import DeskApp


class Build:
    """A build that a test tells how far it is."""

    def __init__(self, *, at_once: bool = True, published: bool = False) -> None:
        self.at_once, self.published = at_once, published
        self.tell: Callable[[IndexProgress], None] | None = None
        self.stopped = False

    def start(self, tell: Callable[[IndexProgress], None]) -> bool:
        """Begin, once."""
        if self.tell is not None:
            return False
        self.tell = tell
        tell(IndexProgress(Stage.BUILDING, STARTING))
        return True

    def stop(self) -> None:
        """Remember that it was stopped."""
        self.stopped = True

    def say(self, stage: Stage, *args: Any, **facts: Any) -> None:
        """Say something from another thread, as the reader of the real child does."""
        assert self.tell is not None
        thread = threading.Thread(target=self.tell, args=(IndexProgress(stage, *args, **facts),))
        thread.start()
        thread.join()


@asynccontextmanager
async def desk(world: Any, build: Build | None, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Any]:
    """Open a desk with a build."""
    backend = world.backend()
    app = DeskApp(backend, world.config, world.clock, indexing=build)  # type: ignore[arg-type]
    async with app.run_test(size=size, notifications=True) as pilot:
        seat = world.seat(app, pilot, backend)
        await seat.until(lambda: seat.desk.complete, "the desk")
        yield seat


async def test_the_status_line_says_how_far_it_is_and_search_gets_better(world: Any) -> None:
    """By keyword meanwhile; then by meaning, with the suggestions of the open conversation found anew."""
    number = world.arrive()
    build = Build()
    async with desk(world, build) as seat:
        library = seat.backend.library
        library.degraded = "keyword search only: the index by meaning is not ready yet"
        await seat.until(lambda: build.tell is not None)
        build.say(Stage.WORDS, news=True)
        await seat.claim(number)
        build.say(Stage.WORDS, "embedding", 42, 12.4)
        await seat.shows("search: by keyword · indexing 42 %, 12 s left")
        assert "not ready yet" not in seat.text
        asked = len(library.queries)
        library.degraded = ""
        build.say(Stage.MEANING, news=True)
        await seat.shows("Search goes by meaning now.")
        await seat.until(lambda: len(library.queries) > asked, "a new search")
        await seat.shows("search: by meaning")
        assert "indexing" not in seat.text
    assert build.stopped


async def test_an_index_that_is_up_to_date_is_not_talked_about(world: Any) -> None:
    """The second start says nothing of it."""
    build = Build(published=True)
    async with desk(world, build) as seat:
        await seat.until(lambda: build.tell is not None)
        await seat.shows("search: by meaning")
        build.say(Stage.MEANING)
        await seat.settled()
        assert "indexing" not in seat.text
        assert "goes by meaning now" not in seat.text


async def test_a_failure_is_told_in_the_panel_and_the_status_line(world: Any) -> None:
    """What went wrong and what to do; hostile words are shown as text, and the desk goes on."""
    number = world.arrive()
    build = Build()
    async with desk(world, build) as seat:
        await seat.until(lambda: build.tell is not None)
        build.say(Stage.FAILED, message="the disk is \x1b]0;x\x07[/full]", hint="Make room, then run it again.")
        await seat.shows("index not built")
        await seat.shows("Make room, then run")
        assert "\x1b" not in seat.text
        await seat.claim(number)
        await seat.shows("Make room, then run")


async def test_without_the_extra_it_stays_by_keyword_and_says_what_to_install(world: Any) -> None:
    """The manifest's own words are shown by the search itself."""
    build = Build()
    async with desk(world, build) as seat:
        seat.backend.library.degraded = "keyword search only: no [build]. Install it: python -m pip install torch"
        await seat.until(lambda: build.tell is not None)
        build.say(Stage.WORDS_ONLY, news=True, message="no [build]")
        await seat.shows("python -m pip install torch")
        await seat.shows("keyword search only")
        assert "indexing" not in seat.text


async def test_the_palette_builds_it_at_a_real_desk(world: Any) -> None:
    """Nothing begins by itself there; asked for, it begins, once, and says so when there was nothing to do."""
    build = Build(at_once=False)
    async with desk(world, build) as seat:
        await seat.settled()
        assert build.tell is None
        await seat.app.run_action("screen.build_index")
        await seat.until(lambda: build.tell is not None)
        await seat.app.run_action("screen.build_index")
        await seat.shows("is being built already")
        build.say(Stage.MEANING)
        await seat.shows("The index is up to date.")


async def test_where_it_cannot_be_built_the_desk_says_how(world: Any) -> None:
    """A desk without the means names the command."""
    async with desk(world, None) as seat:
        await seat.app.run_action("screen.build_index")
        await seat.shows("agentassist kb index")


async def test_on_a_narrow_desk_how_far_it_is_comes_first(world: Any) -> None:
    """At 60 columns there is no room for both."""
    build = Build()
    async with desk(world, build, size=(60, 24)) as seat:
        seat.backend.library.degraded = "keyword search only: the index by meaning is not ready yet"
        await seat.until(lambda: build.tell is not None)
        build.say(Stage.WORDS, "embedding", 42, 12.4)
        await seat.shows("indexing 42 %")


@pytest.mark.parametrize("possible", [True, False])
async def test_without_an_index_the_panel_says_how_to_build_it_here(world: Any, *, possible: bool) -> None:
    """Beside the command for the shell it names the palette's, where the desk can build one."""
    number = world.arrive()
    async with desk(world, Build(at_once=False) if possible else None) as seat:
        seat.backend.library.hits = ()
        seat.backend.library.degraded = "no suggestions: there is no index yet. Build it: agentassist kb index"
        seat.desk.suggesting.warm()
        await seat.claim(number)
        await seat.until(lambda: "agentassist kb index" in seat.desk.suggestion_note.words)
        assert ("or here: ^P, then Build the index." in seat.desk.suggestion_note.words) is possible
        block = seat.desk.suggestions.blocks[0]
        said = " ".join(piece.text.strip() for line in block.lines(200) for piece in line)
        assert ("then Build the index" in said) is possible

"""Content that nobody on this project wrote, and the content that ships."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from agentassist.kb import captions, files, library, passages
from agentassist.kb.links import link
from agentassist.kb.lint import lint
from agentassist.kb.problems import Report
from agentassist.kb.snippets import VARIABLES, placeholders
from agentassist.models import ArticleKind
from agentassist.paths import sample_kb

REPOSITORY = Path(__file__).parents[3]
HELP_CENTRE = REPOSITORY / "../shared/data/helpcenter"
real = pytest.mark.skipif(not HELP_CENTRE.is_dir(), reason="the real help centre is not on this machine")


@real
def test_a_real_help_centre_loads_as_it_is() -> None:
    """187 Markdown and 40 HTML articles of three makers: none is left out, each has words and an id of its own."""
    loaded = library.load(HELP_CENTRE)
    assert [problem for problem in loaded.problems if problem.fatal] == []
    suffixes = Counter(Path(item.article.path).suffix for item in loaded.articles)
    assert suffixes == {".md": 187, ".html": 40}
    assert len({item.article.id for item in loaded.articles}) == 227
    assert all(item.passages and item.article.title for item in loaded.articles)
    sizes = [len(passages.embedded_text(item.article, part)) for item in loaded.articles for part in item.passages]
    assert max(sizes) <= passages.MAX_SIZE + 2


@real
def test_real_captions_load() -> None:
    """111 captions files: only the one that really has a cue ending before its start is told, and it is kept."""
    told = []
    for file in sorted(HELP_CENTRE.rglob("*.vtt")):
        report = Report(file.name)
        cues = captions.parse(files.read(file).text, report)
        told += [(problem.path, problem.line, problem.fatal) for problem in report.problems]
        assert cues
        found = passages.from_cues("v", cues)
        assert " ".join(part.text for part in found).split() == " ".join(cue.text for cue in cues).split()
        assert not any("<v" in part.text or "-->" in part.text for part in found)
    assert told == [("perspectives_layout_desc.en.vtt", 18, False)]


@real
def test_lint_of_a_real_help_centre() -> None:
    """It has no error, and broken links are found in it."""
    found = lint(HELP_CENTRE, date(2026, 11, 22))
    assert not any(problem.fatal for problem in found)
    assert any("preview-your-message-before-sending" in problem.message for problem in found)


def test_the_content_that_ships_has_no_error() -> None:
    """Every shipped article, video and snippet loads, and every link of it leads somewhere."""
    found = lint(sample_kb(), date(2026, 11, 22))
    assert [str(problem) for problem in found if problem.fatal] == []
    assert [str(problem) for problem in found if "no article here" in problem.message] == []


def test_the_content_that_ships_can_be_used() -> None:
    """Snippets hold only variables that can be filled in, videos have passages with a second to link to."""
    loaded = library.load(sample_kb())
    for snippet in loaded.snippets:
        assert {place.name for place in placeholders(snippet.body)} <= set(VARIABLES), snippet.id
    videos = [item for item in loaded.articles if item.article.kind is ArticleKind.VIDEO]
    for item in videos:
        timed = [part for part in item.passages if part.start and part.start >= 1]
        assert timed, item.article.id
        assert link(item.article, timed[0].start) != item.article.url

"""WebVTT captions."""

from __future__ import annotations

from time import process_time

import pytest

from agentassist.kb import captions
from agentassist.kb.problems import Report, Severity


def parse(source: str) -> tuple[list[tuple[float, float, str]], list[tuple[int, str]]]:
    """Return the cues, and line and message of each problem."""
    report = Report("a.vtt")
    cues = captions.parse(source, report)
    return [(cue.start, cue.end, cue.text) for cue in cues], [(item.line, item.message) for item in report.problems]


def test_everything_that_real_files_hold() -> None:
    """Header lines, notes, styles, regions, cue names, settings, tags and entities leave only the words."""
    cues, problems = parse(
        "WEBVTT - a title\nKind: captions\nLanguage: en\n\n"
        "NOTE one\ntwo lines --\n\nSTYLE\n::cue(b) {\n  color: red;\n}\n\nREGION\nid:fred\nwidth:40%\n\n"
        "intro\n00:01.000 --> 00:02.500 align:middle line:79% position:50%\n"
        "<v.loud Ana Lima>Hello &amp; <i>welcome</i>\n\n"
        "2\n01:00:03.000-->01:00:04.000\n<00:00:19.000><c.yellow>this</c> is &lt;b&gt;\nin two lines\n\n"
        "00:05.000 --> 00:06.000\n\n"
        "00:06.000 --> 00:07.000\n5 < 6 and <3\n"
    )
    assert cues == [
        (1.0, 2.5, "Hello & welcome"),
        (6.0, 7.0, "5 < 6 and <3"),
        (3603.0, 3604.0, "this is <b> in two lines"),
    ]
    assert problems == []


@pytest.mark.parametrize("source", ["WEBVTT\n00:01.000 --> 00:02.000\nx\n", "WEBVTT\n\n00:01.000 --> 00:02.000\nx"])
def test_a_cue_may_follow_at_once_and_the_file_may_just_end(source: str) -> None:
    """The blank line after the header and the newline at the end can be missing."""
    assert parse(source) == ([(1.0, 2.0, "x")], [])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("00:01,000 --> 00:02,000", "broken timing line"),
        ("1 --> 2", "broken timing line"),
        ("00:01.000 --> ", "broken timing line"),
        ("00:01.000 --> 00:02.000x", "broken timing line"),
        ("٠٠:٠١.٠٠٠ --> ٠٠:٠٢.٠٠٠", "broken timing line"),
        ("99999999999:00:01.000 --> 00:02.000", "broken timing line"),
        ("00:61.000 --> 00:62.000", "go to 59"),
        ("75:00.000 --> 76:00.000", "go to 59"),
    ],
)
def test_a_broken_timing_line_is_told_with_its_line(line: str, words: str) -> None:
    """A cue that cannot be placed is a problem on its line; the others are still read."""
    cues, problems = parse(f"WEBVTT\n\n00:00.000 --> 00:00.500\nok\n\n{line}\nlost\n")
    assert cues == [(0.0, 0.5, "ok")]
    assert [number for number, _ in problems] == [6]
    assert words in problems[0][1]


def test_subrip_times_get_a_hint() -> None:
    """The commonest mistake, a comma before the milliseconds, is named."""
    report = Report("a.vtt")
    captions.parse("WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nx\n", report)
    assert "SubRip" in report.problems[0].hint


def test_a_cue_that_ends_before_it_starts_is_kept() -> None:
    """Only its start is needed to link to it, so it is a warning."""
    report = Report("a.vtt")
    cues = captions.parse("WEBVTT\n\n00:27.110 --> 00:21.115\nx\n", report)
    assert [(cue.start, cue.end) for cue in cues] == [(27.11, 27.11)]
    assert [(item.line, item.severity) for item in report.problems] == [(3, Severity.WARNING)]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "do not start with WEBVTT"),
        ("WEBVTTX\n\n00:01.000 --> 00:02.000\nx", "do not start with WEBVTT"),
        ("1\n00:00:01,000 --> 00:00:02,000\nx", "do not start with WEBVTT"),
        ("WEBVTT\n", "hold no cue"),
        ("WEBVTT\n\nNOTE only\n\n00:01.000 --> 00:02.000\n<b></b>\n", "hold no cue"),
    ],
)
def test_what_is_no_captions_file(source: str, words: str) -> None:
    """A file that is not WebVTT, or says nothing, is a problem on its first line."""
    cues, problems = parse(source)
    assert cues == []
    assert [number for number, _ in problems] == [1]
    assert words in problems[0][1]


@pytest.mark.parametrize(
    ("cues", "expected"),
    [
        (
            [(0, 2, "hello"), (2, 2.01, "hello"), (2.01, 4, "hello\nworld"), (4, 6, "world\nagain")],
            ["hello", "world", "again"],
        ),
        ([(0, 1, "take"), (1, 2, "take the"), (2, 3, "take the dial off")], ["take", "the", "dial off"]),
        ([(0, 5, "same"), (0, 5, "same")], ["same"]),
        ([(0, 1, "No."), (3, 4, "No.")], ["No.", "No."]),
        ([(0, 1, "a b"), (1, 2, "a bc")], ["a b", "a bc"]),
        ([(0, 4, "one"), (1, 5, "two")], ["one", "two"]),
        ([(5, 6, "later"), (0, 1, "sooner")], ["sooner", "later"]),
    ],
    ids=["rolling", "growing", "double", "said twice", "another word", "overlapping", "out of order"],
)  # fmt: skip
def test_rolling_captions_say_each_thing_once(cues: list[tuple[float, float, str]], expected: list[str]) -> None:
    """What the cue before still shows is not said again; what is really said twice stays."""
    source = "WEBVTT\n\n" + "".join(f"00:{a:06.3f} --> 00:{b:06.3f}\n{text}\n\n" for a, b, text in cues)
    found, problems = parse(source)
    assert [text for _, _, text in found] == expected
    assert problems == []


def test_a_hidden_repeat_keeps_the_time() -> None:
    """A cue that only repeats the one before makes it longer."""
    assert parse("WEBVTT\n\n00:00.000 --> 00:01.000\na\n\n00:01.000 --> 00:03.000\na\n")[0] == [(0.0, 3.0, "a")]


@pytest.mark.parametrize(
    "source",
    [
        "-->\n" * 60_000,
        "00:00.000 --> 00:01.000\n" * 10_000,
        "00:00.000 --> 00:01.000\n" + "a\n" * 100_000,
        ("00:00.000 --> 00:01.000\n" + "a\n" * 40_000 + "b\n\n") * 2,
        "00:00.000 --> 00:01.000\n" + "<a" * 100_000,
        "00:00.000 --> 00:01.000" + " " * 200_000 + "x-->",
        "\x1b]52;c;aGk=\x07 --> \u202e",
    ],
    ids=["arrows", "times", "lines", "twice", "tags", "blanks", "escapes"],
)
def test_hostile_captions_take_bounded_work(source: str) -> None:
    """Nothing crashes or takes long, and a file full of mistakes is told in a few lines."""
    started = process_time()
    _, problems = parse("WEBVTT\n\n" + source)
    assert process_time() - started < 5
    assert len(problems) <= captions.MAX_PROBLEMS

"""`agentassist sessions`, as a supervisor types it."""

from __future__ import annotations

import json
import stat
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
SAMPLES = sorted((Path(__file__).parents[2] / "kb" / "conversations").glob("*.jsonl"))
HOSTILE_FILE = Path(__file__).parents[3] / "shared" / "hostile_strings.jsonl"
EVIL = "\x1b]52;c;aGk=\x07\u202e\x9b2J\x00\ud800 [/]"
FORBIDDEN = {"Cc", "Cs", "Cf", "Zl", "Zp"}


def transcript(folder: Path, *texts: str) -> Path:
    """Write a transcript in which a customer says these."""
    file = folder / "talk.jsonl"
    customer = {"id": "c1", "name": texts[0] or "C", "attributes": {"note": texts[0]}}
    lines: list[object] = [
        {"type": "conversation", "id": "one", "channel": "web", "customer": customer},
        {"type": "choice", "node": "topic", "question": texts[0], "answer": texts[0]},
        *({"type": "message", "author": "customer", "text": text} for text in texts),
        {"type": "handoff", "reason": texts[0]},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def assert_safe(text: str) -> None:
    """Fail when a character can do more than be seen; joiners between emoji stay."""
    bad = [char for char in text if char not in "\n\u200c\u200d" and unicodedata.category(char) in FORBIDDEN]
    assert [char for char in bad if not 0xE0000 <= ord(char) <= 0xE007F] == []


@pytest.fixture
def replayed(run: Run) -> list[int]:
    """The shipped conversations, at once; their ids."""
    return [int(line) for line in run("replay", "--speed", 0, *SAMPLES).stdout.split()]


def test_nothing_yet_is_said_on_stderr(run: Run) -> None:
    """Empty lists leave stdout empty, and JSON an empty array."""
    for line in (["list"], ["search", "dial"], ["export"]):
        result = run("sessions", *line)
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr
    assert json.loads(run("sessions", "list", "--json").stdout) == []


def test_list_is_the_newest_first(run: Run, replayed: list[int]) -> None:
    """One line each with customer, channel and state; filters and pages narrow it."""
    lines = run("sessions", "list").stdout.splitlines()
    assert [int(line.split()[0]) for line in lines] == replayed[::-1]
    assert "Dana Reyes · web · waiting" in lines[1]
    assert [item["id"] for item in json.loads(run("sessions", "list", "--json", "--limit", 1).stdout)] == [replayed[-1]]
    assert run("sessions", "list", "--state", "closed").stdout == ""
    assert len(run("sessions", "list", "--since", "2020-01-01").stdout.splitlines()) == 3
    assert run("sessions", "list", "--since", "2999-01-01").stdout == ""
    assert run("sessions", "list", "--state", "lost").exit_code == 2


def test_show_tells_the_whole_conversation(run: Run, replayed: list[int]) -> None:
    """Tree questions and answers, every entry with its number, and the reason of the handoff."""
    shown = run("sessions", "show", replayed[1]).stdout
    assert "Handed over because: asked for a person" in shown
    assert "customer answers “Serial number on the device”\n       DL20418837" in shown
    data = json.loads(run("sessions", "show", replayed[1], "--json").stdout)
    assert [entry["seq"] for entry in data["entries"]] == list(range(1, len(data["entries"]) + 1))
    assert data["entries"][3]["data"]["question"] == "Serial number on the device"
    assert [entry["kind"] for entry in data["entries"][:4]] == ["choice", "choice", "choice", "form"]


def test_a_number_beyond_64_bits_is_refused(run: Run, replayed: list[int]) -> None:
    """It is no id, and no crash."""
    result = run("sessions", "show", 10**30)
    assert (result.exit_code, "too large" in result.stderr) == (2, True)


@pytest.mark.parametrize("line", [["show", "99"], ["export", "99"], ["export", "1", "99"]])
def test_an_unknown_id_is_an_error_with_a_hint(run: Run, replayed: list[int], line: list[str]) -> None:
    """Exit code 1, words on stderr, nothing on stdout."""
    result = run("sessions", *line)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "error: no conversation 99\n  `agentassist sessions list` shows those that there are.\n"


def test_search_finds_words_over_all_history(run: Run, replayed: list[int]) -> None:
    """Every word has to be there; the words are marked; JSON has the entry and the spans."""
    lines = run("sessions", "search", "dial", "PAIR").stdout.splitlines()
    assert lines[0].split()[0] == str(replayed[1])
    assert "«dial»" in lines[1]
    (found,) = json.loads(run("sessions", "search", "dial pair", "--json").stdout)
    assert found["entry"]["text"].startswith("my dial wont pair")
    assert [found["snippet"][start:end] for start, end in found["spans"]][:1] == ["dial"]


@pytest.mark.parametrize(
    "words", ['"', "a OR", "NEAR(", "*", "-", "text:x", "'; DROP TABLE entries; --", EVIL], ids=ascii
)
def test_a_hostile_search_ends_well(run: Run, replayed: list[int], words: str) -> None:
    """No operator acts and nothing fails; what has no word in it is told so."""
    done = run("sessions", "search", "--", words)
    if any(map(str.isalnum, words)):
        assert (done.exit_code, "nothing was found for " in done.stderr) == (0, not done.stdout)
    else:
        assert (done.exit_code, done.stdout) == (2, "")
        assert "give at least one word" in done.stderr
    assert_safe(done.stdout + done.stderr)


@pytest.mark.parametrize("words", ["", "  ", "…"])
def test_a_search_for_nothing_is_refused(run: Run, replayed: list[int], words: str) -> None:
    """It is a slip on the command line, not a search that found nothing."""
    done = run("sessions", "search", words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: give at least one word\n")


def test_search_matches_whole_words_and_says_so(run: Run, replayed: list[int]) -> None:
    """What was looked for is named when nothing is found, with a clean exit; the help says what matches."""
    done = run("sessions", "search", "--words", "dia")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "nothing was found for dia; every word has to be in one entry, as a whole word\n"
    assert "Whole words are matched" in run("sessions", "search", "--help").stdout


def test_a_conversation_that_was_not_handed_over_is_with_the_bot(run: Run, tmp_path: Path) -> None:
    """The word of the records, digital, says nothing to a supervisor; JSON and the filter keep it."""
    file = transcript(tmp_path, "hello")
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:2]))
    run("replay", "--speed", 0, file)
    assert run("sessions", "list").stdout.endswith(" · web · with the bot · 1 entry\n")
    assert "With the bot since" in run("sessions", "show", 1).stdout
    assert json.loads(run("sessions", "list", "--state", "digital", "--json").stdout)[0]["state"] == "digital"


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        ("x.md", "# Conversation"),
        ("x.jsonl", '{"id": 1'),
        ("x.txt", "Conversation 1"),
        ("x.md --format text", "Conversation 1"),
        ("x.md --json", '{"id": 1'),
    ],
)
def test_the_ending_of_the_file_picks_the_format(
    run: Run, replayed: list[int], tmp_path: Path, asked: str, begins: str
) -> None:
    """Unless a format is asked for."""
    name, *options = asked.split()
    run("sessions", "export", "--output", tmp_path / name, *options)
    assert (tmp_path / name).read_text().startswith(begins)


def test_export_gives_all_or_those_asked_for(run: Run, replayed: list[int]) -> None:
    """JSON Lines one object a conversation, the oldest first; text and Markdown one after the other."""
    lines = run("sessions", "export", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == replayed
    assert run("sessions", "export", "--json").stdout.splitlines() == lines
    two = run("sessions", "export", replayed[2], replayed[0], "--format", "markdown").stdout
    assert [line for line in two.splitlines() if line.startswith("# ")] == [
        f"# Conversation {replayed[2]} · web · waiting",
        f"# Conversation {replayed[0]} · web · waiting",
    ]
    assert run("sessions", "export").stdout.count("Customer: ") == 3


def test_export_writes_a_file_of_its_owners_alone(run: Run, replayed: list[int], tmp_path: Path) -> None:
    """Mode 0600, never over a file that is there unless forced, and whole or not there."""
    file = tmp_path / "out.jsonl"
    result = run("sessions", "export", "--json", "--output", file)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "3 conversations exported" in result.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_text().splitlines()) == 3
    refused = run("sessions", "export", replayed[0], "--output", file)
    assert (refused.exit_code, len(file.read_text().splitlines())) == (2, 3)
    assert "--force" in refused.stderr
    assert run("sessions", "export", replayed[0], "--json", "--output", file, "--force").exit_code == 0
    assert len(file.read_text().splitlines()) == 1
    nowhere = run("sessions", "export", "--output", tmp_path / "none" / "x")
    assert (nowhere.exit_code, "cannot be written" in nowhere.stderr) == (1, True)
    assert [item.name for item in tmp_path.iterdir() if "part" in item.name] == []


def test_a_hostile_customer_reaches_the_terminal_as_text(run: Run, tmp_path: Path) -> None:
    """Name, question, answer, message, reason and attribute: no command shows a control or a bidi character."""
    run("replay", "--speed", 0, transcript(tmp_path, EVIL))
    for line in (["list"], ["show", "1"], ["search", "2J"], ["export"], ["export", "--format", "markdown"]):
        result = run("sessions", *line)
        assert result.exit_code == 0
        assert result.stdout
        assert_safe(result.stdout + result.stderr)
    assert json.loads(run("sessions", "show", 1, "--json").stdout)["entries"][1]["text"] == EVIL.replace(
        "\ud800", "\ufffd"
    )


@pytest.mark.skipif(not HOSTILE_FILE.exists(), reason="the shared collection of hostile strings is not here")
def test_the_whole_collection_reaches_the_terminal_as_text(run: Run, tmp_path: Path) -> None:
    """All collected strings through replay, show, list, search and export."""
    texts = [json.loads(line)["text"] for line in HOSTILE_FILE.read_text(encoding="utf-8").splitlines()]
    said = [text for text in texts if text.strip() and len(text) < 50_000]
    result = run("replay", "--speed", 0, transcript(tmp_path, *said))
    assert result.exit_code == 0
    assert_safe(result.stderr)
    for line in (["show", "1"], ["list"], ["export", "--format", "markdown"], ["search", "a"]):
        assert_safe(run("sessions", *line).stdout)
    stored = json.loads(run("sessions", "show", 1, "--json").stdout)["entries"]
    assert [entry["text"] for entry in stored[1:-1]] == [
        text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") for text in said
    ]

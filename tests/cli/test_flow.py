"""`agentassist flow`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result

from agentassist.cli.root import root
from agentassist.flows import load, walk
from agentassist.models import Author, Customer, EntryKind, NewEntry

if TYPE_CHECKING:
    from .conftest import Run

KB = Path(__file__).parents[2] / "kb"
DATA = Path(__file__).parents[1] / "unit" / "flows" / "data"
SHIPPED = ["billing", "callback", "cold-room", "order", "pairing", "start", "survey"]
HOSTILE = 'title: "T\\u202e"\nstart: "x\\e[2J"\nnodes:\n  a: {end: "E"}\n'


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """A knowledge base with one tree that is right and one that is broken."""
    folder = tmp_path / "kb"
    (folder / "flows").mkdir(parents=True)
    shutil.copy(KB / "flows" / "survey.yaml", folder / "flows")
    (folder / "flows" / "broken.yaml").write_text(HOSTILE, encoding="utf-8")
    return folder


def play(*line: str, answers: str) -> Result:
    """Play a tree with answers from a pipe."""
    return CliRunner().invoke(root, ["flow", "run", *line], input=answers)


def test_list(run: Run) -> None:
    """One line a tree, the same columns each; JSON has every field."""
    done = run("flow", "list")
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == SHIPPED
    assert done.stderr == ""
    facts = json.loads(run("flow", "list", "--json").stdout)
    assert [item["id"] for item in facts] == SHIPPED
    assert facts[0]["journey"] == "emotional"
    assert facts[0]["topic"] == "money"


def test_a_broken_tree_is_told_and_left_out(run: Run, kb: Path) -> None:
    """The others are listed; asking for it says that it is broken."""
    done = run("flow", "list", "--kb", kb)
    assert done.stdout.startswith("survey\t")
    assert done.stderr == "1 tree left out: `agentassist flow lint` says why\n"
    done = run("flow", "draw", "broken", "--kb", kb)
    assert done.exit_code == 1
    assert "decision tree broken is broken" in done.stderr


def test_lint(run: Run, kb: Path) -> None:
    """The shipped trees are clean; a broken one is told on clean lines, with exit status 3."""
    done = run("flow", "lint", "--strict")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "0 errors, 0 warnings\n")
    done = run("flow", "lint", kb)
    assert done.exit_code == 3
    assert done.stdout.splitlines() == [
        "flows/broken.yaml:2: error: start: holds the control character U+001B",
        "flows/broken.yaml:2: error: start: there is no node x␛[2J",
    ]
    facts = json.loads(run("flow", "lint", kb, "--json").stdout)
    assert [(item["line"], item["field"], item["severity"]) for item in facts] == [(2, "start", "error")] * 2


def test_lint_strict_counts_warnings(run: Run, kb: Path) -> None:
    """A loop is a warning, which only --strict fails on."""
    (kb / "flows" / "broken.yaml").write_text(
        "title: T\nstart: a\nnodes:\n  a: {choice: Q, options: {x: {label: X, next: a}, y: {label: Y, next: p}}}\n"
        "  p: {person: P}\n",
        encoding="utf-8",
    )
    assert run("flow", "lint", kb).exit_code == 0
    assert run("flow", "lint", kb, "--strict").exit_code == 3


def test_draw(run: Run) -> None:
    """An outline without colours when piped, and a Mermaid flowchart."""
    lines = run("flow", "draw", "survey").stdout.splitlines()
    assert lines[0] == "Three short questions (survey)"
    assert lines[1] == "└── ? Is your question solved? (solved)"
    assert any("solved is yes → ■ Thank you for your time. All the best! (bye)" in line for line in lines)
    assert run("flow", "draw", "survey", "--mermaid").stdout.startswith(
        'flowchart TD\n  n1{{"Is your question solved?"}}'
    )


def test_an_unknown_tree_gets_a_hint(run: Run) -> None:
    """The nearest name is offered."""
    done = run("flow", "draw", "pairng")
    assert done.exit_code == 1
    assert "Did you mean pairing?" in done.stderr


@pytest.mark.usefixtures("home")
def test_run_to_a_person() -> None:
    """By number, id and label, with a wrong answer, a step back, and a field that is asked again."""
    answers = "nonsense\nSetting up\ndial\n9\n1\nback\nfast\n2\nno\nDL1\nDL20418837\n\n"
    done = play("start", answers=answers)
    assert done.exit_code == 0
    assert done.stdout.count("Please choose one of the answers.") == 2
    assert "Serial number: please write it like this: two letters and 8 digits" in done.stdout
    told = done.stdout.partition("Handed over to a person\n")[2].splitlines()
    assert told == [
        "  reason: Pairing did not work with the guide",
        "  skills: setup",
        "  articles sent: reset-dial-pairing-code, video-reset-pairing-code",
        "  What can we help with?: Setting up",
        "  Which product is it about?: Dial, the thermostat on the wall",
        "  What does its light ring do?: It blinks amber fast",
        "  What happens?: The app does not take the code",
        "  Is it paired now?: No",
        "  Serial number: DL20418837",
        "  What does the display or light show now?: left empty",
    ]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("answers", "ended"), [("person\n", "person"), ("QUIT\n", "quit"), ("", "quit"), ("6\n", "bot")]
)
def test_run_can_be_left_at_every_question(answers: str, ended: str) -> None:
    """A person is one word away; the end of the input is the end."""
    done = play("start", "--json", answers=answers)
    facts = json.loads(done.stdout)
    assert (facts["ended"], facts["solved"]) == (ended, None)
    assert "What can we help with?" in done.stderr


@pytest.mark.usefixtures("home")
def test_run_says_that_nothing_is_before_the_first_question() -> None:
    """`back` there changes nothing."""
    assert "this is the first question" in play("survey", answers="back\nquit\n").stdout


@pytest.mark.usefixtures("home")
def test_run_marks_what_is_personal() -> None:
    """With the customer's country, and several choices by numbers."""
    done = play("callback", "--region", "PT", "--json", answers="Ana\n912345678\nheating\n1, evening\n1\n")
    facts = json.loads(done.stdout)
    assert facts["reason"] == "Wants to be called back"
    assert [(item["answer"], item["private"]) for item in facts["answers"]] == [
        ("Ana", True), ("912345678", True), ("heating", False), ("Morning, 8 to 12, Evening, 18 to 20", False),
        ("The next one that is possible", False),
    ]  # fmt: skip


@pytest.mark.usefixtures("home")
def test_run_shows_hostile_answers_as_text() -> None:
    """What was typed is shown clean."""
    done = play("callback", answers="Ana\x1b[2J\u202e\nquit\n")
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_import(run: Run, tmp_path: Path) -> None:
    """A tree on stdout, what was lost on stderr; the file is written once."""
    done = run("flow", "import", DATA / "router.twee")
    assert done.exit_code == 0
    assert yaml.safe_load(done.stdout)["title"] == "Router help"
    assert done.stderr.endswith("5 nodes, 5 things not taken over, 0 problems to correct\n")
    place = tmp_path / "flows" / "lead.yaml"
    place.parent.mkdir()
    assert run("flow", "import", DATA / "lead.json", "--output", place).stdout == ""
    assert load.read(place).usable
    assert run("flow", "import", DATA / "lead.json", "-o", place).exit_code == 2
    assert run("flow", "import", DATA / "router.html", "-o", place, "--force").exit_code == 0
    assert load.load(place).title == "Router & help"


@pytest.mark.parametrize(("text", "message"), [("", "there is no passage"), ("{", "is no JSON"), ("\0", "NUL")])
def test_import_refuses_what_is_none(run: Run, tmp_path: Path, text: str, message: str) -> None:
    """Told in words, and nothing written."""
    file = tmp_path / "x.twee"
    file.write_text(text, encoding="utf-8")
    done = run("flow", "import", file)
    assert (done.exit_code, done.stdout) == (1, "")
    assert message in done.stderr
    assert run("flow", "import", tmp_path / "nothing").exit_code == 1


def test_schema(run: Run) -> None:
    """It is a JSON Schema, and that of the package."""
    schema = json.loads(run("flow", "schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema == json.loads(load.schema())


def test_stats(run: Run, home: Path) -> None:
    """Counted from the records, with their definitions."""
    from agentassist.clock import SystemClock
    from agentassist.store.store import Store

    flow = load.load(KB / "flows" / "survey.yaml")
    entries: list[NewEntry] = [*walk.begin(flow)]
    entries += walk.answer(flow, entries, "solved", "no", author=Author.CUSTOMER)
    entries.append(NewEntry(Author.CUSTOMER, EntryKind.MESSAGE, "hello?"))
    with Store.open(home / "agentassist.db", SystemClock()) as store:
        number = store.transcript.start(Customer("c", "Ana"), "web")
        store.transcript.append(number, *entries)
    done = run("flow", "stats")
    assert done.stdout.splitlines() == [
        "survey: 1 run",
        "  came  went on  went back  left  asked  node",
        "     1        1          0     0      0  solved Is your question solved?",
        "     1        0          0     1      0  good What was good?",
    ]
    facts = json.loads(run("flow", "stats", "survey", "--json").stdout)
    assert set(facts["definitions"]) == {"came", "went_on", "went_back", "left", "asked"}
    assert [item["flow"] for item in facts["flows"]] == ["survey"]
    assert facts["flows"][0]["nodes"][1] == {
        "node": "good", "kind": "choices", "question": "What was good?", "came": 1, "went_on": 0, "went_back": 0,
        "left": 1, "asked": 0,
    }  # fmt: skip


def test_stats_of_nothing(run: Run) -> None:
    """It says so, and how to look further back."""
    done = run("flow", "stats")
    assert (done.stdout, done.stderr) == ("", "no tree was begun since then; --since all looks further back\n")


def test_completion_offers_the_trees() -> None:
    """Their ids with titles."""
    from agentassist.cli import complete
    from agentassist.cli.flow import draw

    with draw.make_context("draw", ["x"]) as ctx:
        ctx.params["directory"] = KB
        found = complete.flows(ctx, draw.params[0], "p")
    assert [(item.value, item.help) for item in found] == [("pairing", "Set up and pair a device")]

"""`agentassist kb list`, `show` and `lint`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agentassist.cli.kb import kb, to_json
from agentassist.cli.root import root

ARTICLE = "---\nid: {id}\ntitle: About {id}\n{extra}---\nSome words about {id}, enough of them to be worth a passage.\n"
HOSTILE = Path(__file__).parents[2] / "../shared/hostile_strings.jsonl"
ESCAPES = "\\e]52;c;aGk=\\a\\u202E"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small knowledge base, and keep away from the real home."""
    monkeypatch.setenv("AGENTASSIST_HOME", str(tmp_path / "home"))
    base = tmp_path / "kb"
    base.mkdir()
    put(base, "dial", "url: https://help.example/dial\ntags: [Dial, setup]\nreview_by: 2999-01-01\nverified_by: a\n")
    put(base, "old", "status: archived\naudience: internal\ntags: [dial]\n")
    (base / "v.md").write_text("---\nid: v\ntitle: V\nurl: https://youtu.be/x\ncaptions: v.vtt\n---\nWords.\n", "utf-8")
    (base / "v.vtt").write_text("WEBVTT\n\n01:05.000 --> 01:09.000\nHold the button.\n", "utf-8")
    (base / "snippets").mkdir()
    (base / "snippets/hi.md").write_text("---\nid: hi\ntitle: Hi\n---\nHi {{customer.name}}\n", "utf-8")
    return base


def put(base: Path, ident: str, extra: str = "") -> None:
    """Write an article."""
    (base / f"{ident}.md").write_text(ARTICLE.format(id=ident, extra=extra), encoding="utf-8")


def run(*words: str | Path) -> Result:
    """Run a command of the group through the root, so that failures are told as they are to a person."""
    return CliRunner().invoke(root, ["kb", *map(str, words)])


def test_list_is_tab_separated_when_piped(folder: Path) -> None:
    """One line an article, the same columns each, nothing else on stdout."""
    done = run("list", folder)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "dial\tarticle\tpublished\tcustomer\t2999-01-01\tAbout dial",
        "old\tarticle\tarchived\tinternal\t\tAbout old",
        "v\tvideo\tpublished\tcustomer\t\tV",
    ]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--status", "archived"], ["old"]),
        (["--kind", "video"], ["v"]),
        (["--tag", "DIAL"], ["dial", "old"]),
        (["--tag", "dial", "--tag", "setup"], ["dial"]),
        (["--tag", "nothing"], []),
        (["--status", "published", "--kind", "article"], ["dial"]),
    ],
)
def test_list_filters(folder: Path, options: list[str], expected: list[str]) -> None:
    """Filters hold together, in text and in JSON."""
    done = run("list", folder, *options)
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == expected
    assert [item["id"] for item in json.loads(run("list", folder, *options, "--json").stdout)] == expected


def test_list_json_has_every_field(folder: Path) -> None:
    """The JSON says what the front matter said."""
    first = json.loads(run("list", folder, "--json").stdout)[0]
    assert first == {
        "id": "dial", "kind": "article", "title": "About dial", "url": "https://help.example/dial", "path": "dial.md",
        "tags": ["Dial", "setup"], "language": "en", "status": "published", "audience": "customer", "updated": None,
        "review_by": "2999-01-01", "verified_by": "a", "verbatim": False, "passage_count": 1,
    }  # fmt: skip


def test_what_is_left_out_is_told(folder: Path) -> None:
    """A broken file is no row, and stderr says that one is missing."""
    put(folder, "bad", "status: nope\n")
    done = run("list", folder)
    assert "bad" not in done.stdout
    assert "1 file left out" in done.stderr


def test_show_an_article(folder: Path) -> None:
    """Title, facts, address and all the text; white space and case of the id do not count."""
    done = run("show", " DIAL", folder)
    assert done.stdout.splitlines() == [
        "About dial",
        "article · published · customer · en · Dial · setup",
        "https://help.example/dial",
        "",
        "Some words about dial, enough of them to be worth a passage.",
    ]


def test_show_passages_with_their_second(folder: Path) -> None:
    """A video's passages have the time at which they are said, and in JSON the link to it."""
    assert "[1 · 1:05]\nHold the button." in run("show", "v", folder, "--passages").stdout
    shown = json.loads(run("show", "v", folder, "--json").stdout)
    assert shown["passages"][1] == {
        "number": 1, "heading": "", "start": 65.0, "link": "https://youtu.be/x?t=65s", "text": "Hold the button.",
    }  # fmt: skip


def test_show_a_snippet(folder: Path) -> None:
    """A snippet is shown as it would be sent, its variables included."""
    assert run("show", "hi", folder).stdout == "Hi\n\nHi {{customer.name}}\n"
    assert json.loads(run("show", "hi", folder, "--json").stdout)["body"] == "Hi {{customer.name}}"


def test_show_an_id_that_is_not_there(folder: Path) -> None:
    """The nearest ids are offered."""
    done = run("show", "dail", folder)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Did you mean dial" in done.stderr


def test_lint_exit_codes(folder: Path) -> None:
    """0 when clean or only warned, 3 with --strict or a broken file."""
    assert run("lint", folder).exit_code == 0
    assert run("lint", folder, "--strict").exit_code == 3
    put(folder, "bad", "status: nope\n")
    done = run("lint", folder)
    assert done.exit_code == 3
    assert "bad.md:4: error: unknown status: nope" in done.stdout.splitlines()
    assert done.stderr.startswith("1 error, ")


def test_lint_of_a_clean_folder_says_nothing(tmp_path: Path) -> None:
    """No problem, no output, and --strict is content."""
    extra = "url: https://help.example/a\nreview_by: 2999-01-01\nverified_by: a\n"
    (tmp_path / "a.md").write_text(
        ARTICLE.format(id="a", extra=extra) + "More words, so that it is worth reading at all.\n", encoding="utf-8"
    )
    done = run("lint", tmp_path, "--strict")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "0 errors, 0 warnings\n")


def test_lint_of_an_empty_folder_says_so(tmp_path: Path) -> None:
    """No errors in nothing would look like a good result."""
    (tmp_path / "picture.png").write_bytes(b"x")
    done = run("lint", tmp_path, "--strict")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == f"nothing to check in {tmp_path}: no .md or .html file\n"


def test_lint_json(folder: Path) -> None:
    """Each problem is an object with place, field, severity, message and hint."""
    put(folder, "bad", "status: nope\n")
    found = [item for item in json.loads(run("lint", folder, "--json").stdout) if item["severity"] == "error"]
    assert found == [
        {
            "path": "bad.md", "line": 4, "field": "status", "severity": "error", "message": "unknown status: nope",
            "hint": "Use one of: draft, published, archived.",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("command", ["list", "lint"])
def test_a_folder_that_is_not_there(folder: Path, command: str) -> None:
    """It is told on stderr, with exit status 1."""
    done = run(command, folder / "nowhere")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no such folder" in done.stderr


def test_the_configured_folder_is_used(folder: Path) -> None:
    """Without DIR the configuration decides, and without that the content that ships is shown."""
    assert "reset-dial-pairing-code" in run("list").stdout
    home = folder.parent / "home"
    home.mkdir()
    (home / "config.toml").write_text(f"[kb]\nfolder = {json.dumps(str(folder))}\n", encoding="utf-8")
    assert [line.split("\t")[0] for line in run("list").stdout.splitlines()] == ["dial", "old", "v"]


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["list", "--json"],
        ["show", "x"],
        ["show", "x", "--passages"],
        ["show", "x", "--json"],
        ["lint"],
        ["lint", "--json"],
    ],
)
def test_hostile_content_reaches_a_terminal_as_text(folder: Path, words: list[str]) -> None:
    """Whatever a file holds, no control and no bidirectional character gets out, and JSON still has the exact text."""
    put(folder, "x", f'{ESCAPES[:2]}k: "{ESCAPES}"\nverified_by: "{ESCAPES}"\n'.replace("\\ek", "k"))
    file = folder / "x.md"
    body = "\x1b]0;title\x07 [click](javascript:x) \u202eevil\u2066 \x9b31m \x7f [/] [@click=app.quit]x[/]\n"
    file.write_text(file.read_text("utf-8").replace("About x", "About \u202e x [b]") + body, encoding="utf-8")
    put(folder, "bad", f'status: "{ESCAPES}"\n')
    done = run(*words[:1], *words[1:2] if words[0] == "show" else [], folder, *[w for w in words[1:] if w != "x"])
    text = done.stdout + done.stderr
    assert done.exit_code in (0, 3)
    assert not [char for char in text if not char.isprintable() and char not in "\n\t"]
    if words == ["show", "x", "--json"]:
        assert "\x1b]0;title\x07" in json.loads(done.stdout)["body"]


@pytest.mark.skipif(not HOSTILE.is_file(), reason="the collection of hostile strings is not on this machine")
def test_every_hostile_string_as_title_and_body(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each is loaded or told, and whatever is printed of it only shows."""
    tmp_path, few = tmp_path_factory.mktemp("all"), tmp_path_factory.mktemp("few")
    strings = [json.loads(line)["text"] for line in HOSTILE.read_text("utf-8").split("\n") if line]
    for number, text in enumerate(strings):
        raw = f"---\ntitle: {json.dumps(text)}\ntags: [{json.dumps(text)}]\n---\n{text}\n\nwords\n"
        (tmp_path / f"{number}.md").write_bytes(raw.encode("utf-8", "surrogatepass"))
    for words in (["list"], ["lint"], ["list", "--json"], ["lint", "--json"]):
        done = run(words[0], tmp_path, *words[1:])
        assert done.exit_code in (0, 3), done.exception
        assert not [char for char in done.stdout if not _shows(char)]
    shown = [item["id"] for item in json.loads(run("list", tmp_path, "--json").stdout)]
    assert len(shown) > len(strings) / 2
    some = shown[:: max(1, len(shown) // 40)]
    for ident in some:
        shutil.copy(tmp_path / f"{ident}.md", few)  # showing one reads the whole folder
    for ident in some:
        done = run("show", ident, few, "--passages")
        assert done.exit_code == 0, done.exception
        assert not [char for char in done.stdout if not _shows(char)]


def _shows(char: str) -> bool:
    """Say whether a terminal only shows a character: no control, no direction mark, nothing that hides."""
    joins = char in "\n\t\u200c\u200d" or 0xE0061 <= ord(char) <= 0xE007F
    return joins or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def test_json_keeps_everything_and_hides_nothing() -> None:
    """Every character comes back, and what a terminal would obey is escaped."""
    text = "".join(map(chr, [*range(0x250), 0x200D, 0x202E, 0x2028, 0xFEFF, 0x1F469, 0xE0041, 0xD800]))
    shown = to_json([text])
    assert json.loads(shown) == [text]
    assert all(char.isprintable() or char == "\n" for char in shown)
    assert "ü" in shown
    assert "👩" in shown


def test_listing_loads_nothing_heavy(folder: Path) -> None:
    """List, show and lint answer at once: none of them imports the search, the store or the desk."""
    code = (
        "import sys\nfrom agentassist.cli.kb import kb\n"
        f"kb(['lint', {str(folder)!r}], standalone_mode=False)\n"
        "print(sorted({'textual', 'numpy', 'sqlite_utils', 'httpx', 'torch', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_lint_without_a_whole_index_still_checks(folder: Path) -> None:
    """An index folder that is empty or damaged is told at most, and everything else is checked."""
    index = folder.parent / "home/index"
    index.mkdir(parents=True)
    assert run("lint", folder).stderr.count("\n") == 1
    (index / "current").write_text("../nowhere\n", encoding="utf-8")
    done = run("lint", folder)
    assert (done.exit_code, done.stderr.count("by wording only")) == (0, 1)


def test_help_tells_every_command() -> None:
    """Each command says in one line what it does."""
    help_text = CliRunner().invoke(kb, ["--help"]).stdout
    for command in ("list", "show", "lint"):
        assert command in help_text

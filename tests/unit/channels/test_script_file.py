"""Scripts of simulated customers: what is right is read, what is wrong is told with file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentassist import paths
from agentassist.channels import script_file
from agentassist.channels.scripts import Trigger
from agentassist.errors import ContentError, NotFoundError
from agentassist.models import Author, EntryKind

SHIPPED = paths.sample_kb()
GOOD = """\
customer: {id: cust-1, name: Dana Reyes, timezone: Europe/Lisbon, attributes: {plan: Plus}}
before:
  - {choice: Setting up, node: topic, question: "What is it?"}
  - article: reset-code
  - handoff: asked for a person
opening:
  - hello
  - [one, another]
  - {after: 3, say: later}
reactions:
  - {when: article, articles: [reset-code], seconds: [10, 20], solved: true, say: [it worked]}
  - {when: goodbye, say: [bye]}
"""


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """Return a knowledge base with one article."""
    (tmp_path / "kb/articles").mkdir(parents=True)
    (tmp_path / "kb/articles/reset-code.md").write_text(
        "---\nid: reset-code\ntitle: Reset the code\nurl: https://help.example/reset-code\n---\nHold the button.\n",
        encoding="utf-8",
    )
    return tmp_path / "kb"


def read(kb: Path, text: str, name: str = "dana") -> tuple[str, ...]:
    """Return what is wrong with a script, one line for each problem."""
    folder = kb / "customers"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    _, problems = script_file.read_all(folder, kb)
    return tuple(map(str, problems))


def test_a_script_is_read_whole(kb: Path) -> None:
    """Everything that it says is in what comes out."""
    assert read(kb, GOOD) == ()
    (script,) = script_file.load(kb / "customers", kb)
    assert (script.id, script.customer.name, script.customer.attributes) == ("dana", "Dana Reyes", {"plan": "Plus"})
    assert [entry.kind for entry in script.before] == [EntryKind.CHOICE, EntryKind.ARTICLE, EntryKind.EVENT]
    sent = script.before[1]
    assert (sent.author, sent.text) == (Author.BOT, "Reset the code\nhttps://help.example/reset-code")
    assert [line.phrasings for line in script.opening] == [("hello",), ("one", "another"), ("later",)]
    assert script.opening[2].after == 3
    reaction = script.reactions[0]
    assert (reaction.trigger, reaction.articles, reaction.seconds, reaction.solved) == (
        Trigger.ARTICLE, ("reset-code",), (10, 20), True
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("timezone: Europe/Lisbon", "timezone: Lisboa", "dana.yaml:1: error: customer.timezone: must be an IANA name"),
        ("name: Dana Reyes, ", "", "dana.yaml:1: error: customer.name: is missing"),
        ("article: reset-code", "article: reset-cod", "dana.yaml:4: error: before[1].article: there is no article"),
        ("  - handoff: asked for a person\n", "", "dana.yaml:2: error: before: must end with a handoff"),
        ("  - handoff: asked for a person\n", "  - handof: x\n", "dana.yaml:5: error: before[2].handof: unknown key"),
        ("when: goodbye", "when: goodby", "dana.yaml:12: error: reactions[1]: unknown when: goodby"),
        ("articles: [reset-code], ", "", "needs articles when: article"),
        ("[10, 20]", "[10, late]", "dana.yaml:11: error: reactions[0].seconds[1]: must be a number"),
        ("solved: true", "solved: maybe", "reactions[0].solved: must be true or false"),
        ("  - hello\n", "  - {say: {a: b}}\n", "opening[0].say: must be a text"),
        ("opening:", "opennig:", "dana.yaml:6: error: opennig: unknown key"),
        ("opening:\n", "place: 99\nopening:\n", "dana.yaml:6: error: place: must be a number from 1 to 9"),
        ("opening:\n", "returns_after: nobody\nopening:\n", "returns_after: there is no script nobody"),
        ("opening:\n", "impatient: [a, b, c, d, e]\nopening:\n", "impatient: has more than 4 lines"),
        ("  - hello\n", "  - &a hello\n  - *a\n", "anchors and aliases are not allowed"),
        ("  - hello\n", "  - !!python/name:os.system x\n", "opening[0]: must be a text"),
        ("  - hello\n", "  - [[[[[[[[[[deep]]]]]]]]]]\n", "nested too deeply"),
        ("  - hello\n", f"  - {'x' * 3000}\n", "must have 1 to 2,000 characters"),
        ("  - hello\n", "  - hello\n" * 100, "has more than 60 entries"),
        ("  - hello\n", "  - hello\n" * 5000, "longer than 32,000 characters"),
        (GOOD, "", "is empty"),
        (GOOD, "- a\n- b\n", "is not a list of keys and values"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(kb: Path, old: str, new: str, said: str) -> None:
    """File, line and field, and nothing of a broken script is used."""
    assert old in GOOD
    problems = read(kb, GOOD.replace(old, new, 1))
    assert any(said in problem for problem in problems), problems
    with pytest.raises(ContentError) as caught:
        script_file.load(kb / "customers", kb)
    assert "dana.yaml" in caught.value.message


def test_a_folder_without_scripts_is_no_folder_of_scripts(kb: Path) -> None:
    """Nobody would come, and nobody would know why."""
    (kb / "customers").mkdir()
    with pytest.raises(ContentError, match="holds no script"):
        script_file.load(kb / "customers", kb)
    with pytest.raises(NotFoundError):
        script_file.load(kb / "nowhere", kb)


def test_the_shipped_scripts_are_right() -> None:
    """Every one can be used, names articles that exist, and the company that is asked for is complete."""
    scripts, problems = script_file.read_all(SHIPPED / script_file.FOLDER, SHIPPED)
    assert problems == ()
    assert len({script.customer.id for script in scripts}) >= 7
    assert sum(script.place == 1 for script in scripts) == 2
    assert any(script.returns_after for script in scripts)
    assert any(script.earlier for script in scripts)
    assert any(script.colleague for script in scripts)
    assert any(script.customer.language == "es" for script in scripts)
    assert any(reaction.seconds for script in scripts for reaction in script.reactions)
    for script in scripts:
        expected = set(script.expects)
        solving = {item for reaction in script.reactions if reaction.solved for item in reaction.articles}
        assert expected & solving or not expected, script.id
        assert {Trigger.WRONG_ARTICLE, Trigger.QUESTION, Trigger.GREETING, Trigger.OTHER} <= {
            reaction.trigger for reaction in script.reactions
        }, script.id


def test_what_the_shipped_scripts_expect_is_published() -> None:
    """An agent can send it to a customer."""
    from agentassist.kb import library
    from agentassist.models import Audience, Status

    known = {item.article.id: item.article for item in library.load(SHIPPED).articles}
    for script in script_file.load(SHIPPED / script_file.FOLDER, SHIPPED):
        for number in script.expects:
            article = known[number]
            assert (article.status, article.audience) == (Status.PUBLISHED, Audience.CUSTOMER), number

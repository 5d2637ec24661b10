"""The lexicon, its examples and weights: files that can be read and edited."""

from __future__ import annotations

import pytest

from agentassist.errors import FrictionError
from agentassist.friction import judges, lexicon, weights
from agentassist.friction.reading import SignalKind
from agentassist.friction.settings import TOPICS
from agentassist.friction.words import tokens


def test_what_ships_is_whole() -> None:
    """Every sign has phrases, every topic has phrases and examples, and hundreds of texts are labelled."""
    shipped = lexicon.shipped("en")
    raw = lexicon.data("lexicon", "en")
    assert all(f"\n{sign} = [" in raw for sign in lexicon.SIGNS)
    examples = judges.shipped("en")
    assert len(examples) >= 600
    assert {label for item in examples for label in item.labels} == {judges.ASKS, judges.UPSET, *TOPICS}
    assert len({item.text.casefold() for item in examples}) == len(examples)
    found = shipped.find(tokens("there is a gas leak"))
    assert [(item.sign, item.at, item.size) for item in found if item.sign.startswith("stakes")] == [
        ("stakes:safety", 3, 2)
    ]


@pytest.mark.parametrize("language", ["de", "en-GB", "", "../../x", "xx"])
def test_a_language_without_a_file_is_read_as_english(language: str) -> None:
    """A tag that nothing ships for, or that is no tag at all, gives English."""
    assert lexicon.shipped(language).language == "en"


def test_longer_phrases_win() -> None:
    """Of one sign the longest phrase at a place is found."""
    some = lexicon.Lexicon("en", {"thanks": ["thank", "thank you"], "yes": ["thank you"]})
    found = some.find(("thank", "you"))
    assert {(item.sign, item.size) for item in found} == {("thanks", 2), ("yes", 2)}


@pytest.mark.parametrize("text", ["", "language = 1", "[stakes]\nx = 1", "x = [", 'yes = ["a"]\n[stakes]'])
def test_a_damaged_lexicon_is_told(text: str) -> None:
    """A file that is not a lexicon is an error in words, not a surprise later."""
    with pytest.raises(FrictionError):
        lexicon.parsed(text)


@pytest.mark.parametrize("text", ["", "group = 1", "[[group]]\nodd = true\ntexts = []", "[[group]]\nasks = true"])
def test_damaged_examples_are_told(text: str) -> None:
    """A file that holds no examples is an error in words."""
    with pytest.raises(FrictionError):
        judges.parsed(text)


def test_weights_can_be_written_and_read_back() -> None:
    """What is written is read as it was."""
    shipped = weights.shipped()
    assert weights.parsed(weights.written(shipped, "A head\nof two lines")) == shipped


@pytest.mark.parametrize(
    ("old", "new"),
    [("\nasked = ", "\nasked = -"), ("\nthanks = -", "\nthanks = "), ("shouting", "odd"), ("[by_words]", "[by_word]")],
)
def test_weights_that_would_mislead_are_refused(old: str, new: str) -> None:
    """A sign of friction never lowers the score, a calming one never raises it, and no name is unknown."""
    text = weights.written(weights.shipped(), "")
    assert old in text
    with pytest.raises(FrictionError):
        weights.parsed(text.replace(old, new))


def test_a_score_is_a_probability() -> None:
    """However strong the signals, the score stays within 0 and 1 and rises with each sign of friction."""
    some = weights.shipped().by_meaning
    assert 0 < some.score({}) < 0.1
    assert some.score(dict.fromkeys(SignalKind, 1e6)) <= 1
    assert some.score({SignalKind.ASKED: 1.0}) > some.score({SignalKind.ASKED: 0.5}) > some.score({})


@pytest.mark.parametrize(
    ("text", "found"),
    [("it smells like gas", ["stakes:safety"]), ("smell gas", ["stakes:safety"]),
     ("smells of many fine old gas", []), ("a gas smell", ["stakes:safety"]), ("the smell of gas bread", []),
     ("smelly gas", [])],
)  # fmt: skip
def test_phrases_with_a_choice_and_a_gap(text: str, found: list[str]) -> None:
    """Any of several words does, a gap holds up to three, and what is spared is no sign, wherever it overlaps."""
    some = lexicon.Lexicon(
        "en", {"stakes:safety": ["smell|smells * gas", "gas smell"], "spared:safety": ["gas bread|cake"]}
    )
    assert [item.sign for item in some.find(tokens(text))] == found


def test_how_much_an_example_is_so_is_a_share() -> None:
    """A text may be upset by half; more than wholly it cannot be."""
    group = '[[group]]\nupset = {}\ntexts = ["the app is slow"]'
    assert judges.parsed(group.format("0.5"))[0].labels == {judges.UPSET: 0.5}
    assert judges.parsed(group.format("true"))[0].labels == {judges.UPSET: 1.0}
    with pytest.raises(FrictionError):
        judges.parsed(group.format("1.5"))

"""Why a hit matches, in words."""

from __future__ import annotations

from agentassist.search.reason import explain, phrases

TEXT = "Reset the Pairing code. The pairing code is shown; a code, too."


def spans(*words: str) -> list[tuple[int, int]]:
    """Return where words stand in TEXT, in order."""
    found = [(at, at + len(word)) for word in words for at in range(len(TEXT)) if TEXT.startswith(word, at)]
    return sorted(found)


def test_neighbouring_words_are_one_phrase_and_each_is_said_once() -> None:
    """“Pairing code” is one phrase, said once whatever its case, before the single word."""
    assert phrases(TEXT, spans("Pairing", "pairing", "code")) == ("Pairing code", "code")


def test_at_most_three_phrases() -> None:
    """A reason stays short."""
    assert len(phrases(TEXT, spans("Reset", "the", "shown", "too", "is"))) == 3


def test_reasons() -> None:
    """Words, title, meaning and a typed name are told, together where they apply."""
    assert explain(named=False, text=("pairing code",), title=(), similarity=0.712) == (
        "matches “pairing code”; close in meaning (0.71)"
    )
    assert explain(named=False, text=(), title=("Dial",), similarity=None) == "its title matches “Dial”"
    assert explain(named=False, text=(), title=(), similarity=0.3) == "loosely related (0.30)"
    assert explain(named=True, text=("x",), title=(), similarity=None) == "is what was typed"

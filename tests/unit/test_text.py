"""What may reach a terminal."""

from __future__ import annotations

import json
import re
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentassist.text import MAX_MARKS, clean, clean_line, counted

HOSTILE_FILE = Path(__file__).parents[3] / "shared" / "hostile_strings.jsonl"
FLAG = re.compile("\U0001f3f4[\U000e0061-\U000e007a]{5}\U000e007f")
FORBIDDEN = {"Cc", "Cs", "Cf", "Zl", "Zp"}

SELECTION = {
    "escape": ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
    "clipboard": ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
    "c1": ("\x9b2J", "⟨U+009B⟩2J"),
    "nul and del": ("a\x00b\x7fc", "a␀b␡c"),
    "bare carriage return": ("pay 10\rpay 99", "pay 10␍pay 99"),
    "windows newline": ("a\r\nb", "a\nb"),
    "tab": ("a\tb", "a    b"),
    "bidi": ("user\u202ecod.exe\u202c", "user⟨RLO⟩cod.exe⟨PDF⟩"),
    "isolates": ("\u2066x\u2069", "⟨LRI⟩x⟨PDI⟩"),
    "marks": ("\u200e\u200f\u061c", "⟨LRM⟩⟨RLM⟩⟨ALM⟩"),
    "zero width": ("pass\u200bword\ufeff", "pass·word·"),
    "joiner between ASCII": ("a\u200db", "a·b"),
    "tags": ("hi\U000e0041\U000e0042", "hi"),
    "surrogate": ("\ud800x", "\ufffdx"),
    "noncharacter": ("\uffff\ufdd0", "\ufffd\ufffd"),
    "line separator": ("a\u2028b", "a⟨LS⟩b"),
    "stacked marks": ("Z" + "\u0351" * 40, "Z" + "\u0351" * MAX_MARKS),
    "markup is text": ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
}

LANGUAGES = [
    "Grüße aus Köln", "¿Dónde está mi pedido?",
    "Où est ma commande ?", "Où ça ? Là-bas, à l’œuvre", "Dlaczego nie działa?",
    "Příliš žluťoučký kůň", "Pijamalı hasta yağız şoföre",
    "Γιατί δεν λειτουργεί;", "Почему не работает?", "Чому не працює?",
    "למה זה לא עובד?", "لماذا لا يعمل؟",
    "چرا کار نمی\u200cکند؟", "यह काम क्यों नहीं कर रहा है?", "এটি কাজ করছে না কেন?",
    "இது ஏன் வேலை செய்யவில்லை?", "ఇది ఎందుకు పనిచేయడం లేదు?",
    "ಇದು ಏಕೆ ಕೆಲಸ ಮಾಡುತ್ತಿಲ್ಲ?", "ഇത് എന്തുകൊണ്ട്?", "ทำไมมันไม่ทำงาน",
    "ເປັນຫຍັງມັນບໍ່ເຮັດວຽກ", "ဘာကြောင့် အလုပ်မလုပ်တာလဲ", "ហេតុអ្វីបានជាវាមិនដំណើរការ", "为什么不工作？", "為什麼不工作？",
    "なぜ動かないのですか", "왜 작동하지 않나요?",
    "Tại sao nó không hoạt động?", "რატომ არ მუშაობს?", "Ինչու՞ չի աշխատում",
    "ለምን አይሰራም?", "Ḿ̀fà̀ ọjà mi dà?",
]  # fmt: skip
EMOJI = ["👩\u200d👩\u200d👧\u200d👦", "🏳️\u200d🌈", "🇵🇹", "👍🏽", "1️⃣", "🧑🏿\u200d🚒", "❤️\u200d🔥",
         "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"]  # fmt: skip


def assert_safe(text: str) -> None:
    """Fail when a character in `text` can do more than be seen; the three flags spelt with tags are allowed."""
    for char in FLAG.sub("", text):
        allowed = char == "\n" or char in "\u200c\u200d" or unicodedata.category(char) not in FORBIDDEN
        assert allowed, f"{char!r} in {text!r}"


@pytest.mark.parametrize(("raw", "shown"), SELECTION.values(), ids=SELECTION.keys())
def test_each_kind_of_hostile_character_becomes_visible(raw: str, shown: str) -> None:
    """Every control has one visible form, and the words around it stay."""
    assert clean(raw) == shown


@pytest.mark.parametrize("text", LANGUAGES + EMOJI)
def test_real_languages_and_emoji_survive(text: str) -> None:
    """What people write in their language is shown as they wrote it."""
    assert clean(text) == text


any_text = st.text(st.characters(exclude_categories=()), max_size=60)


@given(any_text, st.integers(40, 80))
@example("\U0001f469\u200d" * 40, 41)
@example("\x9b" * 100, 64)
def test_clean_is_idempotent_bounded_and_safe(text: str, limit: int) -> None:
    """Cleaning twice is cleaning once, the limit holds, and nothing that acts remains."""
    once = clean(text, limit=limit)
    assert clean(once, limit=limit) == once
    assert len(once) <= limit
    assert_safe(once)


@given(any_text)
def test_a_clean_line_is_one_line(text: str) -> None:
    """No newline of any kind is left in a line."""
    assert len(clean_line(text).splitlines()) <= 1


def test_a_cut_says_how_much_is_missing() -> None:
    """A reader sees that text was cut and by how much."""
    shown = clean("x" * 1000, limit=100)
    assert len(shown) <= 100
    kept = shown.index("…")
    assert shown[kept:] == f"… [{1000 - kept:,} more characters]"


def test_a_long_hostile_text_costs_little() -> None:
    """The work is linear: ten times the text is not a hundred times the time."""

    def cost(count: int) -> float:
        text = "\x1b[31m\u202e\u0301\u200d👩" * count
        start = time.process_time()
        clean(text, limit=len(text) * 8)
        return time.process_time() - start

    cost(2_000)
    assert cost(20_000) < 40 * max(cost(2_000), 1e-3)


def test_a_number_and_its_noun_agree() -> None:
    """One is one, everything else is many, and thousands can be read."""
    assert [counted(number, "file") for number in (0, 1, 2, 1234)] == ["0 files", "1 file", "2 files", "1,234 files"]
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]


@pytest.mark.skipif(not HOSTILE_FILE.exists(), reason="the shared collection of hostile strings is not here")
def test_the_whole_collection_is_safe() -> None:
    """Not one of the collected strings keeps a character that acts."""
    for line in HOSTILE_FILE.read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        assert_safe(clean(text))
        assert_safe(clean_line(text))

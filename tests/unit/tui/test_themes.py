"""The desk's own themes: every word can be read (WCAG 2.2 AA: 4.5 to 1) on everything it stands on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from agentassist.tui import themes

TUI = Path(__file__).parents[3] / "agentassist" / "tui"
TEXTS = ("text-primary", "text-secondary", "text-accent", "text-success", "text-warning", "text-error")
LEAST = 4.5
TINT = re.compile(r"background(?:-tint)?: \$(\w[\w-]*) (\d+)%")
FAINT = re.compile(r"(?:color: |\")\$foreground (\d+)%")


def luminance(color: Color) -> float:
    """Return the relative luminance of WCAG 2.2."""

    def linear(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


def contrast(one: Color, other: Color) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def sources() -> str:
    """Return all styles of the desk."""
    return "\n".join(file.read_text(encoding="utf-8") for pattern in ("*.py", "*.tcss") for file in TUI.rglob(pattern))


def backgrounds(theme: Theme) -> dict[str, Color]:
    """Return what words stand on: the surfaces, and every tint that a style lays over one of them."""
    values = theme.to_color_system().generate()
    plain = {name: Color.parse(values[name]) for name in ("background", "surface", "panel")}
    tinted = {
        f"{name} {percent}% on {under}": color.blend(Color.parse(values[name]), int(percent) / 100, 1)
        for name, percent in TINT.findall(sources())
        if name != "background"  # the veil behind a dialog: nothing is read through it
        for under, color in plain.items()
        if under != "panel"
    }
    return plain | tinted


@pytest.mark.parametrize("theme", themes.OWN, ids=lambda theme: theme.name)
def test_every_word_can_be_read(theme: Theme) -> None:
    """Plain, faint and coloured words have 4.5 to 1 on every surface and under every cursor."""
    values = theme.to_color_system().generate()
    foreground = Color.parse(values["foreground"])
    faint = sorted({int(percent) for percent in FAINT.findall(sources())})
    assert faint
    for name, under in backgrounds(theme).items():
        texts = {"foreground": foreground} | {text: Color.parse(values[text]) for text in TEXTS}
        texts |= {
            f"foreground {percent}%": under.blend(foreground, percent / 100, 1) for percent in faint if percent > 30
        }
        for text, color in texts.items():
            assert contrast(color, under) >= LEAST, f"{theme.name}: {text} on {name}: {contrast(color, under):.2f}"


@pytest.mark.parametrize("theme", themes.OWN, ids=lambda theme: theme.name)
@pytest.mark.parametrize(
    ("text", "under"),
    [
        ("footer-key-foreground", "footer-background"),
        ("footer-description-foreground", "footer-background"),
        ("block-cursor-foreground", "block-cursor-background"),
        ("input-cursor-foreground", "input-cursor-background"),
    ],
)
def test_every_pair_of_the_theme_can_be_read(theme: Theme, text: str, under: str) -> None:
    """So do the pairs that Textual's own widgets use."""
    values = theme.to_color_system().generate()
    assert contrast(Color.parse(values[text]), Color.parse(values[under])) >= LEAST


@pytest.mark.parametrize("theme", themes.OWN, ids=lambda theme: theme.name)
def test_the_frame_of_the_focus_is_seen(theme: Theme) -> None:
    """What shows the focus has 3 to 1 on the background, as WCAG asks of what is not text."""
    values = theme.to_color_system().generate()
    assert contrast(Color.parse(values["primary"]), Color.parse(values["background"])) >= 3

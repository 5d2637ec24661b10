"""The desk's own themes: one dark, one light. Calm surfaces, one accent, and every word readable (WCAG AA)."""

from __future__ import annotations

from textual.theme import Theme

DARK_NAME, LIGHT_NAME = "agentassist-dark", "agentassist-light"

DARK = Theme(
    name=DARK_NAME,
    dark=True,
    primary="#5B8DEF",
    secondary="#4FB3A9",
    accent="#E0A458",
    foreground="#E3E9EF",
    background="#12171E",
    surface="#1A212B",
    panel="#222B37",
    success="#7BC47F",
    warning="#E5B567",
    error="#F07178",
    variables={
        "text-primary": "#9CBDFF",
        "text-secondary": "#7FD1C7",
        "text-accent": "#F0BC78",
        "text-success": "#93D697",
        "text-warning": "#F0C989",
        "text-error": "#FF9AA0",
        "footer-background": "#1A212B",
        "footer-key-foreground": "#F0BC78",
        "footer-description-foreground": "#B6C2CE",
        "block-cursor-background": "#33507F",
        "block-cursor-foreground": "#F4F7FA",
        "block-cursor-text-style": "bold",
        "input-cursor-background": "#F0BC78",
        "input-cursor-foreground": "#12171E",
        "input-selection-background": "#5B8DEF 35%",
        "border": "#5B8DEF",
        "border-blurred": "#2B3644",
        "scrollbar": "#3A4757",
        "scrollbar-hover": "#5B8DEF",
        "scrollbar-active": "#5B8DEF",
        "scrollbar-background": "#12171E",
        "scrollbar-corner-color": "#12171E",
    },
)
"""Ink blue and amber: made for a long day."""

LIGHT = Theme(
    name=LIGHT_NAME,
    dark=False,
    primary="#2F5FB3",
    secondary="#1F7A70",
    accent="#9A5B00",
    foreground="#1A222B",
    background="#FDFCFA",
    surface="#F6F4EF",
    panel="#EDEAE2",
    success="#2E7D32",
    warning="#8A5A00",
    error="#B3261E",
    variables={
        "text-primary": "#234E9C",
        "text-secondary": "#155E56",
        "text-accent": "#7A4600",
        "text-success": "#1E5E22",
        "text-warning": "#734A00",
        "text-error": "#A01C15",
        "footer-background": "#EDEAE2",
        "footer-key-foreground": "#7A4600",
        "footer-description-foreground": "#3E4C59",
        "block-cursor-background": "#C9D8F2",
        "block-cursor-foreground": "#14213A",
        "block-cursor-text-style": "bold",
        "input-cursor-background": "#2F5FB3",
        "input-cursor-foreground": "#FFFFFF",
        "input-selection-background": "#2F5FB3 25%",
        "border": "#2F5FB3",
        "border-blurred": "#CFCBBF",
        "scrollbar": "#C4BFB1",
        "scrollbar-hover": "#2F5FB3",
        "scrollbar-active": "#2F5FB3",
        "scrollbar-background": "#FDFCFA",
        "scrollbar-corner-color": "#FDFCFA",
    },
)
"""Warm paper and ink."""

OWN = (DARK, LIGHT)

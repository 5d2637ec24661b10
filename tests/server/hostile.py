"""Texts that mean something to some program: to a browser, a terminal, a database, a template, a header."""

from __future__ import annotations

import json
import os
from pathlib import Path

SHARED = Path(__file__).parents[3] / "shared/hostile_strings.jsonl"

OWN = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><iframe srcdoc="<script>parent.alert(1)</script>">',
    "'-alert(1)-'",
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    'https://example.com/" onmouseover="alert(1)',
    "http://a.example/<script>",
    "data:text/html,<script>alert(1)</script>",
    "{{7*7}} ${7*7} <%= 7*7 %> #{7*7} {name} {0.__class__}",
    "'; DROP TABLE entries; --",
    '" OR 1=1 --',
    "a\r\nset-cookie: x=1\r\n\r\n<b>",
    'data: x\n\nevent: view\ndata: {"seq": 99}\n\n',
    "id: 1\r\rretry: 0\r\r",
    "line\u2028separator\u2029paragraph",
    "\x1b[2J\x1b]52;c;aGk=\x07 \x9b31m \x00 \x7f",
    "\u202eevil\u202c \u2066iso\u2069 \u200b\u200d\ufeff",
    "half a character: \ud83d and \udc00",
    "Z\u0351\u0348\u0301\u0334" * 40,
    "\U000e0041\U000e0042 tags",
    "__proto__",
    "constructor",
    "../../../../etc/passwd",
    "..\\..\\windows",
    "%2e%2e%2f%00",
    "%s%s%n %(a)s",
    "=1+1 @SUM(1) +cmd|' /C calc'!A0",
    "null",
    "-1",
    "1e999",
    "[" * 500,
    "a" * 8_000,
    "😀" * 2_000,
)


HEAVY = "AGENTASSIST_HEAVY" in os.environ


def strings() -> list[str]:
    """Return those of this repository, and of the shared ones, where they are, every eighth.

    AGENTASSIST_HEAVY=1 returns all of them; that takes minutes.
    """
    if not SHARED.exists():
        return list(OWN)
    shared = [str(json.loads(line)["text"]) for line in SHARED.read_text(encoding="utf-8").splitlines()]
    shared = shared if HEAVY else shared[::8]
    return [*OWN, *(text[:8_000] for text in shared)]

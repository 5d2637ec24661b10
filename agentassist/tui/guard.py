"""The last guard before the terminal: whatever slipped past `clean` is dropped from the painted text.

Textual lets escape, C1 and bidirectional controls through to the terminal, so every line of the desk passes here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color

_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0001]"
)
"""C0, DEL, C1, bidirectional controls, line and paragraph separators, and surrogates, which cannot be encoded."""


class OutputGuard(LineFilter):
    """Drops control characters from what is about to be painted."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return the segments without control characters; the same list when there are none."""
        search = _FORBIDDEN.search
        if not any(search(segment.text) for segment in segments):
            return segments
        return [
            Segment(_FORBIDDEN.sub("", segment.text), segment.style, segment.control) if segment.text else segment
            for segment in segments
        ]

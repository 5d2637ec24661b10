"""How far a build has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """What a build is doing, in the order in which it does it."""

    READ = "reading the knowledge base"
    ENCODER = "preparing the encoder"
    EMBED = "embedding"
    WRITE = "writing the index"


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """How far a build has come.

    Attributes:
        done: passages that are embedded, of `total`; both 0 in phases that cannot be counted.
        rate: passages a second; 0 while unknown.
        seconds_left: of this phase; None while unknown.
    """

    phase: Phase
    done: int = 0
    total: int = 0
    rate: float = 0.0
    seconds_left: float | None = None

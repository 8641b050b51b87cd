"""German compounds, taken apart: "Brombeeraromen" is "blackberry aromas"."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pricing.wine.languages.english import singular
from pricing.wine.languages.lexicon import Sense, lexicon

SHORTEST_PART: Final = 3
SHORTEST: Final = 7
"""Words shorter than this are no compounds."""

LONGEST: Final = 45
"""Nor are longer ones: every cut of a word is tried."""

LINKS: Final = ("", "s", "n", "en", "es", "er", "e")
"""Letters that may join the parts."""

PARTS: Final = 3
REMEMBERED: Final = 4096

_FIRST_KINDS: Final = "nfavq"
_LAST_KINDS: Final = "nfaq"


@lru_cache(maxsize=REMEMBERED)
def compound(word: str, parts: int = PARTS) -> Sense | None:
    """Class and English of a German compound of at most `parts` words; None for other words."""
    if not SHORTEST - (PARTS - parts) <= len(word) <= LONGEST:
        return None
    words = lexicon("de").words
    for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        last = _sense(word[cut:], words, _LAST_KINDS)
        if last is None and parts > 2:  # noqa: PLR2004 (three parts are two and one)
            last = compound(word[cut:], parts - 1)
        if last is None:
            continue
        first = _first_part(word[:cut], words)
        if first is not None:
            return Sense(last.kind, f"{first} {last.english}".strip())
    return None


def _first_part(part: str, words: dict[str, tuple[Sense, ...]]) -> str | None:
    """English of a compound's first part, in its plain form or one that joins: "Kirsch-", "Birnen-"."""
    for link in LINKS:
        if link and not part.endswith(link):
            continue
        stem = part[: len(part) - len(link)] if link else part
        if len(stem) < SHORTEST_PART:
            continue
        for form in (stem, stem + "e", stem + "en"):
            sense = _sense(form, words, _FIRST_KINDS)
            if sense is not None:
                return singular(sense.english) if sense.kind in "nf" else sense.english
    return None


def _sense(form: str, words: dict[str, tuple[Sense, ...]], kinds: str) -> Sense | None:
    return next((sense for sense in words.get(form, ()) if sense.kind in kinds), None)

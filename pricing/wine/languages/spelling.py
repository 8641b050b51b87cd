"""Misspelled words of a lexicon: one letter wrong, missing, doubled or swapped, and only one reading."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pricing.wine.languages.english import singular
from pricing.wine.languages.lexicon import lexicon

SHORTEST: Final = 5
"""Shorter words have too many neighbours."""

SHORTEST_REPLACED: Final = 8
"""One letter in place of another makes other words of shorter ones: "amarga", "alarga"."""

LONGEST: Final = 24
REMEMBERED: Final = 4096


@lru_cache(maxsize=REMEMBERED)
def corrected(word: str, language: str) -> str | None:
    """The only word of the lexicon that is one slip away from `word`; None for none or several."""
    if not SHORTEST <= len(word) <= LONGEST:
        return None
    drawers = forms_by_size(language)
    near = [form for size in (-1, 0, 1) for form in drawers.get((word[0], len(word) + size), ())]
    found = [
        each
        for each in process.extract(word, near, scorer=OSA.distance, score_cutoff=1, limit=5)
        if len(word) >= SHORTEST_REPLACED or sorted(each[0]) == sorted(word) or len(each[0]) != len(word)
    ]
    meanings = {singular(lexicon(language).words[form][0].english) for form, _, _ in found}
    return found[0][0] if len(meanings) == 1 else None


@cache
def forms_by_size(language: str) -> dict[tuple[str, int], list[str]]:
    """The forms of a lexicon by first letter and length."""
    drawers: dict[tuple[str, int], list[str]] = {}
    for form in lexicon(language).words:
        if not form.isascii():
            continue
        drawers.setdefault((form[0], len(form)), []).append(form)
    return drawers

"""Numbers and names that stand for a request in a comparison of inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pandas as pd

from flows.data.missingness import provided
from pricing.wine.languages.note import ReadNote, read_note
from pricing.wine.text import fold
from pricing.wine.years import year_of

NUMBERS: Final = {
    "words": "words in the tasting note",
    "known_words": "share of its words that training knows",
    "vintage": "vintage",
    "points": "points",
}
NAMES: Final = ("country", "province", "variety", "region")
_KNOWN_FROM: Final = 3
"""A word is known when this many training rows use it."""


@lru_cache(maxsize=16_384)
def cached_note(text: str) -> ReadNote:
    """A tasting note as the model reads it, whatever its language.

    Kept, because every part of a check reads the reference's notes again.
    """
    return read_note(text)


def english_words(text: str) -> Sequence[str]:
    """The English words of a tasting note."""
    return cached_note(text).words


@lru_cache(maxsize=16_384)
def folded_name(name: str) -> str:
    """A name in the form in which its spellings are one."""
    return fold(name)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that training rows use."""

    words: frozenset[str]

    @classmethod
    def of(cls, wines: pd.DataFrame) -> Vocabulary:
        counts: Counter[str] = Counter()
        for text in wines["description"]:
            counts.update(set(english_words(str(text))))
        return cls(frozenset(word for word, count in counts.items() if count >= _KNOWN_FROM))

    def share_known(self, note: ReadNote) -> float:
        """Share of a note's words that were understood and that training uses; 1 for no note."""
        if not note.n_words:
            return 1.0
        known = sum(word in self.words for word in note.words) / max(len(note.words), 1)
        return known * note.n_known / note.n_words


def numbers_of(wines: pd.DataFrame, vocabulary: Vocabulary) -> pd.DataFrame:
    """The columns `NUMBERS`, NaN where not given; index as given."""
    notes = [cached_note(str(text)) for text in wines["description"].fillna("")]
    years = [year_of(str(value)) for value in wines["millesime"]]
    points = wines["points"] if "points" in wines else pd.Series(np.nan, index=wines.index)
    return pd.DataFrame(
        {
            "words": np.array([note.n_words for note in notes], dtype=float),
            "known_words": np.array([vocabulary.share_known(note) for note in notes], dtype=float),
            "vintage": np.array([np.nan if year is None else year for year in years], dtype=float),
            "points": pd.to_numeric(points, errors="coerce").to_numpy(dtype=float),
        },
        index=wines.index,
    )


def names_of(wines: pd.DataFrame, field: str) -> list[str]:
    """The folded names of a field, of the rows that give it."""
    if field not in wines:
        return []
    return [folded_name(str(value)) for value in wines.loc[provided(wines, field), field].tolist()]

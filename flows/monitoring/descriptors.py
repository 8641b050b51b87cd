"""Numbers and names that stand for a request in a comparison of inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from flows.data.missingness import given
from pricing.wine.languages.note import read_note
from pricing.wine.text import fold
from pricing.wine.years import year_of

Array = npt.NDArray[np.float64]

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
def told_words(text: str) -> tuple[str, ...]:
    """The words of a tasting note as the model reads it, whatever its language.

    Kept, because every part of a check reads the reference's notes again.
    """
    return tuple(read_note(text).words)


@lru_cache(maxsize=16_384)
def told_name(name: str) -> str:
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
            counts.update(set(told_words(str(text))))
        return cls(frozenset(word for word, count in counts.items() if count >= _KNOWN_FROM))

    def share_known(self, words: Sequence[str]) -> float:
        return sum(word in self.words for word in words) / len(words) if words else 1.0


def numbers_of(wines: pd.DataFrame, vocabulary: Vocabulary) -> pd.DataFrame:
    """The columns `NUMBERS`, NaN where not given; index as given."""
    words = [told_words(str(text)) for text in wines["description"].fillna("")]
    years = [year_of(str(value)) for value in wines["millesime"]]
    points = wines["points"] if "points" in wines else pd.Series(np.nan, index=wines.index)
    return pd.DataFrame(
        {
            "words": np.array([len(row) for row in words], dtype=float),
            "known_words": np.array([vocabulary.share_known(row) for row in words], dtype=float),
            "vintage": np.array([np.nan if year is None else year for year in years], dtype=float),
            "points": pd.to_numeric(points, errors="coerce").to_numpy(dtype=float),
        },
        index=wines.index,
    )


def names_of(wines: pd.DataFrame, field: str) -> list[str]:
    """The folded names of a field, of the rows that give it."""
    if field not in wines:
        return []
    return [told_name(str(value)) for value in wines.loc[given(wines, field), field].tolist()]

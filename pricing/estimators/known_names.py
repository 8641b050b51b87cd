"""What a training saw of names, words and vintages: for warnings, completion and explanations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd

from pricing.arrays import Ints
from pricing.wine.places.hierarchy import Hierarchy
from pricing.wine.places.name_reader import NameReader
from pricing.wine.schema import CATEGORY_FIELDS
from pricing.wine.text import fold
from pricing.wine.tokens import Reading

LEAST_NOTES: Final = 3
"""Notes that must hold a word for it to count as known."""

TYPICAL_WORDS: Final = 20


@dataclass(frozen=True, slots=True)
class KnownNames:
    """`categories`: per field the names as written, most frequent first. `words`: known words of notes,
    most frequent first. `years`: first and last vintage and the usual one. `hierarchy`: which names stood
    together.
    """

    categories: Mapping[str, tuple[str, ...]]
    words: tuple[str, ...]
    years: tuple[int, int, int]
    hierarchy: Hierarchy

    @classmethod
    def of(cls, wines: pd.DataFrame, readings: Sequence[Reading]) -> Self:
        counts = Counter(word for reading in readings for word in set(reading.words))
        years = [reading.year for reading in readings if reading.year is not None] or [0]
        categories = {field: display_names(wines, field) for field in CATEGORY_FIELDS}
        return cls(
            categories=categories,
            words=tuple(word for word, count in counts.most_common() if count >= LEAST_NOTES),
            years=(min(years), max(years), int(np.median(years))),
            hierarchy=Hierarchy.of(_codes(readings, categories)),
        )

    @classmethod
    def unpacked(cls, packed: Mapping[str, str]) -> Self:
        first, last, usual = map(int, packed["years"].split())
        return cls(
            categories={field: tuple(packed[field].split("\n")) if packed[field] else ()
                        for field in CATEGORY_FIELDS},
            words=tuple(packed["words"].split()),
            years=(first, last, usual),
            hierarchy=Hierarchy.from_text(packed["hierarchy"]),
        )  # fmt: skip

    def packed(self) -> dict[str, str]:
        """As strings, for the model file."""
        names = {field: "\n".join(names) for field, names in self.categories.items()}
        years, hierarchy = " ".join(map(str, self.years)), self.hierarchy.to_text()
        return {**names, "words": " ".join(self.words), "years": years, "hierarchy": hierarchy}

    def reader(self) -> NameReader:
        """Reads the names of requests as these."""
        return NameReader(self.categories, self.hierarchy)

    def typical(self) -> Reading:
        """The most usual wine that training saw: place, vintage and words; no optional field."""
        country, province = (
            fold(names[0]) if (names := self.categories[field]) else "" for field in ("country", "province")
        )
        words = list(self.words[:TYPICAL_WORDS])
        return Reading(country, province, "", "", "", "", words, self.years[2] or None, None)


def _codes(readings: Sequence[Reading], categories: Mapping[str, Sequence[str]]) -> Ints:
    """Code (n, 5) of each name by its place among the known ones; -1 for none."""
    columns = []
    for field, names in categories.items():
        codes = {fold(name): code for code, name in enumerate(names)}
        columns.append([codes.get(getattr(reading, field), -1) for reading in readings])
    return np.array(columns, dtype=np.int64).T


def display_names(wines: pd.DataFrame, name: str) -> tuple[str, ...]:
    """Names of a category as written, most frequent first; spellings that fold alike are one."""
    if name not in wines.columns:
        return ()
    names: dict[str, str] = {}
    for shown in wines[name].dropna().astype(str).value_counts().index:
        key = fold(shown)
        if key:
            names.setdefault(key, " ".join(shown.split()))
    return tuple(names.values())

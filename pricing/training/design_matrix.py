"""The training wines as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pricing.arrays import Codes, Floats, Singles
from pricing.model.experts import NOTE_BOUNDS, POINTS, Provided
from pricing.model.producer_process import designation_code
from pricing.model.score_scale import SLOPES, steps_of
from pricing.model.state import Years, age_numbers, codes_of, note_numbers
from pricing.model.vocabulary import TermIndex
from pricing.training.masks import Mask
from pricing.training.term_matrix import TermMatrix
from pricing.wine.schema import CATEGORY_FIELDS
from pricing.wine.tokens import Reading

MANY: Final = 20_000
"""From this many rows on a part of the folds, words and rounds is enough, or more of them pay."""

FOLDS: Final = (5, 4)
"""With few rows and with many."""

EVERY_ROW: Final = -1
"""As the fold to leave out: none."""

LONG_TERMS, LONG_WORDS = 0.8, 0.9
"""These shares of the training notes have at most the terms and the words of `Longest`.

In files that mix sources long notes are those of one source, whose wines may be dearer. The trees learn a
step for them, so that nothing else has to explain it, and it is taken out of what is used: a property of
the source is learned and then held fixed, as ranking does with the position of what was clicked (Zhao et
al. 2019, "Recommending what video to watch next"). docs/decisions/0106-notes-of-any-length.md has figures.
"""

FEWEST_LONG_WORDS: Final = NOTE_BOUNDS[-1]
"""Lengths up to here divide the calibration of intervals, and are not limited."""

TYPICAL_YEAR: Final = 2010
"""Stands for every vintage when no wine has one."""


class Longest(NamedTuple):
    """Known terms and known words from which on all notes are of one length for the trees."""

    terms: int
    words: int


class Inputs(NamedTuple):
    """What linear models and networks see of n wines: terms (n, t), numbers (n, m), steps of the points
    (n, SLOPES); and how many terms and how many single words of the note are among them (n,).
    """

    terms: sparse.csr_matrix
    numbers: Singles
    steps: Singles
    known: Codes
    words: Codes

    def take(self, rows: npt.NDArray[np.intp]) -> Inputs:
        """Some of the wines."""
        return Inputs(
            self.terms[rows], self.numbers[rows], self.steps[rows], self.known[rows], self.words[rows]
        )


class HeldOut(NamedTuple):
    """What models that never saw n wines say of them: log price at the score of reference (n,), and its
    slopes along the points (n, SLOPES).
    """

    price: Floats
    slopes: Floats

    @classmethod
    def empty(cls, wines: int) -> HeldOut:
        return cls(np.zeros(wines), np.zeros((wines, SLOPES)))


@dataclass(frozen=True, slots=True)
class InputSource:
    """Wines before anything is masked: their terms, numbers of the age (n, 2) and steps of the points
    (n, SLOPES).
    """

    terms: TermMatrix
    age: Floats
    steps: Floats

    def rows(self, chosen: npt.NDArray[np.intp], width: int) -> InputSource:
        """Some of the wines with their first `width` terms."""
        return InputSource(self.terms.rows(chosen, width), self.age[chosen], self.steps[chosen])

    def masked(self, mask: Mask) -> Inputs:
        """What is left of the wines under a mask."""
        terms, known, words = self.terms.masked(mask)
        counts, which = np.unique(words, return_inverse=True)
        note = np.array([note_numbers(count) for count in counts.tolist()])[which]
        points = mask.fields[:, [POINTS]]
        numbers = np.column_stack([self.age, note, points]).astype(np.float32)
        return Inputs(terms, numbers, np.where(points, self.steps, 0.0).astype(np.float32), known, words)


@dataclass(frozen=True, slots=True)
class Rows:
    """n wines: log price (n,), what base learners see of them, codes (n, 5), designation, vintage,
    points and words of the note (n,), optional fields present (n, 5), folds.
    """

    target: Floats
    index: TermIndex
    source: InputSource
    codes: Codes
    designation: Codes
    year: Floats
    points: Floats
    words: Codes
    present: Provided
    folds: Codes
    years: Years
    longest: Longest

    @property
    def mean(self) -> float:
        """Mean log price."""
        return float(self.target.mean())

    @property
    def many(self) -> bool:
        return len(self.target) >= MANY


def rows_of(
    readings: Sequence[Reading],
    target: Floats,
    names: Mapping[str, Sequence[str]],
    rng: np.random.Generator,
    *,
    min_count: int,
) -> Rows:
    """Read the wines into arrays; deal them into folds."""
    vintages = sorted(reading.year for reading in readings if reading.year is not None) or [TYPICAL_YEAR]
    years = (vintages[0], vintages[-1], vintages[-1], vintages[len(vintages) // 2])
    index = TermIndex.learn(readings, min_count)
    source = _source(index, readings, years)
    return Rows(
        target=target,
        index=index,
        source=source,
        codes=_codes(readings, names),
        designation=np.array([designation_code(each.designation) for each in readings], dtype=np.int64),
        year=np.array([each.year for each in readings], dtype=np.float64),
        points=np.array([each.points for each in readings], dtype=np.float64),
        words=np.array([len(each.words) for each in readings], dtype=np.int64),
        present=np.array([_present(each) for each in readings]),
        folds=rng.integers(0, FOLDS[len(target) >= MANY], len(target)),
        years=years,
        longest=_longest(source.terms),
    )


def _longest(terms: TermMatrix) -> Longest:
    known, words = terms.lengths()
    limits = np.quantile(known, LONG_TERMS, method="lower"), np.quantile(words, LONG_WORDS, method="lower")
    return Longest(int(limits[0]), max(FEWEST_LONG_WORDS, int(limits[1])))


def _source(index: TermIndex, readings: Sequence[Reading], years: Years) -> InputSource:
    return InputSource(
        TermMatrix.of(index, readings),
        np.array([age_numbers(each.year, years) for each in readings]),
        np.array([steps_of(each.points) for each in readings]),
    )


def _present(reading: Reading) -> list[bool]:
    names = (reading.variety, reading.winery, reading.region, reading.designation)
    return [*map(bool, names), reading.points is not None]


def _codes(readings: Sequence[Reading], names: Mapping[str, Sequence[str]]) -> Codes:
    columns = []
    for field in CATEGORY_FIELDS:
        codes = codes_of(names[field])
        columns.append([codes.get(getattr(reading, field), -1) for reading in readings])
    return np.array(columns, dtype=np.int64).T

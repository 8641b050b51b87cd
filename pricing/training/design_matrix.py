"""The training wines as arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pricing.model.producer_process import designation_code
from pricing.model.state import Years, codes_of, place_numbers, points_numbers
from pricing.model.vocabulary import TermIndex
from pricing.training.term_matrix import matrix_of
from pricing.wine.schema import CATEGORY_FIELDS
from pricing.wine.tokens import Reading

MANY: Final = 20_000
"""From this many rows on a part of the folds, words and rounds is enough, or more of them pay."""

FOLDS: Final = (5, 4)
"""With few rows and with many."""

TYPICAL_YEAR: Final = 2010
"""Stands for every vintage when no wine has one."""

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Provided = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """n wines: log price (n,), terms (n, t) and their kinds (t,), numbers (n, 3 + 3), codes (n, 5),
    designation, vintage, points, length and known terms (n,), optional fields present (n, 5), folds.
    """

    target: Floats
    index: TermIndex
    matrix: sparse.csr_matrix
    kinds: npt.NDArray[np.str_]
    numbers: Floats
    codes: Codes
    designation: Codes
    year: Floats
    points: Floats
    length: Floats
    known: Floats
    present: Provided
    folds: Codes
    years: Years

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
    matrix = matrix_of(index, readings)
    kinds = index.kinds()
    codes = _codes(readings, names)
    textual = np.isin(kinds, ["w", "w2"])
    return Rows(
        target=target,
        index=index,
        matrix=matrix,
        kinds=kinds,
        numbers=np.array([_numbers(each, years) for each in readings]),
        codes=codes,
        designation=np.array([designation_code(each.designation) for each in readings], dtype=np.int64),
        year=np.array([each.year for each in readings], dtype=np.float64),
        points=np.array([each.points for each in readings], dtype=np.float64),
        length=np.log1p([len(each.words) for each in readings]),
        known=np.asarray((matrix[:, textual] > 0).sum(axis=1), dtype=np.float64).ravel(),
        present=np.array([_present(each) for each in readings]),
        folds=rng.integers(0, FOLDS[len(target) >= MANY], len(target)),
        years=years,
    )


def _numbers(reading: Reading, years: Years) -> tuple[float, ...]:
    length = math.log1p(len(reading.words))
    return *place_numbers(reading.year, length, years), *points_numbers(reading.points)


def _present(reading: Reading) -> list[bool]:
    names = (reading.variety, reading.winery, reading.region, reading.designation)
    return [*map(bool, names), reading.points is not None]


def _codes(readings: Sequence[Reading], names: Mapping[str, Sequence[str]]) -> Codes:
    columns = []
    for field in CATEGORY_FIELDS:
        codes = codes_of(names[field])
        columns.append([codes.get(getattr(reading, field), -1) for reading in readings])
    return np.array(columns, dtype=np.int64).T

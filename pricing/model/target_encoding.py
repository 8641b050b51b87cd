"""What wines of a place, variety or producer cost: smoothed means per group, cross-fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing.arrays import Codes, Floats

PARTS: Final = ("country", "province", "variety", "winery", "region")


@dataclass(frozen=True, slots=True)
class Grouping:
    """Wines alike in all `parts`; `smooth` rows' worth of weight on the parent group's mean."""

    name: str
    parts: tuple[int, ...]
    smooth: float
    parent: int | None = None


GROUPINGS: Final = (
    Grouping("country", (0,), 20),
    Grouping("province", (0, 1), 10, 0),
    Grouping("variety", (2,), 10),
    Grouping("region", (4,), 8),
    Grouping("province and variety", (1, 2), 8, 2),
    Grouping("region and variety", (4, 2), 6, 3),
    Grouping("winery", (3,), 3),
    Grouping("winery and variety", (3, 2), 2, 6),
    Grouping("winery and region", (3, 4), 2, 6),
)
STATISTICS: Final = 3
"""Per grouping: mean log price, mean of what the network leaves, number of rows up to `COUNTED`."""

COUNTED: Final = 12.0
"""Larger counts are all one: they would tell the trees which fold a row was held out in."""

LARGE: Final = 100

WIDTH: Final = STATISTICS * len(GROUPINGS)
BASE: Final = 1 << 20
"""More names than this in one field are not told apart; a group's key is a number in this base."""


def keys_of(codes: Codes, parts: Sequence[int]) -> Codes:
    """One number per row (n,) for codes (n, 5); -1 where a part is not provided or not known."""
    chosen = codes[:, list(parts)]
    key = np.zeros(len(codes), dtype=np.int64)
    for column in chosen.T:
        key = key * BASE + column
    return np.where((chosen >= 0).all(axis=1), key, -1)


@dataclass(frozen=True, slots=True)
class Encodings:
    """For each grouping its sorted keys and their statistics; `unseen` (WIDTH,) is for new groups."""

    keys: tuple[Codes, ...]
    values: tuple[Floats, ...]
    mean: float

    def of(self, codes: Codes) -> Floats:
        """Statistics (n, WIDTH) of rows of codes (n, 5); NaN for groups that are not provided or known."""
        return np.concatenate(
            [
                _look_up(keys_of(codes, grouping.parts), keys, values)
                for grouping, keys, values in zip(GROUPINGS, self.keys, self.values, strict=True)
            ],
            axis=1,
        )

    def places(self) -> tuple[list[Mapping[int, int]], Floats]:
        """For one wine at a time: per grouping, key → place in one table (groups + 1, STATISTICS)
        of all statistics, whose place 0 is for what is not provided or known.
        """
        starts = np.cumsum([1, *(len(keys) for keys in self.keys)])
        places: list[Mapping[int, int]] = [
            dict(zip(keys.tolist(), range(start, start + len(keys)), strict=True))
            for keys, start in zip(self.keys, starts.tolist(), strict=False)
        ]
        table: Floats = np.concatenate([np.full((1, STATISTICS), np.nan), *self.values])
        return places, table


def learn(codes: Codes, log_price: Floats, left: Floats) -> Encodings:
    """Statistics of every group of the rows: of log price and of what the network `left` (n,)."""
    keys: list[Codes] = []
    values: list[Floats] = []
    mean = float(log_price.mean())
    for grouping in GROUPINGS:
        row_keys = keys_of(codes, grouping.parts)
        known = row_keys >= 0
        found, first, index = np.unique(row_keys[known], return_index=True, return_inverse=True)
        count = np.bincount(index, minlength=len(found)).astype(np.float64)
        prior = np.tile([mean, 0.0], (len(found), 1))
        if grouping.parent is not None:
            parent = keys_of(codes[known][first], GROUPINGS[grouping.parent].parts)
            above = _look_up(parent, keys[grouping.parent], values[grouping.parent])[:, :2]
            prior = np.where(np.isnan(above), prior, above)
        sums = np.stack([np.bincount(index, of[known], len(found)) for of in (log_price, left)], axis=1)
        means = (sums + grouping.smooth * prior) / (count + grouping.smooth)[:, None]
        keys.append(found)
        values.append(np.concatenate([means, np.minimum(count, COUNTED)[:, None]], axis=1))
    return Encodings(tuple(keys), tuple(values), mean)


def cross_fit(
    codes: Codes, log_price: Floats, left: Floats, folds: npt.NDArray[np.int64]
) -> tuple[Floats, Encodings]:
    """Statistics of each row (n, WIDTH) from the other folds, and those of all rows for scoring.

    Groups of `LARGE` size keep their statistics of all rows: one row hardly moves them, while a
    figure per fold tells the trees which fold it is, and so what the networks of that fold leave.
    """
    held_out = np.full((len(codes), WIDTH), np.nan)
    for fold in np.unique(folds):
        rest, own = folds != fold, folds == fold
        held_out[own] = learn(codes[rest], log_price[rest], left[rest]).of(codes[own])
    table = learn(codes, log_price, left)
    whole = table.of(codes)
    for number, grouping in enumerate(GROUPINGS):
        columns = slice(number * STATISTICS, (number + 1) * STATISTICS)
        large = _sizes(keys_of(codes, grouping.parts)) >= LARGE
        held_out[large, columns] = whole[large, columns]
    return held_out, table


def _sizes(keys: Codes) -> Codes:
    """Rows of the group of each row (n,); 0 where it is not known."""
    _, index, counts = np.unique(keys, return_inverse=True, return_counts=True)
    sizes: Codes = np.where(keys >= 0, counts[index], 0)
    return sizes


def hide(statistics: Floats, provided: npt.NDArray[np.bool_]) -> Floats:
    """Statistics without those of groups that need an optional field not `provided` (n, 5)."""
    position = {2: 0, 3: 1, 4: 2}
    hidden = statistics.copy()
    for number, grouping in enumerate(GROUPINGS):
        columns = slice(number * STATISTICS, (number + 1) * STATISTICS)
        for part in grouping.parts:
            if part in position:
                hidden[~provided[:, position[part]], columns] = np.nan
    return hidden


def _look_up(keys: Codes, known: Codes, values: Floats) -> Floats:
    out = np.full((len(keys), STATISTICS), np.nan)
    if len(known):
        place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
        hit = known[place] == keys
        out[hit] = values[place[hit]]
    return out

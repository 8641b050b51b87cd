"""Which of four specialists prices a wine: it depends on the optional fields that are given."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

Given = npt.NDArray[np.bool_]

VARIETY, WINERY, REGION, DESIGNATION, POINTS = range(5)
"""Positions in OPTIONAL_FIELDS, for the columns of `given` (n, 5)."""


class Head(IntEnum):
    """REQUIRED: no optional field. NAMES: variety and winery, neither points nor designation.
    FULL: variety, winery and points. MIXED: any other combination.
    """

    REQUIRED = 0
    NAMES = 1
    FULL = 2
    MIXED = 3


LEAVES: Final = {Head.REQUIRED: 127, Head.NAMES: 31, Head.FULL: 31, Head.MIXED: 63}
"""Leaves of a tree where there are rows enough."""

ROWS_PER_LEAF: Final = {Head.REQUIRED: 700, Head.NAMES: 300, Head.FULL: 300, Head.MIXED: 300}

ROUNDS: Final = {
    Head.REQUIRED: (0.7, 1.4),
    Head.NAMES: (1.0, 1.0),
    Head.FULL: (1.0, 1.0),
    Head.MIXED: (1.0, 1.0),
}
"""Trees of a head with few and with many rows, in units of the estimator's `rounds`."""

INPUTS_PER_TREE: Final = {Head.REQUIRED: 0.2, Head.NAMES: 0.5, Head.FULL: 0.5, Head.MIXED: 0.5}


def route(variety: object, winery: object, region: object, designation: object, points: float | None) -> Head:
    """The head for a wine with these optional fields ("" and None: not given)."""
    if variety and winery:
        if points is not None:
            return Head.FULL
        return Head.MIXED if designation else Head.NAMES
    if not (variety or winery or region or designation) and points is None:
        return Head.REQUIRED
    return Head.MIXED


def route_all(given: Given) -> npt.NDArray[np.int64]:
    """`route` for rows (n, 5)."""
    named = given[:, VARIETY] & given[:, WINERY]
    return np.select(
        [~given.any(axis=1), named & given[:, POINTS], named & ~given[:, DESIGNATION]],
        [int(Head.REQUIRED), int(Head.FULL), int(Head.NAMES)],
        int(Head.MIXED),
    )


def cell(head: Head, winery: object, points: float | None) -> int:
    """Cell of the interval's calibration: the head; MIXED is divided by producer and points given."""
    return int(head) if head < Head.MIXED else 3 + 2 * bool(winery) + (points is not None)


CELLS: Final = 7


def cells_of(given: Given) -> npt.NDArray[np.int64]:
    """`cell` for rows (n, 5)."""
    heads = route_all(given)
    mixed = 3 + 2 * given[:, WINERY] + given[:, POINTS]
    return np.where(heads == int(Head.MIXED), mixed, heads)


def hidings(present: Given, head: Head, rng: np.random.Generator) -> list[Given]:
    """Copies of `present` (n, 5) with fields hidden, as the head will meet them."""
    n = len(present)
    if head is Head.REQUIRED:
        return [np.zeros_like(present)]
    if head is Head.NAMES:
        return [present & np.array([True, True, True, False, False])]
    if head is Head.FULL:
        dropped = rng.random((n, 5)) < np.array([0.0, 0.0, 0.05, 0.1, 0.0])
        return [present & ~dropped]
    return [present & (rng.random((n, 5)) < rng.random((n, 1))) for _ in range(2)]

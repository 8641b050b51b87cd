"""Which of four specialists prices a wine: it depends on the optional fields that are provided."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from pricing.arrays import Bools

Provided: TypeAlias = Bools

VARIETY, WINERY, REGION, DESIGNATION, POINTS = range(5)
"""Positions in OPTIONAL_FIELDS, for the columns of `provided` (n, 5)."""


class Head(IntEnum):
    """REQUIRED: no optional field. NAMES: variety and winery, neither points nor designation.
    FULL: variety, winery and points. MIXED: any other combination.
    """

    REQUIRED = 0
    NAMES = 1
    FULL = 2
    MIXED = 3


REQUIRED, NAMES, FULL, MIXED = Head
"""The same by plain names: looking one up in the class costs a microsecond."""


@dataclass(frozen=True, slots=True)
class ExpertParams:
    """How a head's trees grow: `leaves` of a tree where there are rows enough, `rows_per_leaf` to tell
    that by, and with few and with many rows the number of trees in units of the estimator's `rounds`, the
    step in units of its `learning_rate`, and the share of inputs each tree may use.
    """

    leaves: int
    rows_per_leaf: int
    rounds: tuple[float, float]
    learning_rate: tuple[float, float]
    inputs: tuple[float, float]


EXPERT_PARAMS: Final = {
    Head.REQUIRED: ExpertParams(
        leaves=127, rows_per_leaf=700, rounds=(0.3, 0.45), learning_rate=(1.0, 2.0), inputs=(0.2, 0.3)
    ),
    Head.NAMES: ExpertParams(
        leaves=191, rows_per_leaf=300, rounds=(0.5, 0.5), learning_rate=(1.0, 1.17), inputs=(0.5, 0.5)
    ),
    Head.FULL: ExpertParams(
        leaves=95, rows_per_leaf=300, rounds=(0.6, 0.36), learning_rate=(1.2, 2.34), inputs=(0.5, 0.6)
    ),
    Head.MIXED: ExpertParams(
        leaves=63, rows_per_leaf=150, rounds=(0.5, 0.5), learning_rate=(2.0, 2.0), inputs=(0.5, 0.5)
    ),
}


def route(variety: object, winery: object, region: object, designation: object, points: float | None) -> Head:
    """The head for a wine with these optional fields ("" and None: not provided)."""
    if variety and winery:
        if points is not None:
            return FULL
        return MIXED if designation else NAMES
    if not (variety or winery or region or designation) and points is None:
        return REQUIRED
    return MIXED


def route_all(provided: Provided) -> npt.NDArray[np.int64]:
    """`route` for rows (n, 5)."""
    named = provided[:, VARIETY] & provided[:, WINERY]
    return np.select(
        [~provided.any(axis=1), named & provided[:, POINTS], named & ~provided[:, DESIGNATION]],
        [int(Head.REQUIRED), int(Head.FULL), int(Head.NAMES)],
        int(Head.MIXED),
    )


def calibration_group(head: int, winery: object, points: float | None, words: int) -> int:
    """Group of the interval's calibration: by the head, where MIXED is divided by producer and points
    provided, and by the known `words` of the note.
    """
    fields = head if head < MIXED else 3 + 2 * bool(winery) + (points is not None)
    return fields * NOTE_GROUPS + bisect_right(NOTE_BOUNDS, words)


FIELD_GROUPS: Final = 7

NOTE_BOUNDS: Final = (1, 3, 6, 12)
"""Known words of the note from which its calibration group is the next one: none, one or two, to 11."""

NOTE_GROUPS: Final = len(NOTE_BOUNDS) + 1
CALIBRATION_GROUPS: Final = FIELD_GROUPS * NOTE_GROUPS


def calibration_groups_of(provided: Provided, words: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """`calibration_group` for rows (n, 5) and known words (n,)."""
    heads = route_all(provided)
    mixed = 3 + 2 * provided[:, WINERY] + provided[:, POINTS]
    fields = np.where(heads == int(Head.MIXED), mixed, heads)
    return fields * NOTE_GROUPS + np.searchsorted(NOTE_BOUNDS, words, side="right")

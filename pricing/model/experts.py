"""Which of four specialists prices a wine: it depends on the optional fields that are provided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

Provided = npt.NDArray[np.bool_]

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
    that by, the number of trees in units of the estimator's `rounds` with few and with many rows, the
    step in units of its `learning_rate` likewise, and the share of inputs each tree may use.
    """

    leaves: int
    rows_per_leaf: int
    rounds: tuple[float, float]
    learning_rate: tuple[float, float]
    inputs: float


EXPERT_PARAMS: Final = {
    Head.REQUIRED: ExpertParams(
        leaves=63, rows_per_leaf=700, rounds=(0.7, 0.6), learning_rate=(1.0, 2.0), inputs=0.2
    ),
    Head.NAMES: ExpertParams(
        leaves=31, rows_per_leaf=300, rounds=(1.0, 0.6), learning_rate=(1.0, 1.8), inputs=0.5
    ),
    Head.FULL: ExpertParams(
        leaves=31, rows_per_leaf=300, rounds=(0.6, 0.6), learning_rate=(1.2, 1.8), inputs=0.5
    ),
    Head.MIXED: ExpertParams(
        leaves=63, rows_per_leaf=300, rounds=(0.5, 0.5), learning_rate=(2.0, 2.0), inputs=0.5
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


def calibration_group(head: int, winery: object, points: float | None) -> int:
    """Group of the interval's calibration: the head; MIXED is divided by producer and points provided."""
    return head if head < MIXED else 3 + 2 * bool(winery) + (points is not None)


CALIBRATION_GROUPS: Final = 7

EVERYTHING, NAMED = 0.35, 0.65
"""Bounds of the kinds of request that `sample_mask` makes up."""


def calibration_groups_of(provided: Provided) -> npt.NDArray[np.int64]:
    """`calibration_group` for rows (n, 5)."""
    heads = route_all(provided)
    mixed = 3 + 2 * provided[:, WINERY] + provided[:, POINTS]
    return np.where(heads == int(Head.MIXED), mixed, heads)


def sample_masks(present: Provided, head: Head, rng: np.random.Generator) -> list[Provided]:
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


def sample_mask(present: Provided, rng: np.random.Generator) -> Provided:
    """A copy of `present` (n, 5) as requests come: a third tell everything, a third names without
    designation and points, the rest any combination.
    """
    kind = rng.random(len(present))
    provided = present & (rng.random((len(present), 5)) < rng.random((len(present), 1)))
    provided[kind < EVERYTHING] = present[kind < EVERYTHING]
    named = (kind >= EVERYTHING) & (kind < NAMED)
    provided[named] = present[named] & np.array([True, True, True, False, False])
    return provided

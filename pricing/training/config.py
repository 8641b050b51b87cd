"""The choices of a fit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """`alpha`: strength of the linear models' penalty. `min_count`: wines that must hold a word.
    `rounds` and `learning_rate`: of the trees. `seed` of every random choice; `jobs`: threads.
    """

    alpha: float
    min_count: int
    rounds: int
    learning_rate: float
    seed: int
    jobs: int

"""The trees of every head, and how far off they are on wines they never saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, fields, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from pricing.arrays import Codes, Floats, Singles
from pricing.model import conformal, experts
from pricing.model.boosted_trees import Trees
from pricing.model.experts import Head
from pricing.model.feature_layout import KNOWN, POINTS, START, WORDS
from pricing.training.config import Options
from pricing.training.design_matrix import EVERY_ROW, MANY, Rows
from pricing.training.lightgbm_fit import BoostingParams, fit_trees
from pricing.training.stack_features import StackFeatures
from pricing.training.tree_text import without_steps_above

RISING: Final = (POINTS, START)
"""Inputs of which more never makes a wine cheaper."""

SLOWER: Final = (1.5, 1.0)
"""How many times as many trees, each with as much less weight, average out the chance of single ones,
with few rows and with many."""

PENALTY: Final = (120.0, 60.0)
"""Of the squares of what leaves add, with few rows and with many: these take long steps, which would learn
the chance of leaves with few rows.
"""

HELD_OUT: Final = 3_000
"""Rows that trees never saw are enough to learn the intervals from: of each fold left out as many."""

FEWEST_FOLDS: Final = 2
"""Folds that are left out whatever their size: intervals are calibrated on either half for the other."""

FULL_ROUNDS: Final = 6_000
"""With fewer rows fewer trees are grown: more would learn the rows by heart."""


@dataclass(frozen=True, slots=True)
class OutOfFoldErrors:
    """Rows priced by trees that never saw them: inputs of the expected error (m, DENSE + 2), error
    of log price, fold, calibration group and country (m,).
    """

    inputs: Floats
    error: Floats
    folds: Codes
    groups: Codes
    countries: Codes

    @classmethod
    def joined(cls, parts: Sequence[OutOfFoldErrors]) -> Self:
        return cls(*(np.concatenate([getattr(part, own.name) for part in parts]) for own in fields(cls)))


@dataclass(frozen=True, slots=True)
class ExpertFits:
    """A head's trees, which may still be growing beside others'. `partial`: of each fold left out, what trees
    of the other folds say of its rows, and `whole`: the text of those of all rows.
    """

    head: Head
    features: StackFeatures
    rows: Rows
    partial: Mapping[int, Future[Floats]]
    whole: Future[str]

    def trees(self) -> str:
        """They price a long note as the longest of the others."""
        return self.whole.result()

    def errors(self) -> OutOfFoldErrors:
        """Their errors on rows that they never saw."""
        folds = self.rows.folds[self.features.origin]
        held_out = np.full(len(folds), np.nan)
        for fold, prices in self.partial.items():
            held_out[folds == fold] = prices.result()
        return _errors(self.features, self.rows, self.head, held_out)


def fit_expert(
    inputs: Singles, features: StackFeatures, rows: Rows, head: Head, options: Options, *, pool: Executor
) -> ExpertFits:
    """Begin to fit all trees of the head in the pool."""
    folds, weights = rows.folds[features.origin], features.weight
    residual = features.target - features.offset
    params = _params(len(rows.target), head, options)

    def fit(fold: int) -> str:
        rest = slice(None) if fold == EVERY_ROW else folds != fold  # a slice copies nothing
        text = fit_trees(inputs[rest], residual[rest], params, weights[rest])
        text = without_steps_above(text, KNOWN, rows.longest.terms)
        return without_steps_above(text, WORDS, rows.longest.words)

    def held_out(fold: int) -> Floats:
        return Trees(fit(fold)).predict(inputs[folds == fold])

    partial = {fold: pool.submit(held_out, fold) for fold in range(_folds_left_out(rows))}
    kept = replace(features, terms=features.terms[:0])  # the trees' input is made; terms fill the memory
    return ExpertFits(head, kept, rows, partial, pool.submit(fit, EVERY_ROW))


def _folds_left_out(rows: Rows) -> int:
    """How many folds hold `HELD_OUT` rows; all where there are fewer."""
    sizes = np.cumsum(np.bincount(rows.folds))
    return min(len(sizes), max(FEWEST_FOLDS, int(np.searchsorted(sizes, HELD_OUT)) + 1))


def _errors(features: StackFeatures, rows: Rows, head: Head, held_out: Floats) -> OutOfFoldErrors:
    """Errors of the rows that are the head's own, with what held-out trees add to the offset (m,)."""
    own = np.flatnonzero((experts.route_all(features.provided) == int(head)) & ~np.isnan(held_out))
    price = (features.offset + held_out)[own]
    words = features.inputs[own, WORDS].astype(np.int64)
    return OutOfFoldErrors(
        inputs=np.column_stack([features.inputs[own], price, np.full(len(own), int(head))]),
        error=features.target[own] - price,
        folds=rows.folds[features.origin[own]],
        groups=experts.calibration_groups_of(features.provided[own], words),
        countries=rows.codes[features.origin[own], 0],
    )


def fit_error_model(errors: OutOfFoldErrors, options: Options, pool: Executor) -> tuple[str, Floats]:
    """Trees of the expected absolute error, and the intervals' calibration on rows they never saw."""
    size = len(errors.error)
    params = BoostingParams(60, 0.1, 15, 0.5, max(5, min(60, size // 50)), options.seed)
    inputs, target = errors.inputs.astype(np.float32), np.abs(errors.error)
    halves = [errors.folds % 2 == half for half in range(2)]

    def held_out(own: npt.NDArray[np.bool_]) -> Floats:
        return Trees(fit_trees(inputs[~own], target[~own], params)).predict(inputs[own])

    whole = pool.submit(fit_trees, inputs, target, params)
    expected = np.zeros(size)
    for own, found in zip(halves, pool.map(held_out, halves), strict=True):
        expected[own] = found
    expected = np.maximum(expected, conformal.SMALLEST_ERROR)
    return whole.result(), conformal.conformity_quantiles(
        errors.error, expected, errors.groups, errors.countries
    )


def _params(rows: int, head: Head, options: Options) -> BoostingParams:
    expert, many = experts.EXPERT_PARAMS[head], rows >= MANY
    share = min(1.0, max(0.25, rows / FULL_ROUNDS)) * expert.rounds[many]
    return BoostingParams(
        rounds=max(1, int(options.rounds * share * SLOWER[many])),
        learning_rate=options.learning_rate * expert.learning_rate[many] / SLOWER[many],
        leaves=min(expert.leaves, max(7, rows // expert.rows_per_leaf)),
        inputs_per_tree=expert.inputs[many],
        rows_per_leaf=max(3, min(20, rows // 50)),
        seed=options.seed,
        penalty=PENALTY[many],
        rising=RISING,
    )

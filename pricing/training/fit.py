"""How the model learns: linear models and networks, group means, producer_process, trees, intervals.

Whatever one layer hands to the next is cross-fitted: it comes from a fit that never saw the row.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor

import numpy as np

from pricing.model import producer_process, target_encoding
from pricing.model.experts import Head
from pricing.model.state import ERROR, Knowledge
from pricing.training import base_learners, boosting
from pricing.training.config import Options
from pricing.training.design_matrix import Rows
from pricing.training.masks import copies_of
from pricing.training.stack_features import (
    OutOfFoldPredictions,
    producer_data_of,
    stack_features_of,
    watched_words,
    with_words,
)
from pricing.wine.places.hierarchy import Hierarchy


def learn(
    rows: Rows, names: dict[str, tuple[str, ...]], rng: np.random.Generator, options: Options
) -> Knowledge:
    """Fit every layer, `options.jobs` models at a time."""
    with ThreadPoolExecutor(options.jobs) as pool:
        return _learn(rows, names, rng, options, pool)


def _learn(
    rows: Rows,
    names: dict[str, tuple[str, ...]],
    rng: np.random.Generator,
    options: Options,
    pool: Executor,
) -> Knowledge:
    copies = {head: copies_of(rows.present, rows.words, head, rng) for head in Head}
    base = base_learners.fit(rows, copies, options, pool)
    left = rows.target - base.networks[Head.REQUIRED][0].price
    statistics, table = target_encoding.cross_fit(rows.codes, rows.target, left, rows.folds)
    predictions = OutOfFoldPredictions(base.linear, base.networks, statistics)
    producer_data = producer_data_of(rows, predictions)
    watched = watched_words(rows)
    experts: list[boosting.ExpertFits] = []
    for head in Head:  # the trees of one grow while the features of the next are made
        features = stack_features_of(rows, head, copies[head], predictions, producer_data)
        inputs = with_words(features, watched)
        experts.append(boosting.fit_expert(inputs, features, rows, head, options, pool=pool))
    trees = {expert.head.name: expert.trees() for expert in experts}
    errors = boosting.OutOfFoldErrors.joined([expert.errors() for expert in experts])
    trees[ERROR], calibration = boosting.fit_error_model(errors, options, pool)
    return Knowledge(
        names=names,
        hierarchy=Hierarchy.of(rows.codes),
        index=rows.index,
        layers=base.layers,
        crossed=base.crossed,
        ridge_numbers=np.column_stack([base.linear_models[head].numbers for head in Head]),
        ridge_slopes=np.column_stack([base.linear_models[head].slopes for head in Head]),
        ridge_intercepts=np.array([base.linear_models[head].intercept for head in Head]),
        encodings=table,
        producers=producer_process.remember(producer_data.known, producer_data.groups, len(names["winery"])),
        watched=watched,
        trees=trees,
        calibration=calibration,
        years=rows.years,
        price_range=(float(rows.target.min()), float(rows.target.max())),
    )

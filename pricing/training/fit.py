"""How the model learns: linear models and networks, group means, producer_process, trees, intervals.

Whatever one layer hands to the next is cross-fitted: it comes from a fit that never saw the row.
"""

from __future__ import annotations

import numpy as np

from pricing.model import experts, producer_process, target_encoding
from pricing.model.experts import Head
from pricing.model.state import ERROR, Knowledge
from pricing.training import base_learners, boosting
from pricing.training.config import Options
from pricing.training.design_matrix import Rows
from pricing.training.stack_features import (
    Heard,
    cellars_of,
    sights_of,
    typical_words,
    watched_words,
    with_words,
)


def learn(
    rows: Rows, names: dict[str, tuple[str, ...]], rng: np.random.Generator, options: Options
) -> Knowledge:
    """Fit every layer."""
    copies = {head: experts.hidings(rows.present, head, rng) for head in Head}
    first = base_learners.fit(rows, copies, options)
    left = rows.target - first.networks[Head.REQUIRED][0]
    statistics, table = target_encoding.cross_fit(rows.codes, rows.target, left, rows.folds)
    heard = Heard(first.linear, first.networks, statistics)
    cellars = cellars_of(rows, heard)
    watched = watched_words(rows)
    trees: dict[str, str] = {}
    misses: list[boosting.Misses] = []
    for head in Head:
        sights = sights_of(rows, head, copies[head], heard, cellars)
        inputs = with_words(rows, sights, watched[: None if head is Head.REQUIRED else 0])
        trees[head.name], missed = boosting.grow_head(inputs, sights, rows, head, options)
        misses.append(missed)
    trees[ERROR], calibration = boosting.grow_error(boosting.Misses.joined(misses), options)
    return Knowledge(
        names=names,
        index=rows.index,
        layers=first.layers,
        ridge_numbers=np.column_stack([first.lines[head].weights[-rows.numbers.shape[1] :] for head in Head]),
        ridge_intercepts=np.array([first.lines[head].intercept for head in Head]),
        encodings=table,
        producers=producer_process.remember(
            cellars.known, cellars.residuals, cellars.groups, len(names["winery"])
        ),
        watched=watched,
        trees=trees,
        calibration=calibration,
        years=rows.years,
        typical=typical_words(rows),
    )

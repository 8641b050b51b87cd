"""A two-sample test on whole requests: whether a classifier can tell the window from training rows.

It sees every field and every word at once, so it finds what no single column shows (Lopez-Paz and
Oquab 2017). Scores are cross-fitted: no row is scored by a classifier that has seen it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from flows.data.missingness import provided
from flows.monitoring.descriptors import english_words, folded_name
from pricing.arrays import Floats, Ints
from pricing.wine.schema import CATEGORY_FIELDS

_ROWS: Final = 2_000
_FOLDS: Final = 5
_WORDS: Final = 4_000
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Separation:
    """Scores of both samples (higher: more like the window) and the terms that tell them apart."""

    reference: Floats
    window: Floats
    terms: tuple[str, ...]


def separate(reference: pd.DataFrame, window: pd.DataFrame, rng: np.random.Generator) -> Separation:
    """Tell `window` from `reference`; both have FIELDS, masked by the same missingness patterns."""
    reference, window = _sampled(reference, rng), _sampled(window, rng)
    terms = [*_terms(reference), *_terms(window)]
    label = np.repeat([0, 1], [len(reference), len(window)])
    vectoriser = CountVectorizer(analyzer=list, binary=True, min_df=3, max_features=_WORDS)
    try:
        matrix = vectoriser.fit_transform(terms)
    except ValueError:  # no term occurs three times: nothing to tell apart by
        return Separation(np.zeros(len(reference)), np.zeros(len(window)), ())
    scores = np.empty(len(label))
    fold = _folds(pd.concat([reference["description"], window["description"]]), label, rng)
    for held in range(_FOLDS):
        classifier = _classifier().fit(matrix[fold != held], label[fold != held])
        scores[fold == held] = classifier.decision_function(matrix[fold == held])
    weights = _classifier().fit(matrix, label).coef_[0]
    return Separation(scores[label == 0], scores[label == 1], _telling(vectoriser, weights))


def _folds(descriptions: pd.Series, label: Ints, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """A fold for each row. Requests with one tasting note share it: their words would give them away."""
    notes, different = pd.factorize(descriptions.fillna("").astype("str"))
    folds: npt.NDArray[np.intp] = (rng.permutation(len(different)) % _FOLDS)[notes]
    if any(len(np.unique(folds[label == side])) == 1 for side in (0, 1)):  # one note over and over
        return rng.permutation(len(label)) % _FOLDS
    return folds


def _classifier() -> LogisticRegression:
    return LogisticRegression(C=0.05, solver="liblinear", class_weight="balanced")


def _sampled(wines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return wines if len(wines) <= _ROWS else wines.iloc[rng.choice(len(wines), _ROWS, replace=False)]


def _terms(wines: pd.DataFrame) -> list[list[str]]:
    rows = [list(set(english_words(str(text)))) for text in wines["description"].fillna("")]
    for field in (*CATEGORY_FIELDS, "millesime"):
        if field in wines:
            for row, value, filled in zip(rows, wines[field].tolist(), provided(wines, field), strict=True):
                if filled:
                    row.append(f"{field} {folded_name(str(value))}")
    for row, band in zip(rows, _bands(wines), strict=True):
        row.extend(band)
    return rows


def _bands(wines: pd.DataFrame) -> Iterator[list[str]]:
    points = wines["points"] if "points" in wines else pd.Series(np.nan, index=wines.index)
    lengths = [len(str(text).split()) for text in wines["description"].fillna("")]
    for length, point in zip(lengths, pd.to_numeric(points, errors="coerce"), strict=True):
        band = [f"length {length // 10 * 10}"]
        yield band if np.isnan(point) else [*band, f"points {int(point)}"]


def _telling(vectoriser: CountVectorizer, weights: Floats) -> tuple[str, ...]:
    names = vectoriser.get_feature_names_out()
    return tuple(str(names[position]) for position in np.argsort(-weights)[:_SHOWN])

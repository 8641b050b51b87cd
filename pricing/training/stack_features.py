"""What the trees of each head see of the training wines: the same inputs as `FeatureReader` gives, but that
all long notes have one length.

Every figure that stems from other wines' prices comes from a fit that never saw the row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pricing.arrays import Codes, Floats, Singles
from pricing.model import experts, producer_process, score_scale, target_encoding
from pricing.model.experts import Head, Provided
from pricing.model.feature_layout import (
    KNOWN,
    LINEAR,
    NETWORKS,
    OWN,
    POINTS,
    PREMIUM,
    START,
    SUPPORT,
    WORDS,
    YEAR,
    start_of,
)
from pricing.model.producer_process import LeftOut, Observed
from pricing.training.design_matrix import HeldOut, Rows
from pricing.training.linear_models import copy_weights
from pricing.training.masks import Mask, stacked

WATCHED: Final = 400
"""Words looked at one by one, where there are many rows; else trees would take chance for meaning."""

WATCHING: Final = Head.REQUIRED
"""The head whose trees look at single words."""

FEW: Final = 60
"""A head with fewer rows of its own learns from all of them."""


@dataclass(frozen=True, slots=True)
class OutOfFoldPredictions:
    """What each head's linear model and networks say of its held-out copies of the rows, and `statistics`
    (n, target_encoding.WIDTH) of the rows' groups.
    """

    linear: Mapping[Head, Sequence[HeldOut]]
    networks: Mapping[Head, Sequence[HeldOut]]
    statistics: Floats

    def base(self, head: Head, copy: int = 0) -> Floats:
        """What the trees start from at the score of reference (n,), without the producer."""
        return start_of(self.linear[head][copy].price, self.networks[head][copy].price)

    def rise(self, head: Head, copy: int = 0) -> Floats:
        """What each of the scores adds to it (n, SCORES)."""
        slopes = start_of(self.linear[head][copy].slopes, self.networks[head][copy].slopes)
        rise: Floats = slopes @ score_scale.STEPS
        return rise


@dataclass(frozen=True, slots=True)
class ProducerData:
    """The rows as each kernel sees them, without and with points, and each producer's rows."""

    known: tuple[Observed, Observed]
    groups: Mapping[int, npt.NDArray[np.intp]]


@dataclass(frozen=True, slots=True)
class StackFeatures:
    """A head's training rows: inputs (m, DENSE), offset that the trees start from and target (m,), weight
    (m,), fields provided (m, 5), which of the wines each is (m,), and columns of its note's terms (m, t),
    which only WATCHING needs (else (0, t)).
    """

    inputs: Floats
    offset: Floats
    target: Floats
    weight: Floats
    provided: Provided
    origin: npt.NDArray[np.intp]
    terms: sparse.csr_matrix


def producer_data_of(rows: Rows, predictions: OutOfFoldPredictions) -> ProducerData:
    """The wines of each producer, with what the base layer leaves of their prices."""
    without, with_points = predictions.base(Head.NAMES), predictions.base(Head.FULL)
    points = np.nan_to_num(rows.points)
    rise = score_scale.interpolated(predictions.rise(Head.FULL), points)
    left = rows.target - with_points - np.where(points > 0, rise, 0.0)
    return ProducerData(
        known=(
            Observed(_as_query(rows, without), points, rows.target - without),
            Observed(_as_query(rows, with_points), points, left),
        ),
        groups=producer_process.members(rows.codes[:, 3]),
    )


def stack_features_of(
    rows: Rows,
    head: Head,
    copies: Sequence[Mask],
    predictions: OutOfFoldPredictions,
    producer_data: ProducerData,
) -> StackFeatures:
    """The head's rows, copy after copy, of those `copies` that the trees see."""
    parts = [
        _copy(rows, head, mask, copy=copy, predictions=predictions, producer_data=producer_data)
        for copy, mask in enumerate(copies[: stacked(head, many=rows.many)])
    ]
    return StackFeatures(
        inputs=np.concatenate([part.inputs for part in parts]),
        offset=np.concatenate([part.offset for part in parts]),
        target=np.concatenate([part.target for part in parts]),
        weight=np.concatenate([part.weight for part in parts]),
        provided=np.concatenate([part.provided for part in parts]),
        origin=np.concatenate([part.origin for part in parts]),
        terms=sparse.vstack([part.terms for part in parts], format="csr"),
    )


def watched_words(rows: Rows) -> Codes:
    """Columns of the most frequent words; none where there are few rows."""
    if not rows.many:
        return np.zeros(0, dtype=np.int64)
    terms = rows.source.terms
    counts = terms.positions.getnnz(axis=0) * (terms.kinds == "w")
    most = np.argsort(-counts, kind="stable")[:WATCHED]
    return np.sort(most[counts[most] > 0]).astype(np.int64)


def with_words(features: StackFeatures, watched: Codes) -> Singles:
    """The inputs, and for `WATCHING` one more per watched word: whether the description holds it. The last
    input is for all other words, and always the same here.
    """
    inputs = features.inputs.astype(np.float32)
    if not (len(watched) and features.terms.shape[0]):
        return inputs
    words = (features.terms[:, watched] > 0).astype(np.float32).toarray()
    return np.concatenate([inputs, words, np.ones((len(inputs), 1), np.float32)], axis=1)


def _copy(
    rows: Rows,
    head: Head,
    mask: Mask,
    *,
    copy: int,
    predictions: OutOfFoldPredictions,
    producer_data: ProducerData,
) -> StackFeatures:
    provided = mask.fields
    keep = np.flatnonzero(experts.route_all(provided) == int(head))
    if head is Head.MIXED or len(keep) < FEW:
        keep = np.arange(len(provided))
    inputs = rows.source.masked(mask)
    base = predictions.base(head, copy)
    premium, support, curve = _premiums(rows, provided, base, producer_data)
    own = np.empty((len(provided), OWN))
    own[:, LINEAR] = predictions.linear[head][copy].price
    own[:, NETWORKS] = predictions.networks[head][copy].price
    own[:, PREMIUM], own[:, SUPPORT] = premium, support
    own[:, YEAR] = rows.year
    own[:, WORDS] = np.minimum(inputs.words, rows.longest.words + 1)
    own[:, KNOWN] = np.minimum(inputs.known, rows.longest.terms + 1)
    own[:, POINTS] = np.where(provided[:, experts.POINTS], rows.points, np.nan)
    offset = base + np.where(support > 0, premium, 0.0)
    with_points = provided[:, experts.POINTS]
    rise = predictions.rise(head, copy)[with_points] + curve[with_points]
    offset[with_points] += score_scale.rising(rise, rows.points[with_points])
    own[:, START] = np.where(with_points, offset, np.nan)
    dense = np.column_stack([own, target_encoding.hide(predictions.statistics, provided)])
    terms = inputs.terms[keep] if head is WATCHING else inputs.terms[:0]
    weights = copy_weights(head, stacked(head, many=rows.many), many=rows.many)
    weight = np.full(len(keep), weights[copy])
    return StackFeatures(dense[keep], offset[keep], rows.target[keep], weight, provided[keep], keep, terms)


def _premiums(rows: Rows, provided: Provided, base: Floats, producer_data: ProducerData) -> LeftOut:
    """From the producer's other wines; premium and support are NaN where no producer is provided."""
    premium, support = np.full(len(base), np.nan), np.full(len(base), np.nan)
    curve = np.zeros((len(base), len(score_scale.SCORES)))
    query = _as_query(rows, base, provided)
    for variant, kernel in enumerate(producer_process.KERNELS):
        of = provided[:, experts.WINERY] & (provided[:, experts.POINTS] == bool(variant))
        if of.any():
            known, groups = producer_data.known[variant], producer_data.groups
            found = producer_process.leave_one_out(kernel, known, groups, query)
            premium[of], support[of], curve[of] = found.premium[of], found.support[of], found.curve[of]
    return LeftOut(premium, support, curve)


def _as_query(rows: Rows, base: Floats, provided: Provided | None = None) -> Floats:
    """The rows as a kernel sees them, (n, `COLUMNS`): given all optional fields, or those in `provided`."""
    codes = np.stack([rows.codes[:, 2], rows.codes[:, 4], rows.designation], axis=1)
    if provided is not None:
        codes = np.where(provided[:, [experts.VARIETY, experts.REGION, experts.DESIGNATION]], codes, -1)
    year = np.where(np.isnan(rows.year), rows.years[3], rows.year)
    measures = (
        year / producer_process.YEARS,
        producer_process.measured(base, rows.mean),
    )
    return np.column_stack([codes, *measures])

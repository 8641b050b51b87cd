"""Champion against challenger on the same held-out rows, to see that the challenger is not worse.

Both are asked in every way that clients ask (`views`). A difference counts as worse when neither the
choice of the held-out wines nor the noise of training explains it: the standard error of the paired
difference and the known noise of both fits make up its standard deviation. All ways of asking are one
family of tests, all slices another, each held at its level by Holm's method (Holm 1979). Whatever chance
may explain, a challenger that is worse by more than the largest margin is rejected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np
import pandas as pd
from scipy.stats import norm

from pricing.arrays import Floats
from pricing.evaluation.slices import Slice, slices_of
from pricing.evaluation.training_noise import TrainingNoise
from pricing.evaluation.views import asked_as
from pricing.wine.schema import PRICE

BY_OUTCOME: Final = "price decile"
"""Slices by the true price are no groups that anybody can ask for: regression to the mean fills them."""


class Predicts(Protocol):
    """What a comparison needs of a model."""

    def predict(self, wines: pd.DataFrame) -> Floats:
        """Log price (n,)."""


@dataclass(frozen=True, slots=True)
class Margins:
    """Bounds of a comparison; shares are of the champion's RMSE of log price.

    `level` is the chance that an equal challenger is rejected by one family of tests (views, slices);
    what is worse by less than `negligible` never counts, what is worse by more than `largest` (or two
    standard deviations, where the rows are too few to tell) always does. A slice is judged from
    `slice_rows` rows on, a comparison needs `least_rows`.
    """

    level: float = 0.025
    negligible: float = 0.01
    largest: float = 0.05
    slice_rows: int = 100
    least_rows: int = 100


@dataclass(frozen=True, slots=True)
class PairedErrors:
    """Errors (n,) in natural log USD of both models on the same rows, asked in one way.

    `noise` is the standard deviation of either model's RMSE over trainings, as a share.
    """

    view: str
    champion: Floats
    challenger: Floats
    noise: float = 0.0
    slices: Sequence[Slice] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Relative difference of RMSE of log price over `rows` rows: above 0 the challenger is worse.

    `deviation` is its standard deviation under equal models, `p_value` that of the one-sided test that
    the challenger is not worse, adjusted for its family.
    """

    group: str
    rows: int
    champion_rmse: float
    challenger_rmse: float
    relative: float
    deviation: float
    p_value: float = 1.0

    @property
    def low(self) -> float:
        """One-sided 95 % bound."""
        return self.relative - float(norm.ppf(0.95)) * self.deviation

    @property
    def high(self) -> float:
        """One-sided 95 % bound."""
        return self.relative + float(norm.ppf(0.95)) * self.deviation

    def __str__(self) -> str:
        return (
            f"{self.group} ({self.rows:,} rows): RMSE {self.challenger_rmse:.4f} against "
            f"{self.champion_rmse:.4f} in production, {self.relative:+z.1%} "
            f"(one-sided bounds {self.low:+z.1%}, {self.high:+z.1%}, adjusted p {self.p_value:.3f})"
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result: passes when `reasons` is empty. `views` are over all rows, one for each way of asking."""

    views: tuple[Difference, ...]
    slices: tuple[Difference, ...] = ()
    reasons: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        return not self.reasons


def compare_models(
    champion: Predicts,
    challenger: Predicts,
    wines: pd.DataFrame,
    *,
    noise: TrainingNoise,
    margins: Margins | None = None,
) -> Comparison:
    """Compare two models on held-out `wines` (FIELDS and `price`, USD) under every view."""
    actual = np.log(wines[PRICE].to_numpy(dtype="float64"))
    slices = [part for part in slices_of(wines, actual) if part.name != BY_OUTCOME]
    pairs = [
        PairedErrors(
            view.name,
            champion.predict(asked) - actual,
            challenger.predict(asked) - actual,
            noise.of(view),
            slices if view.words is None else (),
        )
        for view, asked in asked_as(wines)
    ]
    return compare(pairs, margins=margins)


def compare(pairs: Sequence[PairedErrors], *, margins: Margins | None = None) -> Comparison:
    """Compare two models by their errors under some views."""
    margins = margins or Margins()
    views = [_difference(pair.view, pair.champion, pair.challenger, pair.noise) for pair in pairs]
    slices = [
        _difference(
            f"{part.name}: {part.group} ({pair.view})",
            pair.champion[part.mask],
            pair.challenger[part.mask],
            pair.noise,
        )
        for pair in pairs
        for part in pair.slices
        if part.mask.sum() >= margins.slice_rows
    ]
    views, slices = _adjusted(views), _adjusted(slices)
    return Comparison(tuple(views), tuple(slices), tuple(_reasons(views, slices, margins)))


def _difference(group: str, champion: Floats, challenger: Floats, noise: float) -> Difference:
    """The difference with its deviation: paired sampling error by the delta method, and two fits' noise."""
    before, after = champion**2, challenger**2
    means = max(float(before.mean()), 1e-12), max(float(after.mean()), 1e-12)
    relative = float(np.sqrt(means[1] / means[0])) - 1
    influence = (after / means[1] - before / means[0]) / 2
    sampling = (1 + relative) * float(influence.std()) / np.sqrt(len(before))
    return Difference(
        group=group,
        rows=len(before),
        champion_rmse=float(np.sqrt(means[0])),
        challenger_rmse=float(np.sqrt(means[1])),
        relative=relative,
        deviation=float(np.hypot(sampling, np.sqrt(2) * noise)),
    )


def _adjusted(family: list[Difference]) -> list[Difference]:
    """The differences of one family with their p-values adjusted by Holm's method."""
    if not family:
        return []
    raw = norm.sf([part.relative / max(part.deviation, 1e-12) for part in family])
    adjusted = holm(raw)
    return [replace(part, p_value=float(p)) for part, p in zip(family, adjusted, strict=True)]


def holm(p_values: Floats) -> Floats:
    """Adjusted p-values (m,) that hold the level of a whole family (Holm 1979).

    Three lines of our own: statsmodels is 46 MB, and collects garbage at each call.
    """
    order = np.argsort(p_values)
    stepped = np.arange(len(p_values), 0, -1) * p_values[order]
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return adjusted


def _reasons(views: list[Difference], slices: list[Difference], margins: Margins) -> Iterator[str]:
    rows = min((view.rows for view in views), default=0)
    if rows < margins.least_rows:
        yield f"too few held-out wines to compare on: {rows}, at least {margins.least_rows} needed"
    for view in views:
        if view.relative > max(margins.largest, 2 * view.deviation):
            yield f"worse than production by more than {margins.largest:z.0%}: {view}"
        elif _beyond_chance(view, margins):
            yield f"worse than production beyond chance and the noise of training: {view}"
    for part in slices:
        if _beyond_chance(part, margins):
            yield f"worse than production in a slice: {part}"


def _beyond_chance(part: Difference, margins: Margins) -> bool:
    return part.p_value < margins.level and part.relative > margins.negligible

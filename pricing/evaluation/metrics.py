"""How good a fitted estimator is on wines it has not seen: overall, per slice, and how sure it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from pricing.arrays import Bools, Floats
from pricing.evaluation.slices import FIELD_SETS, by_estimated_price, slices_of
from pricing.evaluation.views import NOTES, REQUESTS, View
from pricing.wine.schema import PRICE

NOTE: Final = "note"
"""The slice of how much of the note a request gives, the required fields alone."""

REQUEST: Final = "request"
"""The slice of the kinds of requests (`REQUESTS`), as a whole and by what is estimated for them."""

REQUIRED: Final = next(iter(FIELD_SETS))
CALIBRATION_LEVELS: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_RESAMPLES: Final = 400
_CONFIDENCE: Final = 0.9


class Estimator(Protocol):
    """What evaluation needs of a model: `pricing.estimator.WinePriceRegressor` and stand-ins have it."""

    def estimate(self, wines: pd.DataFrame, coverage: float | None = None) -> pd.DataFrame:
        """`log_price, low, high` (natural log USD) and `expected_error`, index as given."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Quality over a set of rows.

    `rmse_log`, its bootstrap interval (`rmse_log_low`, `rmse_log_high`, 90 %) and `width` (mean width of
    the price interval) are in natural log USD, `mae_usd` in USD; `median_ape` and `coverage` are shares.
    """

    rows: int
    rmse_log: float
    rmse_log_low: float
    rmse_log_high: float
    r2: float
    median_ape: float
    mae_usd: float
    coverage: float
    width: float


@dataclass(frozen=True, slots=True)
class SliceMetrics:
    """Quality over one slice of the held-out rows."""

    slice: str
    group: str
    metrics: Metrics
    start: float | None = None
    stop: float | None = None
    view: str | None = None

    def as_row(self) -> dict[str, Any]:
        """As plain values; `from` and `to` where the group has bounds, `view` for a kind of request."""
        known = {"view": self.view, "from": self.start, "to": self.stop}
        known = {name: value for name, value in known.items() if value is not None}
        return {"slice": self.slice, "group": self.group, **known, **asdict(self.metrics)}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything measured on one set of held-out wines.

    `estimates` is index-aligned with the wines; `calibration` maps the nominal coverage to the observed.
    """

    overall: Metrics
    slices: tuple[SliceMetrics, ...]
    calibration: dict[float, float]
    estimates: pd.DataFrame

    def of_fields(self, field_set: str) -> Metrics:
        """Quality when a client tells only the fields of this `FIELD_SETS` entry."""
        return next(s.metrics for s in self.slices if (s.slice, s.group) == ("provided fields", field_set))


def evaluate(estimator: Estimator, wines: pd.DataFrame, *, seed: int = 0) -> Evaluation:
    """Evaluate on held-out `wines`, cleaned rows with `price` in USD, which the fit has not seen."""
    log_price = np.log(wines[PRICE].to_numpy(dtype="float64"))
    estimates = estimator.estimate(wines)
    measure = _measurer(log_price, seed)
    everything = np.ones(len(wines), dtype=bool)
    parts = [*slices_of(wines, log_price), *by_estimated_price(estimates["log_price"].to_numpy())]
    slices = [
        SliceMetrics(part.name, part.group, measure(estimates, part.mask), part.start, part.stop)
        for part in parts
    ]
    by_note = [
        SliceMetrics(NOTE, name, measure(estimator.estimate(View(REQUIRED, words).of(wines)), everything))
        for name, words in NOTES.items()
    ]
    by_fields = [
        SliceMetrics("provided fields", name, measure(estimator.estimate(View(name).of(wines)), everything))
        for name in FIELD_SETS
    ]
    return Evaluation(
        overall=measure(estimates, everything),
        slices=(*by_fields, *by_note, *_by_request(estimator, wines, measure), *slices),
        calibration=dict(_calibration(estimator, wines, log_price)),
        estimates=estimates,
    )


def _by_request(
    estimator: Estimator, wines: pd.DataFrame, measure: Callable[[pd.DataFrame, Bools], Metrics]
) -> Iterator[SliceMetrics]:
    """Each kind of request, as a whole and by what is estimated for it."""
    for view in REQUESTS:
        estimates = estimator.estimate(view.of(wines))
        everything = np.ones(len(wines), dtype=bool)
        yield SliceMetrics(REQUEST, view.name, measure(estimates, everything), view=view.name)
        for part in by_estimated_price(estimates["log_price"].to_numpy()):
            group = f"{view.name}, {part.group}"
            metrics = measure(estimates, part.mask)
            yield SliceMetrics(REQUEST, group, metrics, part.start, part.stop, view.name)


def measure(log_price: Floats, estimates: pd.DataFrame, *, seed: int = 0) -> Metrics:
    """Quality of `estimates` (see `Estimator.estimate`) against the true `log_price` (n,)."""
    return _measurer(log_price, seed)(estimates, np.ones(len(log_price), dtype=bool))


def _measurer(log_price: Floats, seed: int) -> Callable[[pd.DataFrame, Bools], Metrics]:
    def of(estimates: pd.DataFrame, mask: Bools) -> Metrics:
        columns = [estimates[name].to_numpy(dtype="float64")[mask] for name in ("log_price", "low", "high")]
        return _metrics(log_price[mask], *columns, rng=np.random.default_rng(seed))

    return of


def _metrics(
    actual: Floats, predicted: Floats, low: Floats, high: Floats, *, rng: np.random.Generator
) -> Metrics:
    squared = (predicted - actual) ** 2
    spread = float(((actual - actual.mean()) ** 2).sum())
    rmse_low, rmse_high = bootstrap_rmse(squared, rng=rng)
    price = np.exp(actual)
    error = np.abs(np.exp(predicted) - price)
    return Metrics(
        rows=len(actual),
        rmse_log=float(np.sqrt(squared.mean())),
        rmse_log_low=rmse_low,
        rmse_log_high=rmse_high,
        r2=1 - float(squared.sum()) / spread if spread > 0 else float("nan"),
        median_ape=float(np.median(error / price)),
        mae_usd=float(error.mean()),
        coverage=float(((low <= actual) & (actual <= high)).mean()),
        width=float((high - low).mean()),
    )


def bootstrap_rmse(
    squared_errors: Floats, *, rng: np.random.Generator, resamples: int = _RESAMPLES
) -> tuple[float, float]:
    """Percentile interval (90 %) of the root of the mean of `squared_errors` (n,), rows resampled."""
    tail = (1 - _CONFIDENCE) / 2
    low, high = np.quantile(resampled_means(squared_errors, rng=rng, resamples=resamples), [tail, 1 - tail])
    return float(np.sqrt(low)), float(np.sqrt(high))


def resampled_means(values: Floats, *, rng: np.random.Generator, resamples: int) -> Floats:
    """Means of `resamples` bootstrap samples of `values`, of shape (n,) or (n, k), rows kept together."""
    rows = len(values)
    return np.array([values[rng.integers(rows, size=rows)].mean(axis=0) for _ in range(resamples)])


def _calibration(
    estimator: Estimator, wines: pd.DataFrame, log_price: Floats
) -> Iterator[tuple[float, float]]:
    for level in CALIBRATION_LEVELS:
        estimates = estimator.estimate(wines, coverage=level)
        held = (estimates["low"].to_numpy() <= log_price) & (log_price <= estimates["high"].to_numpy())
        yield level, float(held.mean())


def worst_slices(slices: Sequence[SliceMetrics], *, count: int = 5, min_rows: int = 30) -> list[SliceMetrics]:
    """The slices with the largest error among those with at least `min_rows` rows, worst first."""
    real = [
        s for s in slices if s.slice not in ("provided fields", NOTE, REQUEST) and s.metrics.rows >= min_rows
    ]
    return sorted(real, key=lambda s: -s.metrics.rmse_log)[:count]

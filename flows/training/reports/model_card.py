"""The model card: what a model was trained on, how good it is and where its limits lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from flows.data.datasets import Dataset, PreparedWines
from flows.registry.provenance import library_versions
from pricing.estimators.names import WINE
from pricing.evaluation.behaviour import Check
from pricing.evaluation.metrics import Evaluation, Metrics, worst_slices
from pricing.evaluation.slices import FIELD_SETS
from pricing.wine.schema import MODEL_NAME, PRICE

LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True)
class CardFigures:
    """What a training run found out about its model, beside the evaluation on the test file.

    `baseline` is what it adds to the baseline, `unseen_wineries` the quality on producers that the training
    rows lack, `training_noise` the RMSE of fits that differ by their seed, each where it was measured.
    """

    evaluation: Evaluation
    checks: tuple[Check, ...]
    importance: Mapping[str, float]
    coverage: float
    estimator: str = WINE
    baseline: Mapping[str, Any] | None = None
    unseen_wineries: Metrics | None = None
    learning_curve: Mapping[int, float] | None = None
    training_noise: Mapping[str, Sequence[float]] | None = None


def model_card(
    dataset: Dataset, wines: PreparedWines, figures: CardFigures, *, trained_at: datetime, git_commit: str
) -> dict[str, Any]:
    """The card as plain values, ready for JSON."""
    card: dict[str, Any] = {
        "model_name": MODEL_NAME,
        "estimator": figures.estimator,
        "trained_at": trained_at.isoformat(timespec="seconds"),
        "data": _data(dataset, wines),
        "metrics": card_metrics(figures.evaluation, figures.coverage),
        "slices": [s.as_row() for s in figures.evaluation.slices],
        "calibration": {f"{level:.2f}": held for level, held in figures.evaluation.calibration.items()},
        "importance": dict(figures.importance),
        "checks": [asdict(check) for check in figures.checks],
        "limits": _limits(dataset, wines, figures),
        "libraries": library_versions(),
        "git_commit": git_commit,
    }
    if figures.unseen_wineries is not None:
        card["metrics_unseen_wineries"] = asdict(figures.unseen_wineries)
    if figures.baseline is not None:
        card["baseline"] = dict(figures.baseline)
    if figures.training_noise is not None:
        card["training_noise"] = dict(figures.training_noise)
    plain: dict[str, Any] = _plain(card)
    return plain


def card_metrics(evaluation: Evaluation, coverage: float) -> dict[str, float]:
    """Plain names are measured with the four required fields alone, as the original monitor measures;
    those with more fields end in their names.
    """
    figures = {"interval_coverage_nominal": coverage}
    for field_set, suffix in zip(FIELD_SETS, ("", "_names", "_all_fields"), strict=True):
        metrics = evaluation.of_fields(field_set)
        figures |= {
            f"test_rmse_log_scale{suffix}": metrics.rmse_log,
            f"test_rmse_log_low{suffix}": metrics.rmse_log_low,
            f"test_rmse_log_high{suffix}": metrics.rmse_log_high,
            f"test_r2_score{suffix}": metrics.r2,
            f"test_median_ape{suffix}": metrics.median_ape,
            f"test_mae_usd{suffix}": metrics.mae_usd,
            f"coverage{suffix}": metrics.coverage,
            f"interval_width{suffix}": metrics.width,
        }
    return figures


def _data(dataset: Dataset, wines: PreparedWines) -> dict[str, Any]:
    years = pd.to_numeric(wines.train["millesime"], errors="coerce").dropna()
    return {
        "uri": dataset.uri,
        "sha256": dataset.sha256,
        "train_rows": len(wines.train),
        "test_rows": len(wines.test),
        "feedback_rows": wines.feedback_rows,
        "synthetic": dataset.synthetic,
        "first_vintage": int(years.min()) if len(years) else None,
        "last_vintage": int(years.max()) if len(years) else None,
        "min_price": float(wines.train[PRICE].min()),
        "max_price": float(wines.train[PRICE].max()),
        "price_level": wines.price_level,
        "language": LANGUAGE,
    }


def _limits(dataset: Dataset, wines: PreparedWines, figures: CardFigures) -> list[str]:
    data = _data(dataset, wines)
    low, high = np.quantile(wines.train[PRICE], [0.01, 0.99])
    limits = [
        "It has learned from English notes; French, Italian, Spanish and German ones are read by lexicons.",
        "A note in any other language does not count.",
        f"Vintages from {data['first_vintage']} to {data['last_vintage']} were seen.",
        f"98% of the training wines cost ${low:.0f} to ${high:.0f}; prices far outside are guesses.",
        "Prices are those of the reviews' time, in USD a bottle, before any inflation since.",
    ]
    if dataset.synthetic:
        limits.insert(0, "Trained on synthetic reviews: prices say nothing about real wines.")
    if wines.train["country"].nunique() == 1:
        limits.append(
            f"Every training wine is from {wines.train['country'].iloc[0]}: prices elsewhere are guesses."
        )
    limits.extend(
        f"Least sure about {worst.slice} “{worst.group}”: RMSE of log price {worst.metrics.rmse_log:.2f}."
        for worst in worst_slices(figures.evaluation.slices, count=3)
    )
    limits.extend(f"{c.name}: {c.message}" for c in figures.checks if c.outcome == "skipped")
    return limits


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Python's own numbers, and None for what JSON cannot hold."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value

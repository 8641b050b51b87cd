"""The model card: what a model was trained on, how good it is and where its limits lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from flows.data.datasets import Dataset, PreparedWines
from flows.markdown import bullets, table
from flows.registry.provenance import library_versions
from pricing.evaluation.behaviour import Check
from pricing.evaluation.metrics import Evaluation, Metrics, worst_slices
from pricing.wine.schema import MODEL_NAME, PRICE

LANGUAGE: Final = "en"

SYNTHETIC_NOTE: Final = (
    "**Synthetic data.** This model was trained on reviews that a program made up. Its prices show how the "
    "system works and say nothing about real wines."
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a training run found out about its model, beside the evaluation on the test file.

    `unseen_wineries` is the quality on producers that the training rows lack, where it was measured.
    """

    evaluation: Evaluation
    checks: tuple[Check, ...]
    importance: Mapping[str, float]
    coverage: float
    unseen_wineries: Metrics | None = None
    learning_curve: Mapping[int, float] | None = None


def model_card(
    dataset: Dataset, wines: PreparedWines, findings: Findings, *, trained_at: datetime, git_commit: str
) -> dict[str, Any]:
    """The card as plain values, ready for JSON."""
    overall = findings.evaluation.overall
    card: dict[str, Any] = {
        "model_name": MODEL_NAME,
        "trained_at": trained_at.isoformat(timespec="seconds"),
        "data": _data(dataset, wines),
        "metrics": {
            "test_rmse_log_scale": overall.rmse_log,
            "test_rmse_log_low": overall.rmse_log_low,
            "test_rmse_log_high": overall.rmse_log_high,
            "test_r2_score": overall.r2,
            "test_median_ape": overall.median_ape,
            "test_mae_usd": overall.mae_usd,
            "coverage": overall.coverage,
            "interval_coverage_nominal": findings.coverage,
            "interval_width": overall.width,
        },
        "slices": [s.as_row() for s in findings.evaluation.slices],
        "importance": dict(findings.importance),
        "checks": [asdict(check) for check in findings.checks],
        "limits": _limits(dataset, wines, findings),
        "libraries": library_versions(),
        "git_commit": git_commit,
    }
    if findings.unseen_wineries is not None:
        card["metrics_unseen_wineries"] = asdict(findings.unseen_wineries)
    plain: dict[str, Any] = _plain(card)
    return plain


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


def _limits(dataset: Dataset, wines: PreparedWines, findings: Findings) -> list[str]:
    data = _data(dataset, wines)
    low, high = np.quantile(wines.train[PRICE], [0.01, 0.99])
    limits = [
        "Notes are understood in English only; in another language the note counts for next to nothing.",
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
        for worst in worst_slices(findings.evaluation.slices, count=3)
    )
    limits.extend(f"{c.name}: {c.message}" for c in findings.checks if c.outcome == "skipped")
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


def card_markdown(card: Mapping[str, Any], pictures: str = "") -> str:
    """The card for people who price wine, with `pictures` (Markdown) where they help."""
    data, metrics = card["data"], card["metrics"]
    parts = [
        "# Wine price model",
        *([SYNTHETIC_NOTE] if data["synthetic"] else []),
        _in_words(metrics),
        "## How good it is, by what it is told",
        _slice_table(s for s in card["slices"] if s["slice"] == "fields told"),
        *_unseen(card),
        *([pictures] if pictures else []),
        "## Where it is better and worse",
        _slice_table(s for s in card["slices"] if s["slice"] != "fields told"),
        "## What it leans on",
        "Growth of the error (RMSE of log price) when a field is told wrongly.",
        table(["field", "growth"], [(f, f"{g:+.3f}") for f, g in card["importance"].items()]),
        "## What was checked",
        table(["check", "outcome", "figures"], [tuple(check.values()) for check in card["checks"]]),
        "## Limits",
        bullets(card["limits"]),
        "## Where it comes from",
        _origin(card),
    ]
    return "\n\n".join(parts) + "\n"


def _in_words(metrics: Mapping[str, Any]) -> str:
    factor = float(np.exp(metrics["interval_width"] / 2))
    return (
        f"On wines it has never seen, half of the estimates are within **{metrics['test_median_ape']:.0%}** "
        f"of the real price; on average they are off by **${metrics['test_mae_usd']:.2f}** a bottle. "
        f"The price interval held the real price for **{metrics['coverage']:.0%}** of them (it is built for "
        f"{metrics['interval_coverage_nominal']:.0%}) and reaches, on average, from the estimate divided by "
        f"{factor:.2f} to the estimate times {factor:.2f}. "
        f"R² of log price is {metrics['test_r2_score']:.3f}, RMSE {metrics['test_rmse_log_scale']:.4f} "
        f"(90% interval {metrics['test_rmse_log_low']:.4f} to {metrics['test_rmse_log_high']:.4f})."
    )


def _slice_table(rows: Any) -> str:  # noqa: ANN401 - rows of the card, read back from JSON too
    cells = (
        (
            s["slice"], s["group"], f"{s['rows']:,}",
            f"{s['rmse_log']:.3f} ({s['rmse_log_low']:.3f} to {s['rmse_log_high']:.3f})",
            f"{s['median_ape']:.0%}", f"${s['mae_usd']:.2f}", f"{s['coverage']:.0%}", f"{s['width']:.2f}",
        )
        for s in rows
    )  # fmt: skip
    return table(
        ["slice", "group", "wines", "RMSE of log price (90%)", "half within", "mean error", "held", "width"],
        cells,
    )


def _unseen(card: Mapping[str, Any]) -> list[str]:
    unseen = card.get("metrics_unseen_wineries")
    if unseen is None:
        return []
    sentence = (
        f"For producers it has never seen ({unseen['rows']:,} wines, held back with all of their winery): "
        f"RMSE {unseen['rmse_log']:.4f}, half within {unseen['median_ape']:.0%}, interval held "
        f"{unseen['coverage']:.0%}."
    )
    return [sentence]


def _origin(card: Mapping[str, Any]) -> str:
    data = card["data"]
    rows = [
        ("trained", card["trained_at"]),
        ("data", f"{data['uri']} (SHA-256 {data['sha256'][:16]}…)"),
        ("training wines", f"{data['train_rows']:,}, of them {data['feedback_rows']:,} from feedback"),
        ("test wines", f"{data['test_rows']:,}, none of them in the training data"),
        ("code", card["git_commit"]),
        ("libraries", ", ".join(f"{name} {number}" for name, number in card["libraries"].items())),
    ]
    return table(["", ""], rows)

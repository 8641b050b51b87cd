"""The model card for people who price wine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from flows.orchestration.markdown import bullets, table
from pricing.estimators.names import WINE

_BY_REQUEST: Final = ("provided fields", "note", "request")
SYNTHETIC_NOTE: Final = (
    "**Synthetic data.** This model was trained on reviews that a program made up. Its prices show how the "
    "system works and say nothing about real wines."
)


def card_markdown(card: Mapping[str, Any], pictures: str = "") -> str:
    """The card for people who price wine, with `pictures` (Markdown) where they help."""
    data, metrics = card["data"], card["metrics"]
    parts = [
        "# Wine price model",
        *([SYNTHETIC_NOTE] if data["synthetic"] else []),
        in_words(metrics),
        "## How good it is, by what a request provides",
        _slice_table(s for s in card["slices"] if s["slice"] in _BY_REQUEST),
        *_unseen(card),
        *_added(card),
        *([pictures] if pictures else []),
        "## Where it is better and worse",
        _slice_table(s for s in card["slices"] if s["slice"] not in _BY_REQUEST),
        "## What it leans on",
        "Growth of the error (RMSE of log price) when a field holds another wine's value.",
        table(["field", "growth"], [(f, f"{g:+.3f}") for f, g in card["importance"].items()]),
        "## What was checked",
        table(["check", "outcome", "figures"], [tuple(check.values()) for check in card["checks"]]),
        "## Limits",
        bullets(card["limits"]),
        "## Where it comes from",
        _origin(card),
    ]
    return "\n\n".join(parts) + "\n"


def in_words(metrics: Mapping[str, Any]) -> str:
    factor = float(np.exp(metrics["interval_width"] / 2))
    return (
        "On wines it has never seen, given country, province, vintage and note, half of the estimates are "
        f"within **{metrics['test_median_ape']:z.0%}** of the real price; on average they are off by "
        f"**${metrics['test_mae_usd']:.2f}** a bottle. Given all fields, half are within "
        f"**{metrics['test_median_ape_all_fields']:z.0%}**. "
        f"The price interval held the real price for **{metrics['coverage']:z.0%}** of them (it is built for "
        f"{metrics['interval_coverage_nominal']:z.0%}) and reaches, on average, from the estimate divided by "
        f"{factor:.2f} to the estimate times {factor:.2f}. "
        f"R² of log price is {metrics['test_r2_score']:.3f}, RMSE {metrics['test_rmse_log_scale']:.4f} "
        f"(90% interval {metrics['test_rmse_log_low']:.4f} to {metrics['test_rmse_log_high']:.4f})."
    )


def _added(card: Mapping[str, Any]) -> list[str]:
    """What the estimator adds to the baseline, where both were fitted."""
    added = card.get("baseline")
    if not added:
        return []
    if "views" not in added:
        return ["## What it adds to the baseline", str(added["not_fitted"])]
    text = (
        "The baseline is a linear model on the same wines (`train` with estimator=baseline); it took "
        f"{added['fit_seconds']:.1f} s. RMSE of log price:"
    )
    rows = [
        (name, f"{view['baseline']:.4f}", f"{view['model']:.4f}", f"{view['added']:z.1%}")
        for name, view in added["views"].items()
    ]
    return [
        "## What it adds to the baseline",
        text,
        table(["fields provided", "baseline", "model", "less error"], rows),
    ]


def _slice_table(rows: Any) -> str:  # noqa: ANN401 - rows of the card, read back from JSON too
    cells = (
        (
            s["slice"], s["group"], f"{s['rows']:,}",
            f"{s['rmse_log']:.3f} ({s['rmse_log_low']:.3f} to {s['rmse_log_high']:.3f})",
            f"{s['median_ape']:z.0%}", f"${s['mae_usd']:.2f}", f"{s['coverage']:z.0%}", f"{s['width']:.2f}",
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
        f"RMSE {unseen['rmse_log']:.4f}, half within {unseen['median_ape']:z.0%}, interval held "
        f"{unseen['coverage']:z.0%}."
    )
    return [sentence]


def _origin(card: Mapping[str, Any]) -> str:
    data = card["data"]
    rows = [
        ("trained", card["trained_at"]),
        ("data", f"{data['uri']} (SHA-256 {data['sha256'][:16]}…)"),
        ("training wines", f"{data['train_rows']:,}, of them {data['feedback_rows']:,} from feedback"),
        ("test wines", f"{data['test_rows']:,}, none of them in the training data"),
        ("estimator", card.get("estimator", WINE)),
        ("code", card["git_commit"]),
        ("libraries", ", ".join(f"{name} {number}" for name, number in card["libraries"].items())),
    ]
    return table(["", ""], rows)

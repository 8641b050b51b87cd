"""How often each check of `bench_drift` finds drift: the tables and the picture."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.evidently_preset import PRESET
from flows.monitoring.checks import CHECKS
from flows.orchestration.markdown import table

mpl.use("Agg")
COLUMNS = ("overall", *CHECKS, PRESET)


def draw_curve(curves: dict[str, dict[float, dict[str, float]]], path: Path) -> None:
    figure, axes = plt.subplots(1, len(curves), figsize=(10, 3.6), sharey=True)
    for axis, (fields, curve) in zip(axes, curves.items(), strict=True):
        for check in COLUMNS:
            width = 2.6 if check == "overall" else 1.2
            axis.plot([0, *curve], [0, *(point[check] for point in curve.values())], lw=width, label=check)
        axis.axhline(0.5, color="grey", lw=0.6, ls=":")
        axis.axvline(0.2, color="grey", lw=0.6, ls=":")
        axis.set(
            title=f"requests with {fields.removesuffix(' fields')} fields",
            xlabel="share of moved rows among 500",
            ylim=(0, 1.03),
        )
    axes[0].set_ylabel("share of windows in which drift is found")
    axes[-1].legend(fontsize=8, loc="lower right")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)


def rates_table(rates: dict[tuple[str, str, str], dict[str, float]]) -> str:
    rows = [(*key, *(f"{rate:z.0%}" for rate in found.values())) for key, found in rates.items()]
    return table(["reference's holdout", "traffic", "fields", *COLUMNS], rows)


def curve_table(curves: dict[str, dict[float, dict[str, float]]]) -> str:
    rows = [
        (fields, f"{share:z.0%}", *(f"{rate:z.0%}" for rate in point.values()))
        for fields, curve in curves.items()
        for share, point in curve.items()
    ]
    return table(["fields", "moved rows", *COLUMNS], rows)

"""Pictures of a model's quality, as small PNG files."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from flows.training.reports.model_card import CardFigures
from pricing.evaluation.metrics import SliceMetrics
from pricing.wine.schema import PRICE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE: Final = (6.0, 4.0)
_DPI: Final = 75
_COLOUR: Final = "#7b1e3a"
_MUTED: Final = "#b8a9a0"
_COVERAGE_SLICES: Final = ("provided fields", "country", "vintage decade")
_FEW_TICKS: Final = (5, 10, 20, 50, 100, 200, 500, 1000, 2000)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by name, with its caption and its PNG file."""

    name: str
    caption: str
    png: bytes


def plots(figures: CardFigures, wines: pd.DataFrame) -> Iterator[Picture]:
    """The pictures of a card; `wines` are the test rows that the evaluation is about."""
    evaluation, curve = figures.evaluation, figures.learning_curve
    actual = wines[PRICE].to_numpy(dtype="float64")
    predicted = np.exp(evaluation.estimates["log_price"].to_numpy(dtype="float64"))
    slices = [s for s in evaluation.slices if s.slice in _COVERAGE_SLICES]
    pictures: list[tuple[str, str, Callable[[Axes], None]]] = [
        ("predicted_vs_actual", "Estimate against real price", lambda a: _scatter(a, actual, predicted)),
        ("residuals_by_decile", "Error by price", lambda a: _residuals(a, actual, predicted)),
        ("coverage", "Prices held by the interval", lambda a: _calibration(a, evaluation.calibration)),
        ("coverage_by_slice", "Coverage by slice", lambda a: _by_slice(a, slices, figures.coverage)),
        ("importance", "What the model leans on", lambda a: _importance(a, figures.importance)),
    ]
    if curve:
        pictures.append(("learning_curve", "Error by number of wines", lambda a: _learning(a, curve)))
    for name, caption, draw in pictures:
        yield Picture(name, caption, _png(draw))


def _png(draw: Callable[[Axes], None]) -> bytes:
    import matplotlib as mpl  # noqa: PLC0415 (only a training draws, and importing it takes 0.4 s)
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained")
        draw(figure.add_subplot())
        out = io.BytesIO()
        figure.savefig(out, format="png")
    return out.getvalue()


def _dollar_axes(axes: Axes, low: float, high: float) -> None:
    ticks = [tick for tick in _FEW_TICKS if low <= tick <= high]
    axes.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(ticks, [f"${tick}" for tick in ticks])
        axis.minorticks_off()


def _scatter(axes: Axes, actual: np.ndarray, predicted: np.ndarray) -> None:
    both = np.concatenate([actual, predicted])
    low, high = float(both.min()) * 0.9, float(both.max()) * 1.1
    axes.plot([low, high], [low, high], color=_MUTED, linewidth=1)
    axes.scatter(actual, predicted, s=6, alpha=0.35, color=_COLOUR, linewidths=0)
    _dollar_axes(axes, low, high)
    axes.set(xlabel="real price", ylabel="estimate")


def _residuals(axes: Axes, actual: np.ndarray, predicted: np.ndarray) -> None:
    edges = np.unique(np.quantile(actual, np.linspace(0, 1, 11)))
    decile = np.clip(np.searchsorted(edges, actual, side="right") - 1, 0, len(edges) - 2)
    ratios = [predicted[decile == i] / actual[decile == i] for i in range(len(edges) - 1)]
    axes.axhline(1, color=_MUTED, linewidth=1)
    axes.boxplot(ratios, showfliers=False, medianprops={"color": _COLOUR})
    labels = [f"${edges[i]:.0f} to\n${edges[i + 1]:.0f}" for i in range(len(ratios))]
    axes.set_xticks(range(1, len(ratios) + 1), labels, fontsize=7)
    axes.set(xlabel="real price, in tenths of the wines", ylabel="estimate / real price")


def _calibration(axes: Axes, calibration: Mapping[float, float]) -> None:
    axes.plot([0.4, 1], [0.4, 1], color=_MUTED, linewidth=1)
    axes.plot(list(calibration), list(calibration.values()), marker="o", color=_COLOUR)
    axes.set(
        xlabel="share of prices the interval is built to hold", ylabel="share that it held", ylim=(0.4, 1)
    )


def _by_slice(axes: Axes, slices: list[SliceMetrics], nominal: float) -> None:
    names = [f"{s.slice}: {s.group} ({s.metrics.rows})" for s in slices]
    axes.axvline(nominal, color=_MUTED, linewidth=1)
    axes.scatter([s.metrics.coverage for s in slices], range(len(slices)), color=_COLOUR, s=16)
    axes.set_yticks(range(len(slices)), names, fontsize=7)
    axes.invert_yaxis()
    axes.set(xlabel="share of prices inside the interval", xlim=(0.5, 1))


def _importance(axes: Axes, importance: Mapping[str, float]) -> None:
    axes.barh(list(importance), list(importance.values()), color=_COLOUR)
    axes.invert_yaxis()
    axes.set(xlabel="growth of RMSE of log price when the field is shuffled")


def _learning(axes: Axes, curve: Mapping[int, float]) -> None:
    axes.plot(list(curve), list(curve.values()), marker="o", color=_COLOUR)
    axes.set_xscale("log")
    axes.set_xticks(list(curve), [f"{rows:,}" for rows in curve])
    axes.minorticks_off()
    axes.set(xlabel="training wines", ylabel="RMSE of log price on the test wines")

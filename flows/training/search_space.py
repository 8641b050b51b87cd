"""The hyper-parameters that a search may change, and between which bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from optuna import Trial

from pricing.estimator import WinePriceRegressor


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of one hyper-parameter, both included; `whole` for integers, `log` for a logarithmic scale."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def suggest(self, trial: Trial, name: str) -> float | int:
        if self.whole:
            return trial.suggest_int(name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)


SPACE: Final = {
    "alpha": Range(1.0, 20.0, log=True),
    "min_count": Range(3, 10, whole=True),
    "rounds": Range(150, 500, whole=True),
    "learning_rate": Range(0.02, 0.1, log=True),
}


def suggested(trial: Trial) -> dict[str, Any]:
    """The hyper-parameters of a trial."""
    return {name: bounds.suggest(trial, name) for name, bounds in SPACE.items()}


def defaults() -> dict[str, Any]:
    """The estimator's own: the first trial, so that a search never ends worse than it began."""
    given = WinePriceRegressor().get_params()
    return {name: given[name] for name in SPACE}

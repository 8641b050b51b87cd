"""The parameters of a run of `train`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from configuration.errors import SettingsError
from flows.orchestration.parameters import Extras
from pricing.estimators.names import WINE


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest:
    """The parameters of a run, as documented at `flows.train.train`."""

    data_uri: str | None = None
    columns: Mapping[str, str] | None = None
    estimator: str = WINE
    tune: bool = False
    budget: int = 20
    seed: int = 0
    extras: Extras = "auto"
    reason: str = ""
    triggered_by: str = "person"
    force: bool = False

    def check(self) -> None:
        """Raises SettingsError for what no run can do."""
        if self.tune and self.estimator != WINE:
            raise SettingsError.of("tune", f"searches hyper-parameters of {WINE} alone", "false")
        if self.budget < 1:
            raise SettingsError.of("budget", f"must be a number of trials, not {self.budget}", "20")

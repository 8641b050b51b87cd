"""The parameters of a run of `train`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from configuration.errors import SettingsError
from pricing.estimators.factory import WINE

Extras = Literal["auto", "always", "never"]
"""Whether to spend further fits on the learning curve and on unseen producers; "auto": when one is quick."""


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

    def __post_init__(self) -> None:
        if self.tune and self.estimator != WINE:
            raise SettingsError.of("tune", f"searches hyper-parameters of {WINE} alone", "false")
        if self.budget < 1:
            raise SettingsError.of("budget", f"must be a number of trials, not {self.budget}", "20")

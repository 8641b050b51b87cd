"""The model without one of its parts, and the baseline: what each part is worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Final
from unittest import mock

import numpy as np
import pandas as pd

from pricing.estimator import WinePriceRegressor
from pricing.estimators.baseline import baseline
from pricing.estimators.protocol import PriceEstimator
from pricing.model import feature_layout, producer_process
from pricing.training import base_learners, mlp
from pricing.wine.schema import PRICE

PARTS: Final = ("baseline", "without networks", "without producers", "wine")


def errors_of(
    part: str, train: pd.DataFrame, tests: Mapping[str, pd.DataFrame], jobs: int
) -> dict[str, np.ndarray]:
    """Errors (n,) of log price on each frame of `tests`, of one of `PARTS` fitted on `train`."""
    with _MAKERS[part]():
        estimator = _estimator(part, jobs).fit(train, np.log(train[PRICE]))
        return {
            name: estimator.predict(wines.drop(columns=PRICE))
            - np.log(wines[PRICE].to_numpy(dtype="float64"))
            for name, wines in tests.items()
        }


def _estimator(part: str, jobs: int) -> PriceEstimator:
    return baseline() if part == "baseline" else WinePriceRegressor(n_jobs=jobs)


def _log_price(wines: pd.DataFrame) -> np.ndarray:
    return np.log(wines[PRICE].to_numpy(dtype="float64"))


@contextmanager
def _without_networks() -> Iterator[None]:
    """Networks that all say the mean price, and have no share in where the trees start."""

    def silent(draw: Callable[[], mlp.Inputs], *_: object, **__: object) -> mlp.Network:
        inputs = draw()
        shape = inputs.terms.shape[1], inputs.numbers.shape[1]
        network = mlp.Network(*shape, np.random.default_rng(0))
        for weights in (network.embed, *network.weights.values()):
            weights[:] = 0.0
        return network

    with (
        mock.patch.object(base_learners.mlp, "train", silent),
        mock.patch.object(feature_layout, "NETWORKS_SHARE", 0.0),
    ):
        yield


@contextmanager
def _without_producers() -> Iterator[None]:
    """No producer's wines are remembered; the target encodings of producers stay."""
    with mock.patch.object(producer_process, "MOST", 0):
        yield


_MAKERS: Final[Mapping[str, Callable[[], AbstractContextManager[None]]]] = {
    "baseline": nullcontext,
    "without networks": _without_networks,
    "without producers": _without_producers,
    "wine": nullcontext,
}

"""Estimators by name: `wine`, `baseline`, or the dotted path of a factory of the team's."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from pricing.errors import InvalidParameter
from pricing.estimator import WinePriceRegressor
from pricing.estimators.baseline import baseline
from pricing.estimators.conformal import ConformalRegressor
from pricing.estimators.names import BASELINE, WINE
from pricing.estimators.protocol import PriceEstimator

_EXAMPLE: Final = "my_team.models:boosted"


def make_estimator(name: str, *, seed: int, params: Mapping[str, Any] | None = None) -> PriceEstimator:
    """An unfitted estimator. `params` are hyper-parameters of `wine`.

    A factory is called with `random_state` and gives a scikit-learn regressor that takes the frame of
    `pricing.estimators.asked_frame`, or an estimator of this package. Raises InvalidParameter with what is
    wrong.
    """
    if name == WINE:
        return WinePriceRegressor(random_state=seed, **(params or {}))
    if params:
        raise InvalidParameter(f"Hyper-parameters are searched for `{WINE}` alone; {name} brings its own.")
    if name == BASELINE:
        return baseline(random_state=seed)
    return _wrapped(name, _factory(name)(random_state=seed), seed)


def _factory(name: str) -> Any:  # noqa: ANN401 - any callable of the team's
    module, colon, attribute = name.partition(":")
    if not colon:
        module, _, attribute = name.rpartition(".")
    if not module or not attribute:
        raise InvalidParameter(
            f"There is no estimator {name!r}. Give {WINE}, {BASELINE}, or a factory such as {_EXAMPLE}."
        )
    try:
        factory = getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InvalidParameter(
            f"The estimator {name!r} cannot be imported: {error}. Give {WINE}, {BASELINE}, or a factory such "
            f"as {_EXAMPLE} in a module that the worker can import (PYTHONPATH)."
        ) from error
    if not callable(factory):
        raise InvalidParameter(
            f"{name} is a {type(factory).__name__}, not a function that makes a regressor."
        )
    return factory


def _wrapped(name: str, made: object, seed: int) -> PriceEstimator:
    if isinstance(made, WinePriceRegressor | ConformalRegressor):
        return made
    if not (hasattr(made, "fit") and hasattr(made, "predict") and hasattr(made, "get_params")):
        raise InvalidParameter(
            f"{name} gave a {type(made).__name__}, which is no scikit-learn regressor: it needs fit, predict "
            "and get_params."
        )
    return ConformalRegressor(made, random_state=seed)

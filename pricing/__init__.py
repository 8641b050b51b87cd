"""What a wine is worth: the public names, each imported on first use.

The service scores without pandas, scikit-learn and skops; importing `pricing` must not bring them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pricing.data.cleaning import clean
    from pricing.estimator import WinePriceRegressor
    from pricing.storage.skops_file import load, save
    from pricing.wine.estimate import Estimate
    from pricing.wine.request import Wine

__all__ = ["Estimate", "Wine", "WinePriceRegressor", "clean", "load", "save"]

_HOMES: Final = {
    "Estimate": "pricing.wine.estimate",
    "Wine": "pricing.wine.request",
    "WinePriceRegressor": "pricing.estimator",
    "clean": "pricing.data.cleaning",
    "load": "pricing.storage.skops_file",
    "save": "pricing.storage.skops_file",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'pricing' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

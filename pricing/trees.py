"""Gradient-boosted trees: fitted by LightGBM, scored one row or many at a time."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Final

import lightgbm
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_library: Final = vars(lightgbm.basic)["_LIB"]
"""LightGBM's C library, for its call that predicts one row without any set-up."""

_NORMAL, _DOUBLE = 0, 1
_COMMON: Final = {
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "verbose": -1,
    "deterministic": True,
    "num_threads": 1,  # fits run side by side instead: threads inside one wait for each other
    "force_row_wise": True,
}


@dataclass(frozen=True, slots=True)
class Growth:
    """How trees grow: their number, step, leaves, share of inputs each may use, rows per leaf."""

    rounds: int
    learning_rate: float
    leaves: int
    inputs_per_tree: float
    rows_per_leaf: int
    seed: int


def grow(inputs: npt.NDArray[np.float32], target: Floats, growth: Growth) -> str:
    """Fit trees to `target` (n,) from inputs (n, m) and give the model's text."""
    settings = {
        **_COMMON,
        "learning_rate": growth.learning_rate,
        "num_leaves": growth.leaves,
        "feature_fraction": growth.inputs_per_tree,
        "min_data_in_leaf": growth.rows_per_leaf,
        "seed": growth.seed,
    }
    booster = lightgbm.train(settings, lightgbm.Dataset(inputs, target), num_boost_round=growth.rounds)
    return str(booster.model_to_string())


class Trees:
    """A fitted model of `width` inputs, read from its text."""

    def __init__(self, text: str) -> None:
        self._booster = lightgbm.Booster(model_str=text)
        self.width = int(self._booster.num_feature())
        self.row = np.zeros(self.width)
        """Inputs of the next `predict_row`."""
        self._row = self.row.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
        self._out = ctypes.c_double()
        self._length = ctypes.c_int64()
        self._fast = ctypes.c_void_p()
        code = _library.LGBM_BoosterPredictForMatSingleRowFastInit(
            self._booster._handle,
            ctypes.c_int(_NORMAL),
            ctypes.c_int(0),
            ctypes.c_int(-1),
            ctypes.c_int(_DOUBLE),
            ctypes.c_int32(self.width),
            ctypes.c_char_p(b"num_threads=1"),
            ctypes.byref(self._fast),
        )
        if code != 0:
            raise RuntimeError(f"LightGBM refused the model: {_library.LGBM_GetLastError()!r}")
        self._arguments = (self._fast, self._row, ctypes.byref(self._length), ctypes.byref(self._out))

    def predict_row(self) -> float:
        """Prediction for the inputs in `row`. Not for several threads at once."""
        _library.LGBM_BoosterPredictForMatSingleRowFast(*self._arguments)
        return self._out.value

    def predict(self, inputs: Floats) -> Floats:
        """Predictions (n,) for inputs (n, m)."""
        return np.asarray(self._booster.predict(inputs, num_threads=1), dtype=np.float64)

    def gains(self) -> Floats:
        """Share of the total gain that each input brought (m,)."""
        gains = np.asarray(self._booster.feature_importance("gain"), dtype=np.float64)
        return gains / max(float(gains.sum()), 1e-12)

"""Gradient-boosted trees: fitted by LightGBM, scored one row or many at a time."""

from __future__ import annotations

import ctypes
from typing import Any, Final

import lightgbm
import numpy as np
import numpy.typing as npt
from lightgbm.basic import _LIB

Floats = npt.NDArray[np.float64]

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


def grow(inputs: npt.NDArray[np.float32], target: Floats, *, rounds: int, **settings: Any) -> str:  # noqa: ANN401
    """Fit trees to `target` (n,) from inputs (n, m) and give the model's text."""
    data = lightgbm.Dataset(inputs, target)
    booster = lightgbm.train({**_COMMON, **settings}, data, num_boost_round=rounds)
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
        code = _LIB.LGBM_BoosterPredictForMatSingleRowFastInit(
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
            raise RuntimeError(f"LightGBM refused the model: {_LIB.LGBM_GetLastError()!r}")
        self._arguments = (self._fast, self._row, ctypes.byref(self._length), ctypes.byref(self._out))

    def predict_row(self) -> float:
        """Prediction for the inputs in `row`. Not for several threads at once."""
        _LIB.LGBM_BoosterPredictForMatSingleRowFast(*self._arguments)
        return self._out.value

    def predict(self, inputs: Floats) -> Floats:
        """Predictions (n,) for inputs (n, m)."""
        return np.asarray(self._booster.predict(inputs, num_threads=1), dtype=np.float64)

    def gains(self) -> Floats:
        """Share of the total gain that each input brought (m,)."""
        gains = np.asarray(self._booster.feature_importance("gain"), dtype=np.float64)
        return gains / max(float(gains.sum()), 1e-12)

"""Gradient-boosted trees, scored one row or many at a time.

Scoring calls LightGBM's C library itself: its Python package draws in pandas, scikit-learn and Dask,
and has no call that predicts one row without set-up.
"""

from __future__ import annotations

import ctypes

import numpy as np
import numpy.typing as npt

from pricing.arrays import Floats
from pricing.errors import ArtefactError
from pricing.model.lightgbm_library import load_lightgbm

_NORMAL, _DOUBLE, _ALL, _BY_ROWS = ctypes.c_int(0), ctypes.c_int(1), ctypes.c_int(-1), ctypes.c_int(1)
_FIRST, _ONE_THREAD = ctypes.c_int(0), ctypes.c_char_p(b"num_threads=1")


class Trees:
    """A fitted model of `width` inputs, read from its text. Raises ArtefactError when it is none."""

    def __init__(self, text: str) -> None:
        self._library = load_lightgbm()
        self._model, self._fast = ctypes.c_void_p(), ctypes.c_void_p()
        width, rounds = ctypes.c_int(), ctypes.c_int()
        self._call(
            "LGBM_BoosterLoadModelFromString", text.encode(), ctypes.byref(rounds), ctypes.byref(self._model)
        )
        self._call("LGBM_BoosterGetNumFeature", self._model, ctypes.byref(width))
        self.width = width.value
        self.row = np.zeros(self.width)
        """Inputs of the next `predict_row`."""
        self._out, length = ctypes.c_double(), ctypes.c_int64()
        settings = (_NORMAL, _FIRST, _ALL, _DOUBLE, ctypes.c_int32(self.width), _ONE_THREAD)
        self._call(
            "LGBM_BoosterPredictForMatSingleRowFastInit", self._model, *settings, ctypes.byref(self._fast)
        )
        self._predict_fast = self._library.LGBM_BoosterPredictForMatSingleRowFast
        self._arguments = (self._fast, _pointer(self.row), ctypes.byref(length), ctypes.byref(self._out))

    def __del__(self) -> None:
        if self._fast:
            self._library.LGBM_FastConfigFree(self._fast)
        if self._model:
            self._library.LGBM_BoosterFree(self._model)

    def predict_row(self) -> float:
        """Prediction for the inputs in `row`. Not for several threads at once."""
        self._predict_fast(*self._arguments)
        return self._out.value

    def predict(self, inputs: npt.NDArray[np.floating]) -> Floats:
        """Predictions (n,) for inputs (n, m)."""
        rows = np.ascontiguousarray(inputs, dtype=np.float64)
        out, length = np.zeros(len(rows)), ctypes.c_int64()
        shape = (_DOUBLE, ctypes.c_int32(rows.shape[0]), ctypes.c_int32(rows.shape[1]), _BY_ROWS)
        settings = (_NORMAL, _FIRST, _ALL, _ONE_THREAD)
        self._call(
            "LGBM_BoosterPredictForMat",
            self._model,
            _pointer(rows),
            *shape,
            *settings,
            ctypes.byref(length),
            _pointer(out),
        )
        return out

    def _call(self, name: str, *arguments: object) -> None:
        if getattr(self._library, name)(*arguments) != 0:
            reason = self._library.LGBM_GetLastError().decode(errors="replace")
            raise ArtefactError(f"The model's trees cannot be used ({name}: {reason}). Train again.")


def _pointer(array: Floats) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)

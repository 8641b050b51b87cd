"""Which places, grapes and wineries stood together in training: what a name can mean is learned from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Rows of codes that occurred together, the last column says how often; -1 is "not given".

    `places` (m, 4): country, province, region. `varieties` (k, 3): country, variety. `wineries` (w, 4):
    winery, country, province.
    """

    PARTS: ClassVar = ("places", "varieties", "wineries")

    places: Codes
    varieties: Codes
    wineries: Codes

    @classmethod
    def of(cls, codes: Codes) -> Self:
        """From the codes (n, 5) of country, province, variety, winery and region of the training rows."""
        country, province, variety, winery, region = codes.T
        return cls(
            _counted(country, province, region),
            _counted(country, variety),
            _counted(winery, country, province),
        )

    def pack(self) -> dict[str, npt.NDArray[np.int32]]:
        """The arrays by name, as a saved model holds them."""
        return {name: getattr(self, name).astype(np.int32) for name in self.PARTS}

    @classmethod
    def unpack(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The inverse of `pack`."""
        return cls(**{name: arrays[name].astype(np.int64) for name in cls.PARTS})


def _counted(*columns: Codes) -> Codes:
    together = np.column_stack(columns).reshape(-1, len(columns))
    rows, counts = np.unique(together, axis=0, return_counts=True)
    return np.column_stack([rows, counts]).astype(np.int64)

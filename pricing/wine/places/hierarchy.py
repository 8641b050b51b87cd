"""Which places, grapes and wineries stood together in training: what a name can mean is learned from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from pricing.arrays import Codes


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Rows of codes that occurred together, the last column says how often; -1 is "not given".

    `places` (m, 4): country, province, region. `varieties` (k, 3): country, variety. `wineries` (w, 4):
    winery, country, province.
    """

    PARTS: ClassVar = ("places", "varieties", "wineries")
    WIDTHS: ClassVar = (4, 3, 4)

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

    def to_text(self) -> str:
        """The same as one text: a line of numbers per array."""
        return "\n".join(" ".join(map(str, part.ravel().tolist())) for part in self.pack().values())

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The inverse of `to_text`."""
        lines = [np.array(line.split(), dtype=np.int64) for line in text.split("\n")]
        return cls(*(line.reshape(-1, width) for line, width in zip(lines, cls.WIDTHS, strict=True)))

    @classmethod
    def unpack(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """The inverse of `pack`."""
        return cls(**{name: arrays[name].astype(np.int64) for name in cls.PARTS})


def _counted(*columns: Codes) -> Codes:
    together = np.column_stack(columns).reshape(-1, len(columns))
    rows, counts = np.unique(together, axis=0, return_counts=True)
    return np.column_stack([rows, counts]).astype(np.int64)

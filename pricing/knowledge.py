"""All that fitting learns, and its form in a saved model: arrays and strings, nothing that runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from pricing.encodings import GROUPINGS, Encodings
from pricing.network import Ensemble
from pricing.producers import Producers
from pricing.reading import Reading
from pricing.schema import CATEGORY_FIELDS
from pricing.terms import TermIndex

Floats = npt.NDArray[np.float64]
State = dict[str, npt.NDArray[Any] | str]
Years = tuple[int, int, int, int]
"""First and last vintage, the one that ages count from, the usual one."""

ERROR: Final = "error"
LANGUAGE: Final = "en"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A fitted model.

    `names`: per category field the names as first written, most frequent first; a name's place is
    its code. `ridge` (terms, 4), `ridge_numbers` (6, 4) and `ridge_intercepts` (4,): a linear model
    per head. `watched`: columns of the words that the head for required fields looks at one by one.
    `trees`: text of the trees per head and of the expected error. `calibration` (cells, 401).
    """

    names: dict[str, tuple[str, ...]]
    index: TermIndex
    ridge: Floats
    ridge_numbers: Floats
    ridge_intercepts: Floats
    network: Ensemble
    encodings: Encodings
    producers: Producers
    watched: npt.NDArray[np.int64]
    trees: dict[str, str]
    calibration: Floats
    years: Years

    def pack(self) -> State:
        """Arrays and strings only."""
        state: State = {f"names_{field}": "\n".join(names) for field, names in self.names.items()}
        state |= {f"trees_{name}": text for name, text in self.trees.items()}
        state |= {"terms": "\n".join(self.index.terms), "required": np.array(self.index.required)}
        state |= {
            "ridge": self.ridge.astype(np.float32),
            "ridge_numbers": self.ridge_numbers,
            "ridge_intercepts": self.ridge_intercepts,
            "watched": self.watched,
            "calibration": self.calibration,
            "years": np.array(self.years),
            "network_embed": self.network.embed.astype(np.float16),
            "network_first": self.network.first,
            "network_mean": np.array(self.network.mean),
            "producers_starts": self.producers.starts,
            "producers_codes": self.producers.codes,
            "producers_measures": self.producers.measures.astype(np.float32),
            "producers_weights": self.producers.weights,
            "encodings_mean": np.array(self.encodings.mean),
        }
        for number, (layer, bias) in enumerate(zip(self.network.layers, self.network.biases, strict=True)):
            state |= {f"network_layer{number}": layer, f"network_bias{number}": bias}
        for number, (keys, values) in enumerate(zip(self.encodings.keys, self.encodings.values, strict=True)):
            state |= {f"encodings_keys{number}": keys, f"encodings_values{number}": values.astype(np.float32)}
        return state

    @classmethod
    def unpack(cls, state: State) -> Self:
        """The inverse of `pack`. Figures come back in double precision from what was saved."""
        arrays = {name: np.asarray(value) for name, value in state.items() if not isinstance(value, str)}
        texts = {name: value for name, value in state.items() if isinstance(value, str)}
        return cls(
            names={field: _lines(texts[f"names_{field}"]) for field in CATEGORY_FIELDS},
            index=TermIndex(_lines(texts["terms"]), int(arrays["required"])),
            ridge=arrays["ridge"].astype(np.float64),
            ridge_numbers=arrays["ridge_numbers"],
            ridge_intercepts=arrays["ridge_intercepts"],
            network=_network(arrays),
            encodings=Encodings(
                tuple(arrays[f"encodings_keys{i}"] for i in range(len(GROUPINGS))),
                tuple(arrays[f"encodings_values{i}"].astype(np.float64) for i in range(len(GROUPINGS))),
                float(arrays["encodings_mean"]),
            ),
            producers=Producers(
                arrays["producers_starts"],
                arrays["producers_codes"],
                arrays["producers_measures"].astype(np.float64),
                arrays["producers_weights"],
            ),
            watched=arrays["watched"],
            trees={
                name.removeprefix("trees_"): text for name, text in texts.items() if name.startswith("trees_")
            },
            calibration=arrays["calibration"],
            years=tuple(arrays["years"].tolist()),
        )


def place_numbers(reading: Reading, years: Years) -> tuple[float, float, float]:
    """Age in units of five years, age beyond fifteen in units of ten, length of the description."""
    _, _, reference, usual = years
    age = reference - (usual if reading.year is None else reading.year)
    return age / 5.0, max(age - 15, 0) / 10.0, float(np.log1p(len(reading.words))) - 3.0


def points_numbers(points: float | None) -> tuple[float, float, float]:
    """Points about 88 in units of three, whether given, and the part above 91."""
    if points is None:
        return 0.0, 0.0, 0.0
    scaled = (points - 88.0) / 3.0
    return scaled, 1.0, max(scaled - 1.0, 0.0)


def _network(arrays: dict[str, npt.NDArray[Any]]) -> Ensemble:
    double = {
        name: array.astype(np.float64)
        for name, array in arrays.items()
        if name[:9] in ("network_l", "network_b")
    }
    return Ensemble(
        embed=arrays["network_embed"].astype(np.float32),
        first=arrays["network_first"],
        layers=(double["network_layer0"], double["network_layer1"], double["network_layer2"]),
        biases=(double["network_bias0"], double["network_bias1"], double["network_bias2"]),
        mean=float(arrays["network_mean"]),
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()

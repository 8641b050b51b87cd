"""All that fitting learns, and its form in a saved model: arrays and strings, nothing that runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from pricing.arrays import Floats
from pricing.model.crossed_terms import CrossedTerms
from pricing.model.embedding_bag import TermVectors
from pricing.model.experts import Head
from pricing.model.mlp_ensemble import PARTS, Ensemble
from pricing.model.producer_process import Producers
from pricing.model.target_encoding import GROUPINGS, Encodings
from pricing.model.vocabulary import TermIndex
from pricing.wine.places.hierarchy import Hierarchy
from pricing.wine.schema import CATEGORY_FIELDS
from pricing.wine.text import fold

State = dict[str, npt.NDArray[Any] | str]
Years = tuple[int, int, int, int]
"""First and last vintage, the one that ages count from, the usual one."""

NOTE_CENTRE: Final = 2.5
NOTE_KNOTS: Final = (2.0, 2.7, 3.2)
"""Of the log of a note's known words: at about 6, 14 and 24 of them. Only whole notes have many, and
long ones are of dear wines; short ones are mostly parts of others, whose length tells nothing. Pairs of
words do not count: full sentences hold more of them than catchwords about the same wine.
"""

ERROR: Final = "error"
LANGUAGE: Final = "en"


REQUIRED_LAYER: Final = (Head.REQUIRED,)
OPTIONAL_LAYER: Final = (Head.NAMES, Head.FULL, Head.MIXED)
LAYERS: Final = (REQUIRED_LAYER, OPTIONAL_LAYER)


@dataclass(frozen=True, slots=True)
class Layer:
    """First layer of some heads: per term a weight of each head's linear model and the embeddings of
    all networks, side by side (terms, heads + K·48), and the networks behind them.
    """

    heads: tuple[Head, ...]
    vectors: TermVectors
    ensemble: Ensemble


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A fitted model.

    `names`: per category field the names as first written, most frequent first; a name's place is
    its code; `hierarchy` says which of them stood together. `layers` as in `LAYERS`; `crossed` belongs to
    the linear model of the required fields, `ridge_numbers` (8, 4), `ridge_slopes` (SLOPES, 4) and
    `ridge_intercepts` (4,) to those of the heads. `watched`: columns of the words that the head for required
    fields looks at one by one. `trees`: text of the trees per head and of the expected error. `calibration`
    as `conformal.conformity_quantiles` gives it. `price_range`: lowest and highest log price of training.
    """

    names: dict[str, tuple[str, ...]]
    hierarchy: Hierarchy
    index: TermIndex
    layers: tuple[Layer, ...]
    crossed: CrossedTerms
    ridge_numbers: Floats
    ridge_slopes: Floats
    ridge_intercepts: Floats
    encodings: Encodings
    producers: Producers
    watched: npt.NDArray[np.int64]
    trees: dict[str, str]
    calibration: Floats
    years: Years
    price_range: tuple[float, float]

    @property
    def mean(self) -> float:
        """Mean log price of the training wines."""
        return self.encodings.mean

    def pack(self) -> State:
        """Arrays and strings only."""
        state: State = {f"names_{field}": "\n".join(names) for field, names in self.names.items()}
        state |= {f"trees_{name}": text for name, text in self.trees.items()}
        state |= {"terms": "\n".join(self.index.terms), "required": np.array(self.index.required)}
        state |= {
            "ridge_numbers": self.ridge_numbers,
            "ridge_slopes": self.ridge_slopes,
            "ridge_intercepts": self.ridge_intercepts,
            "crossed_words": self.crossed.words,
            "crossed_places": np.array(self.crossed.places),
            "crossed_keys": self.crossed.keys,
            "crossed_steps": self.crossed.steps,
            "watched": self.watched,
            "calibration": self.calibration,
            "years": np.array(self.years),
            "price_range": np.array(self.price_range),
            "producers_starts": self.producers.starts,
            "producers_wines": self.producers.wines.astype(np.float32),
            "producers_points": self.producers.points.astype(np.float32),
            "producers_weights": self.producers.weights,
            "encodings_mean": np.array(self.encodings.mean),
        }
        state |= {f"hierarchy_{name}": rows for name, rows in self.hierarchy.pack().items()}
        for number, layer in enumerate(self.layers):
            state[f"vectors{number}"] = layer.vectors.steps
            state |= {f"network{number}_{name}": part for name, part in layer.ensemble.pack().items()}
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
            hierarchy=Hierarchy.unpack({name: arrays[f"hierarchy_{name}"] for name in Hierarchy.PARTS}),
            index=TermIndex(_lines(texts["terms"]), int(arrays["required"])),
            layers=tuple(_layer(arrays, number, heads) for number, heads in enumerate(LAYERS)),
            crossed=CrossedTerms(
                arrays["crossed_words"],
                texts["terms"].count("\n") + 1,
                tuple(arrays["crossed_places"].tolist()),
                arrays["crossed_keys"],
                arrays["crossed_steps"],
            ),
            ridge_numbers=arrays["ridge_numbers"],
            ridge_slopes=arrays["ridge_slopes"],
            ridge_intercepts=arrays["ridge_intercepts"],
            encodings=Encodings(
                tuple(arrays[f"encodings_keys{i}"] for i in range(len(GROUPINGS))),
                tuple(arrays[f"encodings_values{i}"].astype(np.float64) for i in range(len(GROUPINGS))),
                float(arrays["encodings_mean"]),
            ),
            producers=Producers(
                arrays["producers_starts"],
                arrays["producers_wines"].astype(np.float64),
                arrays["producers_points"].astype(np.float64),
                arrays["producers_weights"],
            ),
            watched=arrays["watched"],
            trees={
                name.removeprefix("trees_"): text for name, text in texts.items() if name.startswith("trees_")
            },
            calibration=arrays["calibration"],
            years=tuple(arrays["years"].tolist()),
            price_range=tuple(arrays["price_range"].tolist()),
        )


def age_numbers(year: int | None, years: Years) -> tuple[float, float]:
    """Age in units of five years, age beyond fifteen in units of ten."""
    _, _, reference, usual = years
    age = reference - (usual if year is None else year)
    return age / 5.0, max(age - 15, 0) / 10.0


def note_numbers(known: float) -> tuple[float, ...]:
    """How much a note of `known` words says: their logarithm, its parts above three knots, whether none."""
    log = math.log1p(known)
    return log - NOTE_CENTRE, *(max(log - knot, 0.0) for knot in NOTE_KNOTS), float(known == 0)


def _layer(arrays: dict[str, npt.NDArray[Any]], number: int, heads: tuple[Head, ...]) -> Layer:
    parts = {name: arrays[f"network{number}_{name}"] for name in PARTS}
    return Layer(heads, TermVectors(arrays[f"vectors{number}"]), Ensemble(**parts))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


def codes_of(names: Sequence[str]) -> dict[str, int]:
    """Folded name → its place among the names."""
    return {fold(name): code for code, name in enumerate(names)}

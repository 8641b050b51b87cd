"""The frame that a scikit-learn regressor sees: wines as the system reads them, in training as in service.

Columns: `country`, `province`, `variety`, `winery`, `region`, `designation` (folded text, "" where not
given), `description` (the note's words, in English whatever its language), `millesime` and `points`
(floats, NaN where not given).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from pricing.wine.tokens import Reading, hide

TEXTS: Final = ("country", "province", "variety", "winery", "region", "designation")

WORDS_ASKED: Final = (None, None, 40, 12, 6, 0)
"""Lengths to which notes are cut at random in training; None is the whole note."""

FIELDS_ASKED: Final = (1.0, 0.7, 0.4, 0.0, 0.0)
"""Shares of the optional fields that are provided at random in training."""


def asked_frame(readings: Sequence[Reading]) -> pd.DataFrame:
    """The readings as a frame."""
    columns: dict[str, object] = {
        name: pd.Series([getattr(reading, name) for reading in readings], dtype="object") for name in TEXTS
    }
    columns["description"] = pd.Series([" ".join(reading.words) for reading in readings], dtype="object")
    columns["millesime"] = np.array([_number(reading.year) for reading in readings])
    columns["points"] = np.array([_number(reading.points) for reading in readings])
    return pd.DataFrame(columns)


def mask_at_random(readings: Sequence[Reading], rng: np.random.Generator) -> list[Reading]:
    """The readings as clients might ask for them: some optional fields left out, some notes cut."""
    shares = rng.choice(FIELDS_ASKED, len(readings))
    provided = rng.random((len(readings), 5)) < shares[:, None]
    cuts = rng.integers(len(WORDS_ASKED), size=len(readings))
    masked = []
    for reading, given, cut in zip(readings, provided.tolist(), cuts.tolist(), strict=True):
        words = reading.words[: WORDS_ASKED[cut]]
        masked.append(hide(reading, tuple(given))._replace(words=words))
    return masked


def information(readings: Sequence[Reading], log_price: np.ndarray) -> np.ndarray:
    """What decides how sure a price is, (n, 8): which fields are provided, words of the note, the price."""
    rows = [
        (
            bool(reading.variety), bool(reading.winery), bool(reading.region), bool(reading.designation),
            reading.points is not None, len(reading.words), reading.year is not None, price,
        )
        for reading, price in zip(readings, log_price.tolist(), strict=True)
    ]  # fmt: skip
    return np.array(rows, dtype=np.float64).reshape(-1, 8)


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)

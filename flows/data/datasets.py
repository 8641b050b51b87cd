"""The data folder of a run: its files, what they hold, and the facts that identify them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from flows.data import storage
from pricing.data.cleaning import CleaningReport, clean
from pricing.data.reviews_file import ValidationReport, read_reviews, refuse_unfit
from pricing.data.split import overlap
from pricing.errors import DataError
from pricing.synthetic.reviews import MARKER_FILE
from pricing.wine.schema import PRICE

TRAIN_FILE: Final = "winemag-train.csv"
TEST_FILE: Final = "winemag-test.csv"

MAX_SHARED: Final = 0.1
"""A test file that repeats a larger share of the training wines is no test."""


@dataclass(frozen=True, slots=True)
class ReviewFile:
    """One file of reviews: where it was, its content's hash, its rows and what validation found."""

    uri: str
    sha256: str
    reviews: pd.DataFrame
    report: ValidationReport


@dataclass(frozen=True, slots=True)
class Dataset:
    """The two files of a data folder. `synthetic` is set by the generator's marker file beside them."""

    uri: str
    train: ReviewFile
    test: ReviewFile
    synthetic: bool

    @property
    def sha256(self) -> str:
        """Identity of the content of both files."""
        return hashlib.sha256(f"{self.train.sha256}\n{self.test.sha256}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PreparedWines:
    """Cleaned wines, ready to fit on and to test with, without a common wine.

    Both frames have `FIELDS`, `price` (USD) and `title`. `shared` counts the test rows that were
    dropped because their wine or review stands in the training rows too; `feedback_rows` counts those
    training rows that came from feedback. Prices of `train` are at today's level, which lies `price_level`
    (log) above that of the reviews; those of `test` are the reviews'.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    train_report: CleaningReport
    test_report: CleaningReport
    shared: int
    feedback_rows: int = 0
    price_level: float = 0.0


def read_dataset(folder: str, columns: Mapping[str, str] | None = None) -> Dataset:
    """Read and validate both files of a folder; `columns` gives the field of columns by name.

    Raises `DataUnavailable` or `pricing`'s `DataError`.
    """
    return Dataset(
        uri=folder,
        train=read_file(folder, TRAIN_FILE, columns),
        test=read_file(folder, TEST_FILE, columns),
        synthetic=storage.exists(storage.join(folder, MARKER_FILE)),
    )


def read_file(folder: str, name: str, columns: Mapping[str, str] | None = None) -> ReviewFile:
    """Read and validate one file of reviews."""
    uri = storage.join(folder, name)
    content = storage.read_bytes(uri)
    reviews, report = read_reviews(content, name=name, columns=columns)
    return ReviewFile(uri, hashlib.sha256(content).hexdigest(), reviews, report)


def prepare(
    dataset: Dataset, feedback: pd.DataFrame | None = None, *, price_level: float = 0.0
) -> PreparedWines:
    """Clean both files, bring training prices to today's level, add `feedback`, keep the sides apart.

    `feedback` has `FIELDS` and `price` (USD, today's level). A feedback row about a wine
    of the test file is left out, so the test rows are those of the file, touched by no feedback.
    """
    train, train_report = clean(dataset.train.reviews)
    test, test_report = clean(dataset.test.reviews)
    refuse_unfit(train, test)
    shared = {label for _, label in overlap(train, test)}
    if len(shared) > MAX_SHARED * len(test):
        raise DataError(
            f"{len(shared):,} of {len(test):,} rows of {TEST_FILE} are wines or reviews that stand in "
            f"{TRAIN_FILE} too: a score on them would flatter the model. Split by wine, not by row."
        )
    test = test.drop(index=list(shared))
    train = train.assign(**{PRICE: train[PRICE] * np.exp(price_level)})
    kept = _apart(feedback, test)
    if kept is not None:
        train = pd.concat([train, kept.set_axis(range(-len(kept), 0), axis="index")])
    return PreparedWines(
        train=train,
        test=test,
        train_report=train_report,
        test_report=test_report,
        shared=len(shared),
        feedback_rows=0 if kept is None else len(kept),
        price_level=price_level,
    )


def _apart(feedback: pd.DataFrame | None, test: pd.DataFrame) -> pd.DataFrame | None:
    if feedback is None or feedback.empty:
        return None
    feedback = feedback.reset_index(drop=True)
    known = {label for _, label in overlap(test, feedback)}
    return feedback.drop(index=list(known))

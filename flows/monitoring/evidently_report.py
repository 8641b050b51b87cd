"""The detailed report on a window, for those who want to see every distribution."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd

from flows.data.missingness import masked_like
from flows.data.reference import Model, Reference
from flows.monitoring.descriptors import NAMES, NUMBERS, Vocabulary, numbers_of
from pricing.wine.text import fold

_ROWS = 5_000
_NAMES_SHOWN = 20


def drift_html(reference: Reference, window: pd.DataFrame, model: Model, rng: np.random.Generator) -> str:
    """A self-contained page by Evidently: holdout rows, told as little, against the window, column by column.

    Texts go in as numbers (length, share of known words): Evidently's own text descriptors load data from
    the network and abort the whole report on a thin vocabulary.
    """
    os.environ.setdefault("DO_NOT_TRACK", "1")
    # Six seconds of import, needed by this one function.
    from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415
    from evidently.presets import DataDriftPreset  # noqa: PLC0415

    vocabulary = Vocabulary.of(reference.train)
    holdout = masked_like(reference.holdout, window, rng)
    before = _table(holdout, model, vocabulary)
    after = _table(window.head(_ROWS), model, vocabulary)
    before, after = _same_names(before, after)
    numbers = [name for name in before if name not in NAMES]
    filled = [n for n in numbers if before[n].notna().sum() > 1 and after[n].notna().sum() > 1]
    names = [name for name in NAMES if before[name].notna().any() and after[name].notna().any()]
    definition = DataDefinition(numerical_columns=filled, categorical_columns=names)
    columns = [*filled, *names]
    current = Dataset.from_pandas(after[columns], data_definition=definition)
    base = Dataset.from_pandas(before[columns], data_definition=definition)
    snapshot = Report([DataDriftPreset()], include_tests=True).run(current, base)
    page: str = snapshot.get_html_str(as_iframe=False)
    return page


def _table(wines: pd.DataFrame, model: Model, vocabulary: Vocabulary) -> pd.DataFrame:
    columns = numbers_of(wines, vocabulary)[list(NUMBERS)]
    for name in NAMES:
        columns[name] = wines[name].map(lambda value: fold(str(value)), na_action="ignore")
    scored = model.estimate(wines)
    return columns.assign(log_price=scored["log_price"], expected_error=scored["expected_error"])


def _same_names(before: pd.DataFrame, after: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rare names of both become "other": a thousand bars help nobody."""
    for name in NAMES:
        common = pd.concat([before[name], after[name]]).value_counts().index[:_NAMES_SHOWN]
        before[name] = before[name].where(before[name].isin(common) | before[name].isna(), "other")
        after[name] = after[name].where(after[name].isin(common) | after[name].isna(), "other")
    return before, after

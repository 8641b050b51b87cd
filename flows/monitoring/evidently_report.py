"""The detailed report on a window, for those who want to see every distribution."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flows.data.missingness import masked_like
from flows.data.reference import Model, Reference
from flows.monitoring.descriptors import NAMES, NUMBERS, Vocabulary, numbers_of
from pricing.wine.schema import FIELDS
from pricing.wine.text import fold

if TYPE_CHECKING:
    from evidently import Dataset

_ROWS = 5_000
_NAMES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Compared:
    """Holdout rows with the fields that the window provides, and the window: the columns to compare."""

    before: pd.DataFrame
    after: pd.DataFrame
    numbers: list[str]
    names: list[str]

    def datasets(self) -> tuple[Dataset, Dataset]:
        """The two in Evidently's form, the reference first."""
        from evidently import DataDefinition, Dataset  # noqa: PLC0415 - six seconds, needed here alone

        definition = DataDefinition(numerical_columns=self.numbers, categorical_columns=self.names)
        before, after = (
            Dataset.from_pandas(frame[[*self.numbers, *self.names]], data_definition=definition)
            for frame in (self.before, self.after)
        )
        return before, after


def drift_html(reference: Reference, window: pd.DataFrame, model: Model, rng: np.random.Generator) -> str:
    """A self-contained page by Evidently: every distribution, the window's beside the holdout's.

    It shows and does not judge: Evidently's drift preset has limits of its own, and two verdicts on one
    window would contradict each other (`benchmarks/drift.md` compares them).
    """
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from evidently import Report  # noqa: PLC0415
    from evidently.presets import DataSummaryPreset  # noqa: PLC0415

    before, after = compared(reference, window, model, rng, Vocabulary.of(reference.train)).datasets()
    page: str = Report([DataSummaryPreset()]).run(after, before).get_html_str(as_iframe=False)
    return page


def compared(
    reference: Reference, window: pd.DataFrame, model: Model, rng: np.random.Generator, vocabulary: Vocabulary
) -> Compared:
    """The columns of the report. Texts are numbers in it (length, share of known words): Evidently's own
    text descriptors load data from the network and abort the whole report on a thin vocabulary.
    """
    holdout = masked_like(reference.holdout, window, rng)
    before, after = _same_names(
        _table(holdout, model, vocabulary), _table(_with_fields(window.head(_ROWS)), model, vocabulary)
    )
    numbers = [str(name) for name in before if name not in NAMES]
    filled = [n for n in numbers if before[n].notna().sum() > 1 and after[n].notna().sum() > 1]
    names = [name for name in NAMES if before[name].notna().any() and after[name].notna().any()]
    return Compared(before, after, filled, names)


def _with_fields(window: pd.DataFrame) -> pd.DataFrame:
    """A window whose requests have fewer fields has the others empty."""
    return window.reindex(columns=list(FIELDS)).astype("object")


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

"""What an afternoon gives: TF-IDF of the note, one column for each name, ridge regression."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from pricing.arrays import Floats


class PlainRidge:
    """Log price from the note and the `names` columns, trained on whole notes with all of them given."""

    def __init__(self, names: tuple[str, ...]) -> None:
        text = TfidfVectorizer(ngram_range=(1, 2), min_df=5, sublinear_tf=True)
        columns = OneHotEncoder(handle_unknown="ignore", min_frequency=3)
        self._names = list(names)
        self._model = make_pipeline(
            make_column_transformer((text, "description"), (columns, self._names)), Ridge(alpha=2.0)
        )

    def fit(self, wines: pd.DataFrame, log_price: Floats) -> Self:
        self._model.fit(self._inputs(wines), log_price)
        return self

    def predict(self, wines: pd.DataFrame) -> Floats:
        """Log price (n,)."""
        return np.asarray(self._model.predict(self._inputs(wines)))

    def _inputs(self, wines: pd.DataFrame) -> pd.DataFrame:
        return wines[["description", *self._names]].fillna("").astype(str)

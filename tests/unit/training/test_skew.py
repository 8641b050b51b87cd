"""A training wine and the same wine as a request have the same inputs."""

from __future__ import annotations

import numpy as np
import pytest

from pricing.model import experts
from pricing.model.experts import Head
from pricing.model.feature_layout import KNOWN, LENGTH, POINTS, YEAR
from pricing.scoring.features import FeatureReader
from pricing.training import fit as fitting
from pricing.training.config import Options
from pricing.training.design_matrix import Rows
from pricing.training.term_matrix import keep_given
from pricing.wine.tokens import Reading, hide

OPTIONS = Options(alpha=3.0, min_count=3, rounds=10, learning_rate=0.1, seed=0, jobs=2)


@pytest.fixture
def reader(rows: Rows, names: dict[str, tuple[str, ...]]) -> FeatureReader:
    return FeatureReader(fitting.learn(rows, names, np.random.default_rng(0), OPTIONS))


def test_inputs_that_no_price_went_into_are_equal(
    rows: Rows, readings: list[Reading], reader: FeatureReader
) -> None:
    served = reader.read(readings).inputs
    for column, trained in ((YEAR, rows.year), (LENGTH, rows.length), (KNOWN, rows.known)):
        assert np.allclose(served[:, column], trained, equal_nan=True, atol=1e-6)
    assert np.allclose(served[:, POINTS], rows.points, equal_nan=True)


def test_a_masked_training_wine_has_the_terms_of_a_request_that_tells_as_little(
    rows: Rows, readings: list[Reading]
) -> None:
    rng = np.random.default_rng(1)
    provided = rows.present & (rng.random(rows.present.shape) < 0.5)
    masked = keep_given(rows.matrix, rows.kinds, provided)
    from pricing.training.term_matrix import matrix_of  # noqa: PLC0415

    asked = matrix_of(
        rows.index, [hide(reading, tuple(given)) for reading, given in zip(readings, provided, strict=True)]
    )
    difference = (masked > 0) != (asked > 0)
    assert difference.nnz == 0


def test_requests_go_to_the_expert_that_learned_from_their_like(
    rows: Rows, readings: list[Reading], reader: FeatureReader
) -> None:
    for head in Head:
        for provided in experts.sample_masks(rows.present, head, np.random.default_rng(2)):
            asked = [hide(each, tuple(given)) for each, given in zip(readings, provided, strict=True)]
            assert reader.read(asked).heads.tolist() == experts.route_all(provided).tolist()

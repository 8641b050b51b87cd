from __future__ import annotations

import numpy as np

from pricing.model.embedding_bag import STEP, TermVectors
from pricing.model.ragged import Ragged
from pricing.model.vocabulary import UNKNOWN

VECTORS = np.random.default_rng(0).normal(0.0, 0.5, (500, 37))


def columns(seed: int, many: int) -> list[int]:
    return np.random.default_rng(seed).integers(UNKNOWN, 500, many).tolist()


def test_sums_do_not_depend_on_order_or_company() -> None:
    vectors = TermVectors.of(VECTORS)
    wines = [columns(seed, many) for seed, many in enumerate((1, 40, 300, 900))]
    together = vectors.sums(Ragged.of(wines))
    for own, summed in zip(wines, together, strict=True):
        assert (vectors.sum(own) == summed).all()
        assert (vectors.sum(own[::-1]) == summed).all()


def test_sums_are_those_of_the_vectors_within_half_a_step_each() -> None:
    vectors = TermVectors.of(VECTORS)
    own = columns(1, 60)
    exact = VECTORS[[column for column in own if column != UNKNOWN]].sum(axis=0)
    assert np.abs(vectors.sum(own) - exact).max() <= len(own) * STEP / 2


def test_a_wine_without_known_terms_sums_to_nothing() -> None:
    vectors = TermVectors.of(VECTORS)
    assert not vectors.sum([]).any()
    assert not vectors.sums(Ragged.of([[UNKNOWN, UNKNOWN], []])).any()

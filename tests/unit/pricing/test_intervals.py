"""Intervals hold what they promise, in every large country too."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from pricing.model.conformal import FEWEST_OF_COUNTRY, bounds, conformity_quantiles
from pricing.model.experts import NOTE_GROUPS

RNG = np.random.default_rng(0)
WILD, TAME, SMALL, UNKNOWN = 0, 1, 2, -1


@pytest.fixture(scope="module")
def table() -> np.ndarray:
    """One group of a country with twice the usual error, one as usual, and few wines of a third."""
    countries = np.repeat([WILD, TAME, SMALL, UNKNOWN], [2_000, 4_000, FEWEST_OF_COUNTRY - 1, 500])
    residual = RNG.normal(size=len(countries)) * np.where(countries == WILD, 2.0, 1.0)
    groups = np.zeros(len(countries), dtype=np.int64)
    return conformity_quantiles(residual, np.ones(len(countries)), groups, countries)


def test_a_country_of_larger_errors_has_wider_intervals(table: np.ndarray) -> None:
    (low, high), (tame_low, tame_high), others = bounds(table, 0.8)[0]
    assert high == pytest.approx(2 * 1.28, rel=0.1)
    assert low == pytest.approx(-2 * 1.28, rel=0.1)
    assert (tame_low, tame_high) == pytest.approx((-1.28, 1.28), rel=0.1)
    assert tame_high < others[1] < high


def test_a_country_of_few_wines_has_no_figures_of_its_own(table: np.ndarray) -> None:
    assert len(bounds(table, 0.8)[0]) == 3  # the two large ones, and all others


def test_a_cell_without_rows_takes_those_of_all(table: np.ndarray) -> None:
    assert bounds(table, 0.8)[-1][-1] == bounds(table, 0.8)[0][-1]


def test_a_note_of_too_few_rows_takes_the_figures_of_its_fields() -> None:
    groups = np.repeat([0, NOTE_GROUPS], [900, 900])
    residual = RNG.normal(size=1800) * np.repeat([2.0, 1.0], [900, 900])
    factors = bounds(conformity_quantiles(residual, np.ones(1800), groups, groups * 0 - 1), 0.8)
    assert factors[1] == factors[0]
    assert factors[NOTE_GROUPS + 1] == factors[NOTE_GROUPS]


def test_sixty_rows_are_enough_for_the_promised_share() -> None:
    groups, unknown = np.zeros(60, dtype=np.int64), np.full(60, UNKNOWN)
    held = []
    for _ in range(2_000):
        low, high = bounds(conformity_quantiles(RNG.normal(size=60), np.ones(60), groups, unknown), 0.8)[0][0]
        held.append(norm.cdf(high) - norm.cdf(low))
    assert 0.79 < np.mean(held) < 0.81


def test_the_price_itself_is_never_left_out() -> None:
    residual, groups = np.linspace(1.0, 2.0, 500), np.zeros(500, dtype=np.int64)
    low, high = bounds(conformity_quantiles(residual, np.ones(500), groups, groups - 1), 0.8)[0][0]
    assert low == 0.0
    assert high > 0.0

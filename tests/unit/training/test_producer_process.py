from __future__ import annotations

import numpy as np
import pytest

from pricing.model import producer_process
from pricing.model.producer_process import (
    KERNELS,
    SCORES,
    WITH_POINTS,
    WITHOUT_POINTS,
    Kernel,
    kernel,
    leave_one_out,
    leave_one_out_at_scores,
    members,
    remember,
)
from pricing.model.score_scale import REFERENCE


def producers(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Winery codes, wines as the kernel sees them, and what the base leaves of their prices."""
    winery = rng.integers(-1, 6, 60)
    codes = rng.integers(-1, 3, (60, 3)).astype(float)
    measures = rng.normal(size=(60, 3)) * np.array([1.0, 1.0, 0.5])
    return winery, np.column_stack([codes, measures]), rng.normal(0, 0.3, 60)


def at_scores(wine: np.ndarray, base: np.ndarray) -> np.ndarray:
    """The wine with each of the scores, and the base price that it has with it."""
    scored = np.tile(wine, (len(SCORES), 1))
    scored[:, producer_process.POINTS_COLUMN], scored[:, producer_process.BASE_COLUMN] = SCORES, base
    return scored


def told(of: Kernel, wine: np.ndarray, others: np.ndarray, residual: np.ndarray) -> float:
    """What a process of these other wines predicts (Rasmussen and Williams, 2.23)."""
    covariance = kernel(of, others[:, None], others[None]) + of.noise * np.eye(len(others))
    return float(kernel(of, wine, others) @ np.linalg.solve(covariance, residual))


@pytest.mark.parametrize("of", KERNELS)
def test_leaving_one_out_is_what_fitting_without_it_gives(of: Kernel) -> None:
    winery, wines, residual = producers(np.random.default_rng(1))
    query = wines.copy()
    query[::3, 0] = -1  # some fields hidden, as in training
    groups = members(winery)
    premium, support = leave_one_out(of, wines, residual, groups, query)
    checked = 0
    for row, code in enumerate(winery.tolist()):
        others = [other for other in groups.get(code, ()) if other != row]
        if code < 0 or not others:
            assert premium[row] == support[row] == 0
            continue
        covariance = kernel(of, wines[others][:, None], wines[others][None]) + of.noise * np.eye(len(others))
        shared = kernel(of, query[row], wines[others])
        assert premium[row] == pytest.approx(shared @ np.linalg.solve(covariance, residual[others]), abs=1e-9)
        assert support[row] == pytest.approx(shared.sum())
        checked += 1
    assert checked > 30


def test_what_is_remembered_prices_as_the_process_does() -> None:
    winery, wines, residual = producers(np.random.default_rng(2))
    groups = members(winery)
    kept = remember((wines, wines), (residual, residual), groups, 6)
    base = np.random.default_rng(3).normal(size=(len(wines), len(SCORES)))
    scored = at_scores(wines[0], base[0])
    for code, own in groups.items():
        premium, _ = kept.premium(code, wines[0])
        assert premium == pytest.approx(told(WITHOUT_POINTS, wines[0], wines[own], residual[own]), abs=1e-9)
        premiums, _ = kept.premium_at_scores(code, wines[0], base[0])
        expected = [told(WITH_POINTS, wine, wines[own], residual[own]) for wine in scored]
        assert premiums == pytest.approx(expected, abs=1e-9)
    one = [kept.premium(int(code), wine) for code, wine in zip(winery, wines, strict=True)]
    assert np.allclose(np.array(one).T, np.array(kept.premiums(winery, wines)), atol=1e-9)
    premiums, support = kept.premiums_at_scores(winery, wines, base)
    for row, code in enumerate(winery.tolist()):
        own_premiums, own_support = kept.premium_at_scores(code, wines[row], base[row])
        assert np.allclose(premiums[row], own_premiums, atol=1e-9)
        assert support[row] == pytest.approx(own_support)


def test_leaving_one_out_at_scores_is_leaving_one_out_of_wines_with_these_scores() -> None:
    winery, wines, residual = producers(np.random.default_rng(5))
    groups, base = members(winery), np.random.default_rng(6).normal(size=(len(wines), len(SCORES)))
    premiums, support = leave_one_out_at_scores(WITH_POINTS, wines, residual, groups, wines, base=base)
    for place in range(len(SCORES)):
        query = np.array([at_scores(wine, own)[place] for wine, own in zip(wines, base, strict=True)])
        premium, supported = leave_one_out(WITH_POINTS, wines, residual, groups, query)
        assert np.allclose(premiums[:, place], premium, atol=1e-9)
        if place == REFERENCE:
            assert np.allclose(support, supported)


def test_an_unknown_producer_tells_nothing() -> None:
    winery, wines, residual = producers(np.random.default_rng(3))
    kept = remember((wines, wines), (residual, residual), members(winery), 6)
    assert kept.premium(-1, wines[0]) == (0.0, 0.0)
    premiums, support = kept.premium_at_scores(-1, wines[0], np.zeros(len(SCORES)))
    assert (premiums.tolist(), support) == ([0.0] * len(SCORES), 0.0)


def test_of_a_large_producer_only_so_many_wines_are_kept() -> None:
    assert len(members(np.zeros(1000, dtype=int))[0]) == producer_process.MOST


@pytest.mark.parametrize("of", KERNELS)
def test_the_kernel_is_one(of: Kernel) -> None:
    """Symmetric, positive semi-definite, and equal codes count where near ones do not."""
    wines = producers(np.random.default_rng(4))[1]
    covariance = kernel(of, wines[:, None], wines[None])
    assert np.allclose(covariance, covariance.T)
    assert np.linalg.eigvalsh(covariance).min() > -1e-9

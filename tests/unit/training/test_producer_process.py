from __future__ import annotations

import numpy as np
import pytest

from pricing.model import producer_process
from pricing.model.producer_process import KERNELS, Kernel, kernel, leave_one_out, members, remember


def producers(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Winery codes, wines as the kernel sees them, and what the base leaves of their prices."""
    winery = rng.integers(-1, 6, 60)
    codes = rng.integers(-1, 3, (60, 3)).astype(float)
    measures = rng.normal(size=(60, 3)) * np.array([1.0, 1.0, 0.5])
    return winery, np.column_stack([codes, measures]), rng.normal(0, 0.3, 60)


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
    for variant, of in enumerate(KERNELS):
        for code, own in groups.items():
            covariance = kernel(of, wines[own][:, None], wines[own][None]) + of.noise * np.eye(len(own))
            expected = kernel(of, wines[0], wines[own]) @ np.linalg.solve(covariance, residual[own])
            premium, _ = kept.premium(code, wines[0], with_points=bool(variant))
            assert premium == pytest.approx(expected, abs=1e-9)
        many = kept.premiums(winery, wines, with_points=bool(variant))
        one = [
            kept.premium(int(code), wine, with_points=bool(variant))
            for code, wine in zip(winery, wines, strict=True)
        ]
        assert np.allclose(np.array(one).T, np.array(many), atol=1e-9)


def test_an_unknown_producer_tells_nothing() -> None:
    winery, wines, residual = producers(np.random.default_rng(3))
    kept = remember((wines, wines), (residual, residual), members(winery), 6)
    assert kept.premium(-1, wines[0], with_points=True) == (0.0, 0.0)


def test_of_a_large_producer_only_so_many_wines_are_kept() -> None:
    assert len(members(np.zeros(1000, dtype=int))[0]) == producer_process.MOST


@pytest.mark.parametrize("of", KERNELS)
def test_the_kernel_is_one(of: Kernel) -> None:
    """Symmetric, positive semi-definite, and equal codes count where near ones do not."""
    wines = producers(np.random.default_rng(4))[1]
    covariance = kernel(of, wines[:, None], wines[None])
    assert np.allclose(covariance, covariance.T)
    assert np.linalg.eigvalsh(covariance).min() > -1e-9

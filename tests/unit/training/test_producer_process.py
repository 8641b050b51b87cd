from __future__ import annotations

import numpy as np
import pytest

from pricing.model import producer_process
from pricing.model.producer_process import (
    KERNELS,
    SCORES,
    WITH_POINTS,
    Kernel,
    Observed,
    alike_in_points,
    kernel,
    leave_one_out,
    members,
    remember,
)


def producers(rng: np.random.Generator) -> tuple[np.ndarray, Observed]:
    """Winery codes, and wines as the kernel sees them; some have no points."""
    winery = rng.integers(-1, 6, 60)
    codes = rng.integers(-1, 3, (60, 3)).astype(float)
    measures = rng.normal(size=(60, 2)) * np.array([1.0, 0.5])
    points = np.where(rng.random(60) < 0.9, rng.integers(80, 101, 60), 0).astype(float)
    return winery, Observed(np.column_stack([codes, measures]), points, rng.normal(0, 0.3, 60))


def weights(of: Kernel, others: Observed) -> np.ndarray:
    """Those that these wines have in what their process predicts (Rasmussen and Williams, 2.23)."""
    covariance = kernel(of, others.wines[:, None], others.wines[None]) + of.noise * np.eye(len(others.points))
    covariance += of.points * alike_in_points(others.points[:, None], others.points[None])
    return np.linalg.solve(covariance, others.residual)


def of_rows(known: Observed, rows: object) -> Observed:
    return Observed(*(each[rows] for each in known))


def curve(of: Kernel, others: Observed) -> np.ndarray:
    """What each score adds to the premium."""
    return of.points * alike_in_points(SCORES[:, None], others.points) @ weights(of, others)


@pytest.mark.parametrize("of", KERNELS)
def test_leaving_one_out_is_what_fitting_without_it_gives(of: Kernel) -> None:
    winery, known = producers(np.random.default_rng(1))
    query = known.wines.copy()
    query[::3, 0] = -1  # some fields hidden, as in training
    groups = members(winery)
    left_out = leave_one_out(of, known, groups, query)
    checked = 0
    for row, code in enumerate(winery.tolist()):
        others = [other for other in groups.get(code, ()) if other != row]
        if code < 0 or not others:
            assert left_out.premium[row] == left_out.support[row] == 0
            assert not left_out.curve[row].any()
            continue
        rest = of_rows(known, others)
        shared = kernel(of, query[row], rest.wines)
        assert left_out.premium[row] == pytest.approx(shared @ weights(of, rest), abs=1e-9)
        assert left_out.support[row] == pytest.approx(shared.sum())
        assert left_out.curve[row] == pytest.approx(curve(of, rest), abs=1e-9)
        checked += 1
    assert checked > 30


def test_what_is_remembered_prices_as_the_process_does() -> None:
    winery, known = producers(np.random.default_rng(2))
    groups = members(winery)
    kept = remember((known, known), groups, 6)
    for variant, of in enumerate(KERNELS):
        for code, own in groups.items():
            rest = of_rows(known, own)
            expected = kernel(of, known.wines[0], rest.wines) @ weights(of, rest)
            premium, _ = kept.premium(code, known.wines[0], with_points=bool(variant))
            assert premium == pytest.approx(expected, abs=1e-9)
            if of is WITH_POINTS:
                assert kept.curves[code] == pytest.approx(curve(of, rest), abs=1e-9)
        many = kept.premiums(winery, known.wines, with_points=bool(variant))
        one = [
            kept.premium(int(code), wine, with_points=bool(variant))
            for code, wine in zip(winery, known.wines, strict=True)
        ]
        assert np.allclose(np.array(one).T, np.array(many), atol=1e-9)


def test_an_unknown_producer_tells_nothing() -> None:
    winery, known = producers(np.random.default_rng(3))
    kept = remember((known, known), members(winery), 6)
    assert kept.premium(-1, known.wines[0], with_points=True) == (0.0, 0.0)
    assert not kept.curves[-1].any()


def test_of_a_large_producer_only_so_many_wines_are_kept() -> None:
    assert len(members(np.zeros(1000, dtype=int))[0]) == producer_process.MOST


@pytest.mark.parametrize("of", KERNELS)
def test_the_kernel_is_one(of: Kernel) -> None:
    """Symmetric, positive semi-definite, and equal codes count where near ones do not."""
    wines = producers(np.random.default_rng(4))[1].wines
    covariance = kernel(of, wines[:, None], wines[None])
    assert np.allclose(covariance, covariance.T)
    assert np.linalg.eigvalsh(covariance).min() > -1e-9

"""Whether an estimator's parameters and target are what it can learn from."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Final, TypeGuard

import numpy as np
import numpy.typing as npt
from joblib import effective_n_jobs
from sklearn.utils import check_random_state

from pricing.arrays import Floats
from pricing.errors import DataError, InvalidParameter

FEWEST_WINES: Final = 20
LARGEST_SEED: Final = 2**31 - 1

HIGHEST_MEDIAN: Final = 7.0
HIGHEST_LOG_PRICE: Final = 13.0
"""Log prices above these ($1,100 for half of the wines, $440,000 for one) are taken for prices."""

WHOLE_SHARE: Final = 0.5


def check_whole(name: str, value: object, *, least: int) -> None:
    """Raises InvalidParameter unless `value` is an integer of at least `least`."""
    if not _is_whole(value) or value < least:
        raise InvalidParameter(f"{name} is {value!r}; give a whole number of at least {least}.")


def check_share(name: str, value: object, *, example: float, one_allowed: bool = False) -> None:
    """Raises InvalidParameter unless 0 < `value` < 1 (or = 1 where that is allowed)."""
    if _is_number(value) and (0 < value < 1 or (one_allowed and value == 1)):
        return
    upper = "at most 1" if one_allowed else "below 1"
    raise InvalidParameter(f"{name} is {value!r}; give a number above 0 and {upper}, such as {example:g}.")


def check_positive(name: str, value: object) -> None:
    """Raises InvalidParameter unless `value` is a finite number above 0."""
    if not (_is_number(value) and 0 < value < np.inf):
        raise InvalidParameter(f"{name} is {value!r}; give a number above 0.")


def seed_of(random_state: object) -> int:
    """A seed from what scikit-learn takes as `random_state`: None, an integer, a RandomState."""
    if _is_whole(random_state):
        if not 0 <= random_state <= LARGEST_SEED:
            raise InvalidParameter(f"random_state is {random_state}; give 0 to {LARGEST_SEED}.")
        return int(random_state)
    try:
        drawn = check_random_state(random_state).randint(LARGEST_SEED)
    except ValueError as error:
        raise InvalidParameter(
            f"random_state is {random_state!r}; give an integer, None or a numpy RandomState."
        ) from error
    return int(drawn)


def jobs_of(n_jobs: object) -> int:
    """Threads for what scikit-learn takes as `n_jobs`: None is one, -1 as many as there are cores."""
    if n_jobs is None or (_is_whole(n_jobs) and n_jobs != 0):
        return int(effective_n_jobs(n_jobs))
    raise InvalidParameter(f"n_jobs is {n_jobs!r}; give a number of threads, -1 for all cores, or None.")


def log_price_target(log_price: npt.ArrayLike, rows: int) -> Floats:
    """The target (rows,) as floats. Raises DataError for one that cannot be log prices of `rows` wines."""
    try:
        target = np.asarray(log_price, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"The log prices are not numbers: {error}. Give np.log(price in USD).") from error
    if target.ndim == 2 and target.shape[1] == 1:  # noqa: PLR2004 - a column
        target = target[:, 0]
    if target.shape != (rows,) or rows < FEWEST_WINES or not np.isfinite(target).all():
        raise DataError(
            f"Cannot fit on {rows} wines with log prices of shape {target.shape}: at least {FEWEST_WINES} "
            "wines are needed, and one finite log price for each."
        )
    _refuse_usd(target)
    return target


def _refuse_usd(target: Floats) -> None:
    """Prices of wine are mostly whole dollars; their logarithms never are."""
    whole = float((target == np.round(target)).mean())
    usd_like = whole > WHOLE_SHARE and np.ptp(target) > 0 and target.max() > 1
    if usd_like or np.median(target) > HIGHEST_MEDIAN or target.max() > HIGHEST_LOG_PRICE:
        raise DataError(
            "The target looks like prices in USD, not like their logarithms (median "
            f"{np.median(target):,.2f}, highest {target.max():,.2f}, {whole:z.0%} whole numbers). "
            "Give np.log(price)."
        )


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, Real) and not isinstance(value, bool) and not np.isnan(float(value))

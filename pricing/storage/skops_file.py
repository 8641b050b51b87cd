"""The saved model: written by skops, without a pickle, types allowed here and nowhere else.

A file holds the estimator `wine`, which is read without skops, or a `ConformalRegressor` around objects of
scikit-learn's own classes. skops looks through all modules when it is imported (1.5 s), so that waits until
it is wanted.
"""

from __future__ import annotations

import zipfile
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sklearn.base import BaseEstimator

from pricing.errors import UntrustedArtefact
from pricing.estimator import WinePriceRegressor
from pricing.estimators.conformal import ConformalRegressor
from pricing.storage.reader import (
    ESTIMATOR,
    FILE_NAME,
    attributes_of,
    check_schema,
    damaged,
    kind_of,
    sha256_of,
)

if TYPE_CHECKING:
    from pricing.estimators.protocol import PriceEstimator

__all__ = ["FILE_NAME", "TRUSTED_TYPES", "load", "save", "sha256_of"]

TRUSTED_TYPES: Final = (
    "pricing.estimator.WinePriceRegressor",
    "pricing.estimators.conformal.ConformalRegressor",
)

SKLEARN_INTERNALS: Final = (
    "sklearn._loss.",
    "sklearn.compose._column_transformer",
    "sklearn.ensemble._hist_gradient_boosting.",
    "sklearn.gaussian_process.kernels",
    "sklearn.linear_model._sgd_fast",
    "sklearn.metrics._dist_metrics",
    "sklearn.metrics._scorer",
    "sklearn.model_selection._split",
    "sklearn.neighbors._ball_tree",
    "sklearn.neighbors._kd_tree",
    "sklearn.neural_network._stochastic_optimizers",
    "sklearn.tree._tree",
    "sklearn.utils._bunch",
    "sklearn.utils._metadata_requests",
)
"""Modules whose classes are parts of fitted estimators without being estimators."""

SKLEARN_SCORES: Final = (
    "sklearn.feature_selection._mutual_info",
    "sklearn.feature_selection._univariate_selection",
    "sklearn.metrics._regression",
)
"""Modules whose functions take arrays and return numbers: what feature selection and searches keep."""

PLAIN_DATA: Final = frozenset(
    {
        "numpy.dtype",
        "scipy.interpolate._bsplines.BSpline",
        "scipy.interpolate._bsplines._BSpline",  # since scipy 1.18
        "scipy._lib.array_api_compat.numpy._aliases.asarray",  # until scipy 1.17
        "scipy.sparse._csr.csr_matrix",
    }
)
"""What scikit-learn's own estimators keep beside arrays: types of arrays, sparse matrices, and the curves
of SplineTransformer."""

_DAMAGED: Final = (zipfile.BadZipFile, LookupError, ValueError, TypeError, AttributeError)


def save(estimator: PriceEstimator, path: Path) -> None:
    """Write a fitted estimator to one file. Raises UntrustedArtefact for one that `load` would refuse."""
    import skops.io  # noqa: PLC0415 (see above)
    from skops.io.exceptions import UnsupportedTypeException  # noqa: PLC0415

    try:
        skops.io.dump(estimator, path, compression=zipfile.ZIP_DEFLATED, compresslevel=6)
        check = attributes_of if kind_of(path) == ESTIMATOR else trusted_types
        check(path)
    except (UnsupportedTypeException, UntrustedArtefact) as error:
        path.unlink(missing_ok=True)
        raise UntrustedArtefact(
            f"The estimator cannot be saved: {error} A model file holds scikit-learn's own classes only, so "
            "that nothing else runs where it is loaded. Write the step with scikit-learn's transformers."
        ) from error


def load(path: Path) -> PriceEstimator:
    """Read a fitted estimator. Nothing in the file is executed.

    Raises UntrustedArtefact for a file that is damaged or holds any type that is not allowed,
    UnknownSchema for one written by another schema version.
    """
    estimator = _wine(path) if kind_of(path) == ESTIMATOR else _conformal(path)
    check_schema(path.name, getattr(estimator, "schema_version_", None))
    return estimator


def _wine(path: Path) -> WinePriceRegressor:
    estimator = WinePriceRegressor()
    estimator.__dict__.update(attributes_of(path))
    return estimator


def _conformal(path: Path) -> ConformalRegressor:
    import skops.io  # noqa: PLC0415 (see above)
    from skops.io.exceptions import UntrustedTypesFoundException  # noqa: PLC0415

    try:
        estimator = skops.io.load(path, trusted=trusted_types(path))
    except (UntrustedTypesFoundException, *_DAMAGED) as error:
        raise damaged(path, error) from error
    if not isinstance(estimator, ConformalRegressor):
        raise UntrustedArtefact(
            f"{path.name} holds a {type(estimator).__name__}, not an estimator of wine prices. Train again."
        )
    return estimator


def trusted_types(path: Path) -> list[str]:
    """The types of a file that skops does not know by itself. Raises UntrustedArtefact unless all are ours
    or classes of scikit-learn.
    """
    import skops.io  # noqa: PLC0415 (see above)

    types: list[str] = skops.io.get_untrusted_types(file=path)
    foreign = [name for name in types if not _is_trusted(name)]
    if foreign:
        raise UntrustedArtefact(f"it holds {', '.join(foreign)}, which is none of scikit-learn's classes.")
    return types


def _is_trusted(name: str) -> bool:
    return name in TRUSTED_TYPES or name in PLAIN_DATA or _is_of_sklearn(name)


def _is_of_sklearn(name: str) -> bool:
    module, _, attribute = name.rpartition(".")
    if not module.startswith("sklearn."):
        return False
    try:
        found = getattr(import_module(module), attribute, None)
    except ImportError:
        return False
    if not getattr(found, "__module__", "").startswith("sklearn."):
        return False
    if isinstance(found, type):
        return issubclass(found, BaseEstimator) or module.startswith(SKLEARN_INTERNALS)
    return found.__module__ == module and module in SKLEARN_SCORES

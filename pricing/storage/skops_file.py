"""The saved model: written and read by skops, without a pickle, types listed here and nowhere else."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from pricing.errors import UntrustedArtefact
from pricing.estimator import WinePriceRegressor
from pricing.storage.reader import FILE_NAME, check_schema, damaged, require, sha256_of

__all__ = ["FILE_NAME", "TRUSTED_TYPES", "load", "save", "sha256_of"]

TRUSTED_TYPES: Final = ("pricing.estimator.WinePriceRegressor",)


def save(estimator: WinePriceRegressor, path: Path) -> None:
    """Write a fitted estimator to one file."""
    skops.io.dump(estimator, path, compression=zipfile.ZIP_DEFLATED, compresslevel=6)


def load(path: Path) -> WinePriceRegressor:
    """Read a fitted estimator. Nothing in the file is executed.

    Raises UntrustedArtefact for a file that is damaged or holds any type not in `TRUSTED_TYPES`,
    UnknownSchema for one written by another schema version.
    """
    require(path)
    try:
        estimator = skops.io.load(path, trusted=list(TRUSTED_TYPES))
    except (UntrustedTypesFoundException, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise damaged(path, error) from error
    if not isinstance(estimator, WinePriceRegressor):
        raise UntrustedArtefact(
            f"{path.name} holds a {type(estimator).__name__}, not a WinePriceRegressor. Train again."
        )
    check_schema(path, getattr(estimator, "schema_version_", None))
    return estimator

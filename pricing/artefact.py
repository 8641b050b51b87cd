"""The saved model: written and read by skops, without a pickle, types listed here and nowhere else."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Final

import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from pricing.errors import ArtefactError, UnknownSchema, UntrustedArtefact
from pricing.estimator import WinePriceRegressor
from pricing.schema import SCHEMA_VERSION

FILE_NAME: Final = "model.skops"
TRUSTED_TYPES: Final = ("pricing.estimator.WinePriceRegressor",)


def save(estimator: WinePriceRegressor, path: Path) -> None:
    """Write a fitted estimator to one file."""
    skops.io.dump(estimator, path, compression=zipfile.ZIP_DEFLATED, compresslevel=6)


def load(path: Path) -> WinePriceRegressor:
    """Read a fitted estimator. Nothing in the file is executed.

    Raises UntrustedArtefact for a file that is damaged or holds any type not in `TRUSTED_TYPES`,
    UnknownSchema for one written by another schema version.
    """
    if not path.is_file():
        raise ArtefactError(f"There is no saved model at {path}. Train one, or check the path.")
    try:
        estimator = skops.io.load(path, trusted=list(TRUSTED_TYPES))
    except (UntrustedTypesFoundException, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise UntrustedArtefact(
            f"{path.name} is not a model that this code wrote ({type(error).__name__}: {error}). "
            "Do not use it; train again, or restore the file from its backup."
        ) from error
    if not isinstance(estimator, WinePriceRegressor):
        raise UntrustedArtefact(
            f"{path.name} holds a {type(estimator).__name__}, not a WinePriceRegressor. Train again."
        )
    version = getattr(estimator, "schema_version_", None)
    if version != SCHEMA_VERSION:
        raise UnknownSchema(
            f"{path.name} was written by schema version {version}; this code knows {SCHEMA_VERSION}. "
            "Deploy the code that trained it, or train again with this code."
        )
    return estimator


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

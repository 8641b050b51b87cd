from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LinearRegression

from pricing.errors import ArtefactError, UnknownSchema, UntrustedArtefact
from pricing.estimator import WinePriceRegressor
from pricing.storage import skops_file


@pytest.fixture
def saved(estimator: WinePriceRegressor, tmp_path: Path) -> Path:
    path = tmp_path / skops_file.FILE_NAME
    skops_file.save(estimator, path)
    return path


def test_a_saved_model_prices_as_before(
    saved: Path, estimator: WinePriceRegressor, wines: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    difference = skops_file.load(saved).predict(wines[1]) - estimator.predict(wines[1])
    assert np.abs(difference).max() < 1e-12


def test_only_our_own_type_needs_trust(saved: Path) -> None:
    assert set(skops.io.get_untrusted_types(file=saved)) == {skops_file.TRUSTED_TYPES[0]}


def test_another_type_is_refused(tmp_path: Path) -> None:
    path = tmp_path / skops_file.FILE_NAME
    skops.io.dump(LinearRegression().fit(np.eye(2), [0, 1]), path)
    with pytest.raises(UntrustedArtefact, match="LinearRegression"):
        skops_file.load(path)


def test_a_pickle_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / skops_file.FILE_NAME
    path.write_bytes(pickle.dumps({"harmless": True}))
    with pytest.raises(UntrustedArtefact):
        skops_file.load(path)


def test_a_cut_file_is_refused(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:-2000])
    with pytest.raises(UntrustedArtefact):
        skops_file.load(saved)


def test_a_file_with_a_function_slipped_in_is_refused(saved: Path, tmp_path: Path) -> None:
    tampered = tmp_path / "tampered.skops"
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(tampered, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "schema.json":
                content = content.replace(b'"WinePriceRegressor"', b'"system"').replace(
                    b'"pricing.estimator"', b'"os"'
                )
            target.writestr(name, content)
    with pytest.raises(UntrustedArtefact):
        skops_file.load(tampered)


def test_another_schema_version_is_refused(estimator: WinePriceRegressor, tmp_path: Path) -> None:
    path = tmp_path / skops_file.FILE_NAME
    estimator.schema_version_ += 1
    try:
        skops_file.save(estimator, path)
    finally:
        estimator.schema_version_ -= 1
    with pytest.raises(UnknownSchema, match="train again"):
        skops_file.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="no saved model"):
        skops_file.load(tmp_path / "nothing.skops")


def test_the_hash_is_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"wine")
    assert skops_file.sha256_of(path).startswith("32c4feed")

from __future__ import annotations

import copy
import json
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectKBest, f_regression, mutual_info_regression
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer
from sklearn.random_projection import SparseRandomProjection

from pricing.data.records import records_of
from pricing.errors import UnknownSchema, UntrustedArtefact
from pricing.estimators.conformal import ConformalRegressor
from pricing.storage import skops_file
from pricing.storage.any_scorer import load_any_scorer


@pytest.fixture(scope="module")
def file(fitted: ConformalRegressor, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / skops_file.FILE_NAME
    skops_file.save(fitted, path)
    return path


def test_a_saved_baseline_prices_as_before(
    file: Path, fitted: ConformalRegressor, wines: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    expected = fitted.estimate(wines[1])
    pd.testing.assert_frame_equal(skops_file.load(file).estimate(wines[1]), expected, rtol=0, atol=1e-9)
    scored = [each.log_price for each in load_any_scorer(file).score_batch(records_of(wines[1]))]
    assert np.abs(scored - expected["log_price"].to_numpy()).max() < 1e-9


@pytest.mark.parametrize(
    "regressor",
    [
        make_pipeline(OneHotEncoder(), SelectKBest(f_regression, k=3), Ridge()),
        make_pipeline(OneHotEncoder(), SelectKBest(mutual_info_regression, k=3), Ridge()),
        make_pipeline(OneHotEncoder(), SparseRandomProjection(5, random_state=0), Ridge()),
        make_pipeline(OneHotEncoder(), GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=2)),
        make_pipeline(
            OneHotEncoder(),
            GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=2, scoring="neg_root_mean_squared_error"),
        ),
        make_pipeline(OneHotEncoder(sparse_output=False), SplineTransformer(), Ridge()),
    ],
    ids=["k-best", "mutual-information", "projection", "search", "search-rmse", "splines"],
)
def test_what_scikit_learn_brings_can_be_saved(
    regressor: BaseEstimator, fitted: ConformalRegressor, tmp_path: Path
) -> None:
    wines = pd.DataFrame({"country": [*"aabbccddeeffgghh"] * 4})
    model = copy.copy(fitted)
    model.regressor_ = regressor.fit(wines, np.linspace(2, 4, len(wines)))
    skops_file.save(model, tmp_path / "model.skops")
    loaded = skops_file.load(tmp_path / "model.skops")
    assert (loaded.regressor_.predict(wines) == regressor.predict(wines)).all()


def test_what_model_files_hold_types_of_is_one_version_for_every_python() -> None:
    """A model trained on one Python is served on another: scipy 1.17 cannot read a spline of 1.18."""
    lock = tomllib.loads((Path(__file__).parents[3] / "uv.lock").read_text())
    names = [package["name"] for package in lock["package"]]
    for name in ("numpy", "scipy", "scikit-learn", "skops", "lightgbm", "pandas"):
        assert names.count(name) == 1, name


def forged(source: Path, target: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as other:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "schema.json":
                schema = json.loads(content)
                change(schema["content"]["content"])
                content = json.dumps(schema).encode()
            other.writestr(name, content)
    return target


def node(module: str, name: str, loader: str) -> dict[str, Any]:
    return {"__class__": name, "__module__": module, "__loader__": loader, "__id__": 1, "content": {
        "module_path": module, "function": name}}  # fmt: skip


@pytest.mark.parametrize(
    ("module", "name", "loader"),
    [
        ("os", "system", "FunctionNode"), ("builtins", "eval", "FunctionNode"),
        ("sklearn.utils", "check_random_state", "FunctionNode"),
        ("sklearn.datasets", "fetch_openml", "FunctionNode"),
        ("sklearn.metrics._regression", "check_array", "FunctionNode"),
        ("sklearn.externals._numpydoc.docscrape", "FunctionDoc", "TypeNode"),
        ("subprocess", "Popen", "TypeNode"), ("tests.unit.estimators.team_models", "boosted", "FunctionNode"),
    ],
)  # fmt: skip
def test_a_file_with_anything_but_classes_of_scikit_learn_is_refused(
    file: Path, tmp_path: Path, module: str, name: str, loader: str
) -> None:
    bad = forged(file, tmp_path / "bad.skops", lambda state: state.update(evil=node(module, name, loader)))
    for load in (skops_file.load, load_any_scorer):
        with pytest.raises(UntrustedArtefact):
            load(bad)


def test_another_schema_version_is_refused(fitted: ConformalRegressor, tmp_path: Path) -> None:
    older = copy.copy(fitted)
    older.schema_version_ = 1
    skops_file.save(older, tmp_path / "old.skops")
    with pytest.raises(UnknownSchema):
        load_any_scorer(tmp_path / "old.skops")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / skops_file.FILE_NAME
    path.write_bytes(b"no zip")
    with pytest.raises(UntrustedArtefact):
        load_any_scorer(path)


def test_without_scikit_learn_the_message_says_what_to_install(file: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "sys.modules['sklearn'] = None; sys.modules['skops'] = None\n"
        "from pricing.storage.any_scorer import load_any_scorer\n"
        "from pricing.errors import ArtefactError\n"
        f"try: load_any_scorer(Path({str(file)!r}))\n"
        "except ArtefactError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "Install the dependency group `estimators`" in done.stdout

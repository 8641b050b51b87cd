"""A saved model, read without skops, scores as it does through skops, and nothing else is read."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io

from pricing.data.cleaning import clean
from pricing.data.records import records_of
from pricing.errors import ArtefactError, UnknownSchema, UntrustedArtefact
from pricing.estimator import WinePriceRegressor
from pricing.storage import skops_file
from pricing.storage.reader import ESTIMATOR, load_scorer
from pricing.synthetic.reviews import reviews
from pricing.wine.schema import FIELDS
from tests.serving_kit.models import fitted_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "model.skops"
    found.write_bytes(fitted_file())
    return found


def rewritten(path: Path, *, whole: Any = None, **changes: Any) -> Path:
    """The file with some attributes of its estimator's node changed, or with another node for them all."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(files["schema.json"])
    schema["content"]["content"] |= changes
    if whole is not None:
        schema["content"] = whole
    files["schema.json"] = json.dumps(schema).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_it_scores_as_through_skops(path: Path) -> None:
    wines = records_of(clean(reviews(60, seed=5))[0])
    through_skops: WinePriceRegressor = skops.io.load(path, trusted=[".".join(ESTIMATOR)])
    expected = through_skops.scorer().score_batch(wines)
    assert load_scorer(path).score_batch(wines) == expected
    estimator = skops_file.load(path)
    assert estimator.scorer().score_batch(wines) == expected
    assert vars(estimator).keys() == vars(through_skops).keys()


def test_both_ways_trust_the_same_type_alone() -> None:
    assert ".".join(ESTIMATOR) == skops_file.TRUSTED_TYPES[0]


def test_another_schema_version_is_refused(path: Path) -> None:
    version = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": "999"}
    with pytest.raises(UnknownSchema, match="999"):
        load_scorer(rewritten(path, schema_version_=version))


@pytest.mark.parametrize("loader", ["ObjectNode", "FunctionNode", "MethodNode", "TypeNode", "ReduceNode"])
def test_a_node_that_names_code_is_refused(path: Path, loader: str) -> None:
    node = {"__class__": "system", "__module__": "os", "__loader__": loader, "content": "true"}
    with pytest.raises(UntrustedArtefact, match=r"os\.system"):
        load_scorer(rewritten(path, state_=node))


def test_attributes_that_are_no_attributes_are_refused(path: Path) -> None:
    node = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": "[1]"}
    damaged = rewritten(path, whole=node)
    for load in (load_scorer, skops_file.load):
        with pytest.raises(UntrustedArtefact, match="attributes are a list"):
            load(damaged)


def test_another_object_and_other_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    with pytest.raises(ArtefactError, match="no saved model"):
        load_scorer(path)
    skops.io.dump({"weights": np.zeros(3)}, path)
    with pytest.raises(UntrustedArtefact, match="dict"):
        load_scorer(path)
    path.write_bytes(fitted_file()[:5_000])
    with pytest.raises(UntrustedArtefact, match="not a model"):
        load_scorer(path)


def test_a_model_is_loaded_without_skops(path: Path) -> None:
    load = f"skops_file.load(Path({str(path)!r}))"
    code = f"from pathlib import Path; from pricing.storage import skops_file; {load}"
    checked = f"{code}; import sys; print('skops' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", checked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_parameter_that_is_no_plain_value_is_not_saved(tmp_path: Path) -> None:
    wines, _ = clean(reviews(200, seed=1))
    estimator = WinePriceRegressor(rounds=5, random_state=np.random.RandomState(0))
    estimator.fit(wines[list(FIELDS)], np.log(wines["price"]))
    with pytest.raises(UntrustedArtefact, match="RandomState"):
        skops_file.save(estimator, tmp_path / "model.skops")
    assert not (tmp_path / "model.skops").exists()


def test_the_service_starts_without_the_libraries_that_only_training_needs() -> None:
    heavy = ("sklearn", "skops", "pandas", "lightgbm", "scipy.stats", "mlflow")
    code = f"import sys, serving.__main__; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

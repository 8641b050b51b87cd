"""What goes into the images: only what is named, and an inventory of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from deployments.images import licences

PROJECT = Path(__file__).resolve().parents[3]
FOREIGN = {
    "prefect", "evidently", "mlflow", "optuna", "dask",  # of the flows
    "scikit-learn", "pandas", "skops", "joblib",  # of training
}  # fmt: skip
IMPORTS = """
import pkgutil, sys
from importlib import import_module
from importlib.machinery import PathFinder
class Image(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {absent} else super().find_spec(name, path, target)
sys.meta_path[:] = [Image if finder is PathFinder else finder for finder in sys.meta_path]
import serving
for module in pkgutil.walk_packages(serving.__path__, "serving."):
    if not module.name.endswith("__main__"):
        import_module(module.name)
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from pricing.model.lightgbm_library import load_lightgbm
load_lightgbm()
"""
"""All that the service imports and loads, where only the packages of its image are to be found."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("sbom")
    subprocess.run([PROJECT / "deployments/images/sbom.sh", made], check=True, capture_output=True)
    return made


@pytest.fixture(scope="module")
def inventories(folder: Path) -> dict[str, set[str]]:
    return {
        path.name.partition(".")[0]: {part["name"] for part in json.loads(path.read_text())["components"]}
        for path in folder.glob("*.cdx.json")
    }


def test_service_holds_no_orchestration_and_no_full_mlflow(inventories: dict[str, set[str]]) -> None:
    assert {"litestar", "numpy", "mlflow-skinny"} <= inventories["serving"]
    assert not FOREIGN & inventories["serving"]


def test_inventory_lists_what_is_installed_in_the_image(inventories: dict[str, set[str]]) -> None:
    """The file of the image leaves packages out; each of them is one that the lock knows."""
    text = (PROJECT / "deployments/huggingface/Dockerfile").read_text()
    left_out = set(re.findall(r"--no-install-package ([a-z0-9-]+)", text))
    assert "rich" in left_out
    assert not left_out & inventories["serving"]
    assert left_out <= inventories["flows"]


def test_service_imports_nothing_that_its_image_lacks(inventories: dict[str, set[str]]) -> None:
    absent = {
        name
        for name, packages in packages_distributions().items()
        if not {re.sub("[-_.]+", "-", each).lower() for each in packages} & inventories["serving"]
    } - {"serving", "pricing", "configuration"}
    assert {"sklearn", "pandas", "skops"} <= absent
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS.replace("{absent}", repr(absent))],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_tracker_holds_its_driver_and_no_orchestration(inventories: dict[str, set[str]]) -> None:
    assert {"mlflow", "psycopg2-binary", "boto3"} <= inventories["tracker"]
    assert not {"prefect", "litestar", "evidently"} & inventories["tracker"]


def test_flows_hold_their_engines_and_no_service(inventories: dict[str, set[str]]) -> None:
    assert {"prefect", "prefect-aws", "prefect-dask", "mlflow", "evidently"} <= inventories["flows"]
    assert not {"ruff", "mypy", "moto", "playwright"} & inventories["flows"]
    assert inventories["host"] == inventories["flows"] | inventories["tracker"]


def test_page_lists_the_licences(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert licences.main([str(folder)]) == 0
    assert capsys.readouterr().out in (PROJECT / "docs/supply-chain.md").read_text()


def test_every_package_states_a_licence_that_asks_no_more_than_a_notice(
    inventories: dict[str, set[str]],
) -> None:
    kinds = {name: licences.licence_of(name) for names in inventories.values() for name in names}
    refused = {name for name, kind in kinds.items() if kind in {"AGPL", "GPL", licences.UNKNOWN}}
    assert refused == set()


def test_what_is_known_of_packages_for_some_pythons_is_what_they_state_where_they_are() -> None:
    found = {name: licences.licence_of(name) for name in licences.FOR_SOME_PYTHONS}
    assert found == licences.FOR_SOME_PYTHONS


def test_tests_and_linters_are_in_no_inventory(inventories: dict[str, set[str]]) -> None:
    for name in ("serving", "tracker"):
        assert not {"pytest", "ruff", "mypy", "moto", "playwright"} & inventories[name]


def test_context_of_the_images_leaves_secrets_and_state_out() -> None:
    lines = (PROJECT / ".dockerignore").read_text().split()
    assert lines[0] == "*"
    assert not {".env", ".local", "tests"} & {line.lstrip("!") for line in lines}

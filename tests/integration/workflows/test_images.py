"""What goes into the images: only what is named, and an inventory of it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def inventories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    path = f"{os.environ['PATH']}:{PROJECT / '.local/tools/bin'}"  # where `make env` installs uv if it must
    folder = tmp_path_factory.mktemp("sbom")
    subprocess.run([PROJECT / "deployments/images/sbom.sh", folder], env={**os.environ, "PATH": path},
                   check=True, capture_output=True)  # fmt: skip
    return {
        path.name.partition(".")[0]: {part["name"] for part in json.loads(path.read_text())["components"]}
        for path in folder.glob("*.cdx.json")
    }


def test_service_holds_no_orchestration_and_no_full_mlflow(inventories: dict[str, set[str]]) -> None:
    assert {"litestar", "lightgbm", "skops", "mlflow-skinny"} <= inventories["serving"]
    assert not {"prefect", "evidently", "mlflow", "optuna", "dask"} & inventories["serving"]


def test_tracker_holds_its_driver_and_no_orchestration(inventories: dict[str, set[str]]) -> None:
    assert {"mlflow", "psycopg2-binary", "boto3"} <= inventories["tracker"]
    assert not {"prefect", "litestar", "evidently"} & inventories["tracker"]


def test_tests_and_linters_are_in_no_inventory(inventories: dict[str, set[str]]) -> None:
    for name in ("serving", "tracker"):
        assert not {"pytest", "ruff", "mypy", "moto", "playwright"} & inventories[name]


def test_context_of_the_images_leaves_secrets_and_state_out() -> None:
    lines = (PROJECT / ".dockerignore").read_text().split()
    assert lines[0] == "*"
    assert not {".env", ".local", "tests"} & {line.lstrip("!") for line in lines}

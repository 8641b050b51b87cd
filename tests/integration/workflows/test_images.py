"""What goes into the images: only what is named, and an inventory of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from deployments.images import licences

PROJECT = Path(__file__).resolve().parents[3]


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
    assert {"litestar", "lightgbm", "skops", "mlflow-skinny"} <= inventories["serving"]
    assert not {"prefect", "evidently", "mlflow", "optuna", "dask"} & inventories["serving"]


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


def test_tests_and_linters_are_in_no_inventory(inventories: dict[str, set[str]]) -> None:
    for name in ("serving", "tracker"):
        assert not {"pytest", "ruff", "mypy", "moto", "playwright"} & inventories[name]


def test_context_of_the_images_leaves_secrets_and_state_out() -> None:
    lines = (PROJECT / ".dockerignore").read_text().split()
    assert lines[0] == "*"
    assert not {".env", ".local", "tests"} & {line.lstrip("!") for line in lines}

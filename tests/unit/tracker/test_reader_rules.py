"""What an account that only reads may ask."""

from __future__ import annotations

import pytest

from tracker.reader_rules import may_read

API = "/api/2.0/mlflow"
FILES = "/api/2.0/mlflow-artifacts/artifacts"
MODEL = "1/models/m-0123456789abcdef/artifacts"


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        (f"{API}/registered-models/alias", ""),
        (f"{API}/model-versions/get", ""),
        (f"{API}/model-versions/get-download-uri", ""),
        (f"{API}/logged-models/m-0123456789abcdef", ""),
        (FILES, MODEL),
        (f"{FILES}/{MODEL}/model.skops", ""),
        (f"/api/2.0/mlflow-artifacts/presigned/{MODEL}/model.skops", ""),
        ("/version", ""),
    ],
)
def test_models_are_read(path: str, folder: str) -> None:
    assert may_read("GET", path, folder)


@pytest.mark.parametrize(
    ("method", "path", "folder"),
    [
        ("POST", f"{API}/experiments/create", ""),
        ("POST", f"{API}/registered-models/create", ""),
        ("POST", f"{API}/registered-models/alias", ""),
        ("DELETE", f"{API}/registered-models/alias", ""),
        ("POST", f"{API}/runs/search", ""),
        ("GET", f"{API}/experiments/search", ""),
        ("GET", f"{API}/runs/get", ""),
        ("GET", f"{API}/users/list", ""),
        ("PATCH", f"{API}/users/update-password", ""),
        ("GET", FILES, ""),
        ("GET", FILES, "1"),
        ("GET", FILES, "1/0123456789abcdef/artifacts"),
        ("GET", FILES, f"{MODEL}/../../../0123456789abcdef/artifacts"),
        ("GET", f"{FILES}/1/0123456789abcdef/artifacts/holdout.parquet", ""),
        ("GET", f"{FILES}/{MODEL}/../../../0123/artifacts/holdout.parquet", ""),
        ("PUT", f"{FILES}/{MODEL}/model.skops", ""),
        ("DELETE", f"{FILES}/{MODEL}/model.skops", ""),
        ("GET", "/", ""),
        ("GET", "/ajax-api/2.0/mlflow/experiments/search", ""),
    ],
)
def test_everything_else_is_refused(method: str, path: str, folder: str) -> None:
    assert not may_read(method, path, folder)

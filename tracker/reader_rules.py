"""What an account that only reads may ask: which version an alias names, and the files of models."""

from __future__ import annotations

import re
from typing import Final

QUESTIONS: Final = re.compile(
    r"/api/2\.0/mlflow/(registered-models/(get|alias)|model-versions/(get|get-download-uri)"
    r"|logged-models/m-[0-9a-f]+|logged-models/m-[0-9a-f]+/artifacts/directories|users/current)"
)
OF_A_MODEL: Final = re.compile(
    r"/(?:ajax-)?api/2\.0/mlflow/(registered-models/(get|alias)|model-versions/(get|get-download-uri))"
)
LISTING: Final = "/api/2.0/mlflow-artifacts/artifacts"
FILES: Final = re.compile(r"/api/2\.0/mlflow-artifacts/(?:artifacts|presigned)/(.+)")
MODEL_FILES: Final = re.compile(r"\d+/models/m-[0-9a-f]+/artifacts(/.*)?")
"""Where MLflow keeps the files of a logged model: beside those of runs, which are no reader's business."""


def may_read(method: str, path: str, folder: str = "") -> bool:
    """Whether a reader may make this request; `folder` is its query parameter `path`."""
    if method not in ("GET", "HEAD"):
        return False
    if path == LISTING:
        return _of_a_model(folder)
    if file := FILES.fullmatch(path):
        return _of_a_model(file[1])
    return QUESTIONS.fullmatch(path) is not None or path == "/version"


def names_a_model(path: str) -> bool:
    """Whether a question on this path is about the registered model of its query parameter `name`."""
    return OF_A_MODEL.fullmatch(path) is not None


def _of_a_model(path: str) -> bool:
    return MODEL_FILES.fullmatch(path) is not None and ".." not in path.split("/")

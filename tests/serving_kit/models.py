"""A small model, and the files of a version of it: whole, or wrong in one way."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import yaml

from pricing.data.cleaning import clean
from pricing.estimator import WinePriceRegressor
from pricing.storage import skops_file
from pricing.synthetic.reviews import reviews
from pricing.wine.schema import FIELDS, MODEL_NAME, REQUIRED_FIELDS, SCHEMA_VERSION
from serving.models.cache import ModelCache
from serving.models.loading import VersionRef

ROWS = 800
CARD = {
    "model_name": MODEL_NAME,
    "data": {"synthetic": True, "train_rows": ROWS, "language": "en"},
    "metrics": {"test_rmse_log_scale": 0.4},
    "limits": ["Trained on generated reviews: its prices mean nothing."],
}


@cache
def fitted_file() -> bytes:
    """The artefact of a model that was fitted once for all tests."""
    wines, _ = clean(reviews(ROWS, seed=1))
    estimator = WinePriceRegressor(random_state=1).fit(wines[list(FIELDS)], np.log(wines["price"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / skops_file.FILE_NAME
        skops_file.save(estimator, path)
        return path.read_bytes()


def write_version(
    folder: Path,
    *,
    schema_version: int = SCHEMA_VERSION,
    tamper: bool = False,
    artefact_bytes: bytes | None = None,
) -> dict[str, str]:
    """Put the files of a version into `folder`; the tags that belong to them."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / skops_file.FILE_NAME
    path.write_bytes(fitted_file() if artefact_bytes is None else artefact_bytes)
    sha256 = skops_file.sha256_of(path)
    if tamper:
        whole = path.read_bytes()
        path.write_bytes(whole[:1000] + bytes([whole[1000] ^ 1]) + whole[1001:])
    metadata = {"schema_version": schema_version, "artefact_sha256": sha256, "model_card": CARD}
    (folder / "MLmodel").write_text(yaml.safe_dump({"metadata": metadata}), "utf-8")
    example: dict[str, Any] = {
        "country": "France",
        "description": "Ripe plum and cedar with firm tannins.",
        "province": "Bordeaux",
        "millesime": "2015",
    }
    assert tuple(sorted(example)) == tuple(sorted(REQUIRED_FIELDS))
    split = {"columns": list(example), "data": [list(example.values())]}
    (folder / "input_example.json").write_bytes(msgspec.json.encode(split))
    return {"schema_version": str(schema_version), "artefact_sha256": sha256, "data_synthetic": "true"}


def keep_in_cache(state: Path, version: str = "1") -> None:
    """Leave a model where a service looks for the last one it served."""
    cache_ = ModelCache(state / "models")
    workspace = cache_.workspace()
    tags = write_version(workspace)
    cache_.keep(VersionRef(MODEL_NAME, version, tags), workspace)


class FolderRegistry:
    """A registry in memory and on disk: what MLflow is to the reloader."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.aliases: dict[str, str] = {}
        self.refs: dict[str, VersionRef] = {}
        self.downloads = 0

    def add(self, version: str, alias: str | None = None, **wrong: Any) -> VersionRef:
        tags = write_version(self.folder / version, **wrong)
        self.refs[version] = VersionRef(MODEL_NAME, version, tags)
        if alias:
            self.aliases[alias] = version
        return self.refs[version]

    def version_of(self, alias: str) -> VersionRef | None:
        version = self.aliases.get(alias)
        return self.refs[version] if version else None

    def download(self, ref: VersionRef, folder: Path) -> None:
        self.downloads += 1
        shutil.copytree(self.folder / ref.version, folder, dirs_exist_ok=True)

"""A service as an operator starts it, with a small model on its disk and no registry."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import numpy as np
import yaml

from pricing import artefact
from pricing.cleaning import clean
from pricing.estimator import WinePriceRegressor
from pricing.schema import FIELDS, MODEL_NAME, SCHEMA_VERSION
from pricing.synthetic import reviews
from serving.model_cache import ModelCache
from serving.served_model import MODEL_FILE, VersionRef
from tests.integration.tracker.cluster import free_port

API_KEY = "a-key-for-the-browser-tests"
ROWS = 1_500
PATIENCE_S = 60


def keep_model(state: Path) -> None:
    """Train on generated reviews and leave the model where a service looks for the last one it served."""
    wines, _ = clean(reviews(ROWS, seed=1))
    estimator = WinePriceRegressor(random_state=1).fit(wines[list(FIELDS)], np.log(wines["price"]))
    cache = ModelCache(state / "models")
    folder = cache.workspace()
    artefact.save(estimator, folder / MODEL_FILE)
    sha256 = artefact.sha256_of(folder / MODEL_FILE)
    card = {
        "data": {"synthetic": True, "train_rows": len(wines), "language": "en"},
        "metrics": {"test_median_ape": 0.21},
    }
    metadata = {"schema_version": SCHEMA_VERSION, "artefact_sha256": sha256, "model_card": card}
    (folder / "MLmodel").write_text(yaml.safe_dump({"metadata": metadata}), "utf-8")
    example = {name: str(wines[name].iloc[0]) for name in ("country", "description", "province", "millesime")}
    columns, row = list(example), list(example.values())
    (folder / "input_example.json").write_bytes(msgspec.json.encode({"columns": columns, "data": [row]}))
    tags = {"schema_version": str(SCHEMA_VERSION), "artefact_sha256": sha256, "data_synthetic": "true"}
    cache.keep(VersionRef(name=MODEL_NAME, version="3", tags=tags), folder)


@contextmanager
def serving(state: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """The address of a service that is ready; it ends with the block."""
    port = free_port()
    env = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
        "SERVING_PORT": str(port),
        "SERVING_STATE_DIR": str(state),
        **settings,
    }
    with (state / "log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", "serving"], env=env, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, address, state / "log")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{address}/health").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)  # nothing tells when a process starts to listen
    raise AssertionError(log.read_text())

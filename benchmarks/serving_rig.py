"""The servers that are compared, all with one model, and the bodies that they are asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
from mlflow.models import Model

from flows.training.wine_flavor import mlflow_flavor
from pricing import artefact
from pricing.cleaning import clean
from pricing.estimator import WinePriceRegressor
from pricing.schema import FIELDS, MODEL_NAME, OPTIONAL_FIELDS, SCHEMA_VERSION
from pricing.synthetic import reviews
from serving.model_cache import ModelCache
from serving.served_model import VersionRef
from tests.ports import free_port

FILES = (("winemag-130k-train.csv.gz", "winemag-130k-test.csv.gz"), ("winemag-train.csv", "winemag-test.csv"))
SERVER_CORE, LOAD_CORE = 0, 1
PATIENCE_S = 120

Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Bench:
    """What all servers share: the model's folder, the state folder of the service, and the bodies."""

    folder: Path
    trained_on: str

    @property
    def model(self) -> Path:
        return self.folder / "model"

    @property
    def state(self) -> Path:
        return self.folder / "state"


def prepare(folder: Path) -> Bench:
    """Fit the model, keep it where each server finds it, and write the bodies."""
    train, test, name = read_reviews()
    estimator = fitted(train)
    example = train[list(FIELDS)].head(3)
    mlflow_flavor.save_model(
        str(folder / "model"),
        Model(),
        estimator=estimator,
        example=example,
        card={},
        validate_serving_input=False,
    )
    sha256 = artefact.sha256_of(folder / "model" / artefact.FILE_NAME)
    cache = ModelCache(folder / "state" / "models")
    workspace = cache.workspace()
    for file in ("MLmodel", artefact.FILE_NAME, "input_example.json", "serving_input_example.json"):
        if (folder / "model" / file).is_file():
            (workspace / file).write_bytes((folder / "model" / file).read_bytes())
    tags = {"schema_version": str(SCHEMA_VERSION), "artefact_sha256": sha256}
    cache.keep(VersionRef(MODEL_NAME, "1", tags), workspace)
    wines = [wine(row) for row in test[list(FIELDS)].head(2_000).to_dict("records")]
    write_lines(folder / "wines.jsonl", wines)
    write_lines(folder / "records.jsonl", [{"dataframe_records": [full(one)]} for one in wines])
    return Bench(folder, name)


def fitted(train: pd.DataFrame) -> WinePriceRegressor:
    """A model of the training rows, or the one in BENCH_MODEL (a `model.skops`), which saves the fit."""
    if kept := os.environ.get("BENCH_MODEL"):
        return artefact.load(Path(kept))
    return WinePriceRegressor(random_state=0).fit(train[list(FIELDS)], np.log(train["price"]))


def read_reviews() -> tuple[pd.DataFrame, pd.DataFrame, str]:
    data = os.environ.get("DATA") or os.environ.get("ARTIFACT_DATA")
    for train, test in FILES if data else ():
        paths = Path(str(data)) / train, Path(str(data)) / test
        if all(path.is_file() for path in paths):
            frames = [clean(pd.read_csv(path))[0] for path in paths]
            return frames[0], frames[1], f"{train}, {len(frames[0]):,} rows"
    frame, _ = clean(reviews(6_000, seed=0))
    return frame.iloc[:-1_000], frame.iloc[-1_000:], "synthetic reviews"


def wine(record: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in record.items() if pd.notna(value) and value != ""}
    return {"country": "", "description": "", "province": "", "millesime": "", **given}


def full(record: dict[str, Any]) -> dict[str, Any]:
    return {**dict.fromkeys(OPTIONAL_FIELDS), **record}


def write_lines(path: Path, objects: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(one, default=float) + "\n" for one in objects))


@contextmanager
def server(
    command: list[str], url: str, env: dict[str, str] | None = None
) -> Iterator[tuple[float, Process]]:
    """Seconds until `url` answered 200, and the process, which is ended with the block."""
    own = {**os.environ, "OMP_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true", **(env or {})}
    began = time.perf_counter()
    running = subprocess.Popen(
        [*pinned(SERVER_CORE), *command], env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not answers(url):
            if running.poll() is not None or time.perf_counter() - began > PATIENCE_S:
                raise RuntimeError(f"{' '.join(command)} does not answer at {url}; run it by hand to see why")
            time.sleep(0.02)
        yield time.perf_counter() - began, running
    finally:
        running.terminate()
        running.wait(30)


@contextmanager
def no_model() -> Iterator[int]:
    port = free_port()
    with server([sys.executable, "-m", "benchmarks.no_model", str(port)], f"http://127.0.0.1:{port}/schema"):
        yield port


@contextmanager
def service(bench: Bench, database: str) -> Iterator[tuple[int, float, Process]]:
    port = free_port()
    env = {"SERVING_PORT": str(port), "SERVING_STATE_DIR": str(bench.state), "NEON_URI": database}
    with server([sys.executable, "-m", "serving"], f"http://127.0.0.1:{port}/health", env) as (
        ready,
        process,
    ):
        yield port, ready, process


@contextmanager
def mlflow_serve(bench: Bench) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(bench.model), "-p", str(port)]
    allowed = {
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "true",  # what MLflow calls skops, too
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # it starts uvicorn by name
        "PYTHONPATH": str(Path.cwd()),
    }
    with server(
        [*command, "--env-manager", "local", "--workers", "1"], f"http://127.0.0.1:{port}/ping", allowed
    ):
        yield port


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code in {200, 404}
    except httpx.TransportError:
        return False


def pinned(core: int) -> list[str]:
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > max(SERVER_CORE, LOAD_CORE) else []

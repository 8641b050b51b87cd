"""The servers that are compared, all with one model, and the bodies that they are asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import psutil
from mlflow.models import Model

from flows.registry.wine_flavor import mlflow_flavor
from pricing.data.cleaning import clean
from pricing.estimator import WinePriceRegressor
from pricing.storage import skops_file
from pricing.synthetic.reviews import reviews
from pricing.wine.schema import FIELDS, MODEL_NAME, OPTIONAL_FIELDS, SCHEMA_VERSION
from serving.models.cache import ModelCache
from serving.models.loading import VersionRef
from tests.ports import free_port

FILES = (("winemag-130k-train.csv.gz", "winemag-130k-test.csv.gz"), ("winemag-train.csv", "winemag-test.csv"))
SERVER_CORE, LOAD_CORE = 0, 1
PATIENCE_S = 120

Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Server:
    """A server that answers, and the seconds until it did."""

    port: int
    ready: float
    process: Process

    def cpu_seconds(self) -> float:
        """CPU time that it and its children have used."""
        times = [one.cpu_times() for one in self._processes()]
        return sum(one.user + one.system for one in times)

    def peak_megabytes(self) -> float:
        """Most memory ever resident: the sum over its processes."""
        statuses = [Path(f"/proc/{one.pid}/status").read_text() for one in self._processes()]
        return sum(int(text.split("VmHWM:")[1].split()[0]) for text in statuses) / 1024

    def _processes(self) -> list[psutil.Process]:
        first = psutil.Process(self.process.pid)
        return [first, *first.children(recursive=True)]


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
    """Fit the model or take the one given, keep it where each server finds it, and write the bodies."""
    estimator, test, name = model_and_test()
    example = test[list(FIELDS)].head(3)
    mlflow_flavor.save_model(
        str(folder / "model"),
        Model(),
        estimator=estimator,
        example=example,
        card={},
        validate_serving_input=False,
    )
    sha256 = skops_file.sha256_of(folder / "model" / skops_file.FILE_NAME)
    cache = ModelCache(folder / "state" / "models")
    workspace = cache.workspace()
    for file in ("MLmodel", skops_file.FILE_NAME, "input_example.json", "serving_input_example.json"):
        if (folder / "model" / file).is_file():
            (workspace / file).write_bytes((folder / "model" / file).read_bytes())
    tags = {"schema_version": str(SCHEMA_VERSION), "artefact_sha256": sha256}
    cache.keep(VersionRef(MODEL_NAME, "1", tags), workspace)
    wines = [wine(row) for row in test[list(FIELDS)].head(2_000).to_dict("records")]
    write_lines(folder / "wines.jsonl", wines)
    write_lines(folder / "records.jsonl", [{"dataframe_records": [full(one)]} for one in wines])
    return Bench(folder, name)


def model_and_test() -> tuple[WinePriceRegressor, pd.DataFrame, str]:
    """The model in BENCH_MODEL (a `model.skops`), which saves the fit, or one of the training rows."""
    train, test = files()
    if kept := os.environ.get("BENCH_MODEL"):
        return skops_file.load(Path(kept)), test(), f"{Path(kept).name}, which was given"
    frame, name = train()
    estimator = WinePriceRegressor(random_state=0).fit(frame[list(FIELDS)], np.log(frame["price"]))
    return estimator, test(), name


def files() -> tuple[Callable[[], tuple[pd.DataFrame, str]], Callable[[], pd.DataFrame]]:
    """How to read the training rows, with their name, and the test rows."""
    data = os.environ.get("DATA") or os.environ.get("ARTIFACT_DATA")
    for train, test in FILES if data else ():
        paths = Path(str(data)) / train, Path(str(data)) / test
        if all(path.is_file() for path in paths):
            return partial(_named, paths[0]), partial(_read, paths[1])
    frame, _ = clean(reviews(6_000, seed=0))
    return lambda: (frame.iloc[:-1_000], "synthetic reviews"), lambda: frame.iloc[-1_000:]


def _named(path: Path) -> tuple[pd.DataFrame, str]:
    frame = _read(path)
    return frame, f"{path.name}, {len(frame):,} rows"


def _read(path: Path) -> pd.DataFrame:
    return clean(pd.read_csv(path))[0]


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
    own = {**environment(), **(env or {})}
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


def environment() -> dict[str, str]:
    """What every server starts with. Bytecode is kept, as an installation does."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "OMP_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}


@contextmanager
def no_model() -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.no_model", str(port)]
    with server(command, f"http://127.0.0.1:{port}/schema") as (ready, process):
        yield Server(port, ready, process)


@contextmanager
def service(bench: Bench, database: str) -> Iterator[Server]:
    """The service with its model cached. Its registry is away, so that it holds the registry's client too."""
    port = free_port()
    env = {
        "SERVING_PORT": str(port),
        "SERVING_STATE_DIR": str(bench.state),
        "NEON_URI": database,
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}",
    }
    subprocess.run([sys.executable, "-c", "import serving.__main__"], env=environment(), check=True)
    command = [sys.executable, "-m", "serving"]
    url = f"http://127.0.0.1:{port}/health"
    with server(command, url, env) as (ready, process):
        while httpx.get(url).json()["registry"]["problem"] is None:
            time.sleep(0.1)  # until then a thread imports the registry's client
        yield Server(port, ready, process)


@contextmanager
def mlflow_serve(bench: Bench) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", str(bench.model), "-p", str(port)]
    allowed = {
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "true",  # what MLflow calls skops, too
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",  # it starts uvicorn by name
        "PYTHONPATH": str(Path.cwd()),
    }
    command += ["--env-manager", "local", "--workers", "1"]
    with server(command, f"http://127.0.0.1:{port}/ping", allowed) as (ready, process):
        yield Server(port, ready, process)


@contextmanager
def mlserver(bench: Bench, program: str) -> Iterator[Server]:
    """MLServer by its `program`, from an environment that holds the model's requirements as well."""
    folder, port = bench.folder / "mlserver", free_port()
    folder.mkdir()
    ports = {"http_port": port, "grpc_port": free_port(), "metrics_port": free_port()}
    settings = {"host": "127.0.0.1", "parallel_workers": 0, **ports}
    model = {"name": "wine", "implementation": "mlserver_mlflow.MLflowRuntime"}
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "model-settings.json").write_text(
        json.dumps({**model, "parameters": {"uri": str(bench.model)}})
    )
    allowed = {"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "true", "PYTHONPATH": str(Path.cwd())}
    with server([program, "start", str(folder)], f"http://127.0.0.1:{port}/v2/health/ready", allowed) as made:
        while httpx.get(f"http://127.0.0.1:{port}/v2/models/wine/ready").status_code != httpx.codes.OK:
            time.sleep(0.02)  # the server is ready before its model is
        yield Server(port, *made)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code in {200, 404}
    except httpx.TransportError:
        return False


def pinned(core: int) -> list[str]:
    return ["taskset", "-c", str(core)] if (os.cpu_count() or 1) > max(SERVER_CORE, LOAD_CORE) else []

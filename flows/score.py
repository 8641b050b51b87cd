"""The flow `score`: a catalogue in, the same with prices out."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Final

import mlflow
from prefect import State, flow, get_run_logger, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed, Failed

from configuration.errors import SettingsError
from flows import artifacts
from flows.errors import FlowError, ProductionUnusable
from flows.markdown import table
from flows.registry import tracker, versions
from flows.registry.contract import PRODUCTION
from flows.registry.model_registry import Registry
from flows.scoring.catalogue import Catalogue, catalogue, format_of
from flows.scoring.chunk import Chunk, Part, Recipe, score_chunk, scorer_of
from flows.scoring.engine import Pending
from flows.scoring.job import SavedModel, Tally, bad_rows_path, score_catalogue, score_with
from flows.settings import FlowSettings
from pricing.errors import DataError, PricingError

SCORE_KEY: Final = "wine-score"
_AHEAD_ON_DASK: Final = 16


@flow(name="score", description="Prices a catalogue of wines.")
def score(
    *,
    catalogue_uri: str,
    output_uri: str,
    model_alias: str = PRODUCTION,
    workers: int = 2,
) -> State[Any]:
    """Add price, interval, expected error and model version to every wine of `catalogue_uri`.

    Both URIs are `.csv`, `.csv.gz` or `.parquet` on a local path or on S3. Rows that are no wines go to
    `<output>.bad.csv` with the reason. A run that was killed goes on where it stopped. Chunks are scored in
    `workers` processes of this host, or on the Dask cluster at DASK_ADDRESS where that is set.
    """
    try:
        settings = FlowSettings.from_env(os.environ)
        check_output(output_uri)
        wines = catalogue(catalogue_uri)
        tracker.connect(settings)
        with tempfile.TemporaryDirectory() as folder:
            model = _model(Registry(mlflow.MlflowClient()), model_alias, folder)
            tally = (
                score_catalogue(wines, output_uri, model, workers=workers)
                if settings.dask_address is None
                else _on_dask(settings.dask_address, wines, output_uri, model)
            )
    except (FlowError, SettingsError, PricingError) as error:
        get_run_logger().error("%s", error)
        return Failed(message=str(error))
    report = _report(catalogue_uri, output_uri, model.version, tally)
    artifacts.show(SCORE_KEY, report, description="Scored catalogue")
    return Completed(message=f"{tally.scored:,} wines priced, {tally.refused:,} rows refused.")


def check_output(output: str) -> None:
    """Raises DataError for an output that cannot be written."""
    format_of(output)
    if output.endswith(".gz"):
        raise DataError(f"{output} is compressed; the output is written as .csv or .parquet.")


def _on_dask(address: str, wines: Catalogue, output: str, model: SavedModel) -> Tally:
    # Imported where it is asked for: the group `dask` need not be installed.
    from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415

    runner: Any = DaskTaskRunner(address=address)
    content, recipe = model.path.read_bytes(), Recipe(model.version, format_of(output))

    @flow(name="score-on-dask", task_runner=runner)
    def on_cluster() -> Tally:
        def submit(chunk: Chunk) -> Pending:
            return score_remotely.submit(chunk, content, model.sha256, recipe)

        return score_with(submit, wines, output, model, ahead=_AHEAD_ON_DASK)

    return on_cluster()


@task(name="score-chunk", cache_policy=NO_CACHE, persist_result=False)
def score_remotely(chunk: Chunk, model: bytes, sha256: str, recipe: Recipe) -> Part:
    """Score a chunk on a worker that has nothing but this code: the model comes with it, and is kept."""
    path = Path(tempfile.gettempdir()) / f"wine-model-{sha256}.skops"
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(model)
        unfinished.replace(path)
    return score_chunk(chunk, scorer_of(str(path)), recipe)


def _model(registry: Registry, alias: str, folder: str) -> SavedModel:
    """The saved model under an alias, downloaded and verified."""
    version = versions.under_alias(registry, alias)
    try:
        saved = versions.download(registry, version, Path(folder))
    except versions.UNUSABLE as error:
        raise ProductionUnusable(f"Version {version.version} cannot be used: {error}") from error
    return SavedModel(saved.file, saved.number, saved.sha256)


def _report(catalogue_uri: str, output_uri: str, version: str, tally: Tally) -> str:
    rate = tally.scored / max(tally.seconds, 1e-9)
    refused = f"{tally.refused:,}" + (f", see `{bad_rows_path(output_uri)}`" if tally.refused else "")
    rows = [
        ("catalogue", f"`{catalogue_uri}`"),
        ("output", f"`{output_uri}`"),
        ("model version", version),
        ("wines priced", f"{tally.scored:,}"),
        ("rows refused", refused),
        ("parts", f"{tally.parts:,}, of which {tally.taken_over:,} were there already"),
        ("time", f"{tally.seconds:.0f} s, {rate:,.0f} wines a second"),
    ]  # fmt: skip
    return f"# Scored catalogue\n\n{table(['', ''], rows)}"

"""What a run of `score` does, from the catalogue to the priced file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import mlflow
from prefect import State, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed

from flows.errors import ProductionUnusable
from flows.orchestration import artifacts, failures
from flows.orchestration.markdown import counted
from flows.registry import tracker, versions
from flows.registry.model_registry import Registry
from flows.scoring.catalogue import Catalogue, catalogue, output_format
from flows.scoring.chunk import Chunk, Part, ScoreConfig, score_chunk, scorer_of
from flows.scoring.engine import Pending
from flows.scoring.job import JobResult, SavedModel, check_output, score_catalogue, score_with
from flows.scoring.report import score_markdown
from flows.settings import FlowSettings

SCORE_KEY: Final = "wine-score"
_AHEAD_ON_DASK: Final = 16


def run(
    catalogue_uri: str, output_uri: str, columns: Mapping[str, str] | None, model_alias: str, *, workers: int
) -> State[Any]:
    """Price a catalogue. The parameters are those of `flows.score.score`."""
    failures.tell_once()
    try:
        settings = FlowSettings.from_env(os.environ)
        check_output(catalogue_uri, output_uri)
        wines = catalogue(catalogue_uri, columns)
        tracker.connect(settings)
        with tempfile.TemporaryDirectory() as folder:
            model = _model(Registry(mlflow.MlflowClient()), model_alias, folder)
            result = (
                score_catalogue(wines, output_uri, model, workers=workers)
                if settings.dask_address is None
                else _on_dask(settings.dask_address, wines, output_uri, model)
            )
        report = score_markdown(wines, output_uri, model.version, result)
        artifacts.show(SCORE_KEY, report, description="Scored catalogue")
    except failures.HANDLED as error:
        return failures.failed(error)
    refused = f", {counted(result.refused, 'row')} refused" if result.refused else ""
    warned = f", {result.counts.warned:,} with warnings" if result.counts.warned else ""
    return Completed(message=f"{counted(result.scored, 'wine')} priced{warned}{refused}.")


def _on_dask(address: str, wines: Catalogue, output: str, model: SavedModel) -> JobResult:
    # Imported where it is asked for: the group `dask` need not be installed.
    from prefect_dask.task_runners import DaskTaskRunner  # noqa: PLC0415

    runner: Any = DaskTaskRunner(address=address)
    content, config = model.path.read_bytes(), ScoreConfig(model.version, output_format(output))

    @flow(name="score-on-dask", task_runner=runner)
    def on_cluster() -> JobResult:
        def submit(chunk: Chunk) -> Pending:
            return score_remotely.submit(chunk, content, model.sha256, config)

        return score_with(submit, wines, output, model, ahead=_AHEAD_ON_DASK)

    return on_cluster()


@task(name="score-chunk", cache_policy=NO_CACHE, persist_result=False)
def score_remotely(chunk: Chunk, model: bytes, sha256: str, config: ScoreConfig) -> Part:
    """Score a chunk on a worker that has nothing but this code: the model comes with it, and is kept."""
    path = Path(tempfile.gettempdir()) / f"wine-model-{sha256}.skops"
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(model)
        unfinished.replace(path)
    return score_chunk(chunk, scorer_of(str(path)), config)


def _model(registry: Registry, alias: str, folder: str) -> SavedModel:
    """The saved model under an alias, downloaded and verified."""
    version = versions.under_alias(registry, alias)
    try:
        saved = versions.download(registry, version, Path(folder))
    except versions.UNUSABLE as error:
        raise ProductionUnusable(f"Version {version.version} cannot be used: {error}") from error
    return SavedModel(saved.file, saved.number, saved.sha256)

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from distributed import LocalCluster

from flows.data.datasets import prepare, read_dataset
from flows.registry.contract import CANDIDATE
from flows.registry.experiments import FLOW_RUN
from flows.registry.model_registry import Registry
from flows.settings import FlowSettings
from flows.train import train
from flows.training import tuning
from flows.training.experiment import Experiment

pytestmark = pytest.mark.integration

NOBODY = "00000000-0000-4000-8000-000000000000"


def test_a_search_that_was_cut_off_goes_on_where_it_stopped(
    registry: Registry, data_folder: Path, tmp_path: Path
) -> None:
    settings = FlowSettings(tracking_uri="", public_tracking_uri="", state=tmp_path)
    wines = prepare(read_dataset(str(data_folder))).train
    experiment = Experiment(registry.client)
    name = tuning._study_name(wines, 0)
    calls: list[dict] = []

    def dies_at_the_second(params):
        calls.append(dict(params))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return Finished(0.5)

    first = registry.client.create_run(experiment.id, tags={FLOW_RUN: NOBODY})
    with tuning._study(settings, name, 0) as study:
        search = tuning.Search(study, registry.client, first, 3)
        with pytest.raises(KeyboardInterrupt):
            tuning.run_trials(search, dies_at_the_second, at_once=1)
    registry.client.set_terminated(first.info.run_id, "KILLED")
    cut_off = calls[-1]

    with (
        experiment.run("resumed", {FLOW_RUN: NOBODY}) as run,
        tuning._study(settings, name, 0) as study,
    ):
        search = tuning.Search(study, registry.client, run, 3)
        assert search.finished == 1
        calls.clear()
        tuning.run_trials(search, lambda params: calls.append(dict(params)) or Finished(0.4), at_once=2)
    assert len(calls) == 2
    assert cut_off in calls, "what was being tried when it was cut off is tried again"


class Finished:
    def __init__(self, value: float) -> None:
        self._value = value

    def result(self) -> float:
        return self._value


def test_trials_run_on_dask_and_are_nested_runs(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[int] = []
    connect = sqlite3.connect
    monkeypatch.setattr(
        "sqlite3.dbapi2.connect",
        lambda *given, **more: opened.append(threading.get_ident()) or connect(*given, **more),
    )
    with LocalCluster(n_workers=1, processes=False, protocol="tcp://", dashboard_address=None) as cluster:
        monkeypatch.setenv("DASK_ADDRESS", cluster.scheduler_address)
        monkeypatch.setenv("FLOWS_STATE", str(tmp_path))
        state = train(tune=True, budget=2, extras="never", return_state=True)
    assert state.is_completed(), state.message
    assert set(opened) == {threading.get_ident()}, "the study stays with its flow, whose disk it is on"
    parent = registry.by_alias(CANDIDATE).run_id
    experiment = Experiment(registry.client)
    nested = registry.client.search_runs([experiment.id], f"tags.`mlflow.parentRunId` = '{parent}'")
    assert len(nested) == 2
    assert all(run.info.status == "FINISHED" for run in nested)
    best = min(nested, key=lambda run: run.data.metrics["validation_rmse_log_scale"])
    used = registry.client.get_run(parent).data.params
    assert all(used[name] == value for name, value in best.data.params.items())

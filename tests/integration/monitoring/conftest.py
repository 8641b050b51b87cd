"""A model in production, a database with the service's tables, and flows that run in this process."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import asyncpg
import mlflow
import pandas as pd
import pytest
from mlflow import MlflowClient
from prefect.settings import PREFECT_API_URL, PREFECT_LOGGING_LEVEL, temporary_settings

from flows.registry.contract import CANDIDATE
from flows.registry.model_registry import Registry
from flows.train import train
from pricing.data.cleaning import clean
from pricing.synthetic.reviews import sample
from serving.prediction_log.migrate import migration_names
from tests.integration.conftest import Servers
from tests.integration.flows.conftest import empty
from tests.programs import require
from tests.serving_kit.postgres import Postgres, postgres_server

_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Stage:
    """Where the flows of a test run: the registry has a version in production, trained on `folder`."""

    registry: Registry
    folder: Path
    wines: pd.DataFrame


@pytest.fixture(scope="session")
def monitored_postgres() -> Iterator[Postgres]:
    require("postgresql")
    with postgres_server() as made:
        yield made


@pytest.fixture(scope="module")
def stage(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("reviews")
    made = sample(train_rows=3_000, test_rows=1_200)
    made.train.to_csv(folder / "winemag-train.csv", index=False)
    made.test.to_csv(folder / "winemag-test.csv", index=False)
    mlflow.set_tracking_uri(servers.mlflow)
    registry = Registry(MlflowClient(servers.mlflow))
    empty(registry)
    settings = {PREFECT_API_URL: servers.prefect, PREFECT_LOGGING_LEVEL: "ERROR"}
    with temporary_settings(settings), pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", servers.mlflow)
        patch.setenv("ARTIFACT_DATA", str(folder))
        patch.setenv("GIT_COMMIT", "0123abc")
        patch.delenv("NEON_URI", raising=False)
        state = train(extras="never", return_state=True)
        assert state.is_completed(), state.message
        candidate = registry.by_alias(CANDIDATE)
        assert candidate is not None
        registry.promote(candidate.version, instead_of=None)
        yield Stage(registry, folder, clean(made.test)[0].reset_index(drop=True))
    empty(registry)


class Database:
    """The service's tables in a database of their own."""

    def __init__(self, uri: str) -> None:
        self.uri = uri

    def execute(self, statement: str, *values: Any) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self.uri)
            await connection.execute(statement, *values)
            await connection.close()

        asyncio.run(run())

    def insert(self, table: str, rows: pd.DataFrame) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self.uri)
            values = [
                tuple(None if pd.isna(cell) else cell for cell in row) for row in rows.itertuples(index=False)
            ]
            await connection.copy_records_to_table(table, records=values, columns=list(rows.columns))
            await connection.close()

        asyncio.run(run())

    def value(self, query: str) -> Any:
        async def run() -> Any:
            connection = await asyncpg.connect(self.uri)
            found = await connection.fetchval(query)
            await connection.close()
            return found

        return asyncio.run(run())


@pytest.fixture
def database(monitored_postgres: Postgres, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Database:
    made = Database(monitored_postgres.create_database(f"monitoring_{next(_NUMBERS)}"))
    folder = resources.files("serving.prediction_log.migrations")
    for name in migration_names():
        made.execute(folder.joinpath(name).read_text("utf-8"))
    monkeypatch.setenv("NEON_URI", made.uri)
    return made

"""The schemas of MLflow and Prefect on a real PostgreSQL: forward, back, and what is in them stays."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from deployments.ec2.schema import NewerDatabase, schemas, upgrade
from tests.serving_kit.postgres import Postgres, postgres_server
from tracker.settings import with_driver

pytestmark = pytest.mark.integration

PROJECT = Path(__file__).resolve().parents[3]
OLDER = {"mlflow": "b7e4c1a90f23", "accounts": "e5f6a7b8c9d0", "prefect": "bad1e352c597"}
"""Revisions of earlier releases of MLflow and Prefect."""


@pytest.fixture(scope="module")
def env() -> Iterator[dict[str, str]]:
    """Databases that the servers of this release have made, with a run, an account and a flow in them."""
    with postgres_server() as made:
        prefect = made.create_database("prefect", extension="pg_trgm").replace(
            "postgresql://", "postgresql+asyncpg://", 1
        )
        env = {
            "BACKEND_STORE_URI": made.create_database("mlflow"),
            "PREFECT_API_DATABASE_CONNECTION_URL": prefect,
        }
        fill(made, env)
        yield env


def fill(made: Postgres, env: dict[str, str]) -> None:
    uri = with_driver(env["BACKEND_STORE_URI"])
    store = import_module("mlflow.store.tracking.sqlalchemy_store").SqlAlchemyStore(uri, "s3://wine/mlflow")
    store.create_experiment("Wine_Price_Regression")
    store.engine.dispose()
    account = [sys.executable, "-m", "tracker.account", "shop-flows", "--may", "write"]
    subprocess.run(account, cwd=PROJECT, env=os.environ | env, check=True, capture_output=True)
    command = [sys.executable, "-m", "prefect", "--no-prompt", "server", "database", "upgrade", "--yes"]
    subprocess.run(command, env=os.environ | env, check=True, capture_output=True)
    made.query("INSERT INTO flow (name, tags) VALUES ('train', '[]')", "prefect")


def schema(env: dict[str, str], *arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "deployments.ec2.schema", *arguments],
        cwd=PROJECT, env=os.environ | env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def count(env: dict[str, str]) -> list[str]:
    """What the databases hold: experiments, accounts with their rights, flows."""
    queries = {
        "BACKEND_STORE_URI": (
            "SELECT name FROM experiments ORDER BY 1",
            "SELECT username FROM users ORDER BY 1",
        ),
        "PREFECT_API_DATABASE_CONNECTION_URL": ("SELECT name FROM flow ORDER BY 1",),
    }
    return [
        subprocess.run(
            ["psql", "-tA", "-d", env[name].replace("+asyncpg", ""), "-c", query],
            check=True, capture_output=True, text=True,
        ).stdout
        for name, asked in queries.items()
        for query in asked
    ]  # fmt: skip


def test_back_to_an_earlier_release_and_forward_again_loses_nothing(env: dict[str, str]) -> None:
    heads, before = schema(env, "heads").strip(), count(env)
    assert "Wine_Price_Regression" in before[0]
    assert before[1:] == ["shop-flows\n", "train\n"]
    for _ in range(2):
        said = schema(env, "downgrade", *(f"{name}={revision}" for name, revision in OLDER.items()))
        assert len(said.splitlines()) == 3
        assert {each.name: each.current() for each in schemas(env)} == OLDER
        assert count(env) == before
        assert len(schema(env, "upgrade").splitlines()) == 3
        assert " ".join(f"{each.name}={each.current()}" for each in schemas(env)) == heads
        assert count(env) == before
    assert schema(env, "upgrade") == ""
    assert schema(env, "downgrade", *heads.split()) == ""


def test_database_of_a_newer_release_is_left_alone_and_said_so(env: dict[str, str]) -> None:
    uri = env["BACKEND_STORE_URI"]
    set_revision(uri, "of the future")
    with pytest.raises(NewerDatabase, match=r"mlflow has revision of the future"):
        upgrade(schemas(env))
    assert "newer than this release" in schema(env, "upgrade", status=3)
    set_revision(uri, schemas(env)[0].head)
    assert schema(env, "upgrade") == ""


def set_revision(uri: str, revision: str) -> None:
    query = "UPDATE alembic_version SET version_num = :'revision'"
    subprocess.run(
        ["psql", "-q", "-d", uri, "-v", f"revision={revision}"], input=query, text=True, check=True
    )


def test_empty_databases_are_left_to_the_servers_that_make_them(env: dict[str, str]) -> None:
    empty = env | {"BACKEND_STORE_URI": env["BACKEND_STORE_URI"].replace("/mlflow", "/postgres")}
    assert schema(empty, "upgrade") == ""

"""One database server for all drills, a database and a state folder for each."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.postgres import Postgres, postgres_server

QUICK = {"OUTBOX_FLUSH_SECONDS": "0.1", "LOG_LEVEL": "WARNING"}


@pytest.fixture(scope="session")
def database_server() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def database(database_server: Postgres) -> str:
    """The name of an empty database."""
    name = f"drill_{uuid.uuid4().hex[:8]}"
    database_server.create_database(name)
    return name


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with a model in its cache."""
    folder = tmp_path / "state"
    keep_in_cache(folder)
    return folder


@pytest.fixture
def settings(database_server: Postgres, database: str) -> dict[str, str]:
    return {**QUICK, "NEON_URI": database_server.uri(database)}

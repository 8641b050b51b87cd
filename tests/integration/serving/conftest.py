"""A model in a cache, and a database server, for all tests of the service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving_kit.models import keep_in_cache
from tests.serving_kit.postgres import Postgres, postgres_server


@pytest.fixture(scope="session")
def database_server() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    keep_in_cache(folder)
    return folder

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deployments.local.data.sample import write_sample
from deployments.local.stack import postgres, processes
from deployments.local.stack.services import all_services
from deployments.local.stack.state_folder import make_private, remove_sockets
from deployments.local.stack.supervisor import Supervisor
from tests.integration.stack.stack import LocalStack, databases_answer, eventually

TABLE_OF_THE_ORIGINAL = """
CREATE TABLE wine_predictions (
    id SERIAL PRIMARY KEY, country TEXT, description TEXT, province TEXT, millesime TEXT,
    predicted_price NUMERIC, created_at TIMESTAMP DEFAULT NOW()
)
"""
ROW_FROM_BEFORE = ("France", "Ripe plum and cedar.", "Bordeaux", "2010", "23.45")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A stack that is not up yet, whose database holds the original version's table with a row in it."""
    folder = tmp_path_factory.mktemp("stack")
    write_sample(folder / "data", train_rows=2_000, test_rows=300)
    found = LocalStack(state=folder / "state", data=folder / "data")
    make_private(found.state)
    try:
        _database_of_the_original(found)
        yield found
    finally:
        Supervisor(found.settings).stop()
        processes.end_all(found.settings.state)
        remove_sockets(found.settings.state)


def _database_of_the_original(stack: LocalStack) -> None:
    settings = stack.settings
    postgres.prepare(settings)
    supervisor = Supervisor(settings)
    supervisor.start(all_services(settings))
    supervisor.start_service("postgres")
    eventually(lambda: databases_answer(stack.settings), seconds=20, what="PostgreSQL answers")
    stack.query(TABLE_OF_THE_ORIGINAL)
    stack.query(
        "INSERT INTO wine_predictions (country, description, province, millesime, predicted_price) "
        "VALUES (%s, %s, %s, %s, %s)",
        *ROW_FROM_BEFORE,
    )

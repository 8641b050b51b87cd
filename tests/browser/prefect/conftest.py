from __future__ import annotations

from collections.abc import Iterator

import pytest

from deployments.local.data.sample import write_sample
from deployments.local.stack import processes
from deployments.local.stack.state_folder import make_private, remove_sockets
from deployments.local.stack.supervisor import Supervisor
from tests.integration.stack.stack import LocalStack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """A running local stack with version 1, of a small synthetic sample, in production."""
    folder = tmp_path_factory.mktemp("stack")
    write_sample(folder / "data", train_rows=2_000, test_rows=300)
    made = LocalStack(state=folder / "state", data=folder / "data")
    make_private(made.state)
    try:
        done = made.command("up", seconds=240)
        assert done.returncode == 0, done.stdout + done.stderr
        yield made
    finally:
        Supervisor(made.settings).stop()
        processes.end_all(made.settings.state)
        remove_sockets(made.settings.state)

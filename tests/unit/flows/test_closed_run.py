"""An MLflow run ends as what it became."""

from pathlib import Path

import pytest
from mlflow import MlflowClient

from flows.registry.experiments import ClosedRun


@pytest.mark.parametrize(
    ("raised", "status"), [(None, "FINISHED"), (ValueError, "FAILED"), (KeyboardInterrupt, "KILLED")]
)
def test_a_run_ends_as_its_block_does(
    raised: type[BaseException] | None, status: str, tmp_path: Path
) -> None:
    client = MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    opened = client.create_run(client.create_experiment("runs"))

    def body() -> None:
        with ClosedRun(client, opened) as run:
            assert client.get_run(run.info.run_id).info.status == "RUNNING"
            if raised is not None:
                raise raised

    if raised is None:
        body()
    else:
        with pytest.raises(raised):
            body()
    assert client.get_run(opened.info.run_id).info.status == status

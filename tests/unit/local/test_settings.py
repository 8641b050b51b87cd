from pathlib import Path

import pytest

from deployments.local.errors import StackError
from deployments.local.settings import StackSettings


@pytest.mark.parametrize("env", [{}, {"LOCAL_STATE": "", "DATA": "", "SERVING_PORT": ""}])
def test_everything_has_a_default(tmp_path: Path, env: dict[str, str]) -> None:
    settings = StackSettings.from_env(env, project=tmp_path)
    assert settings.state == tmp_path / ".local"
    assert settings.data_folder == tmp_path / ".local" / "sample"
    assert settings.serving_url == "http://127.0.0.1:7860"


def test_a_relative_data_folder_counts_from_the_project(tmp_path: Path) -> None:
    settings = StackSettings.from_env({"DATA": "reviews"}, project=tmp_path)
    assert settings.data_folder == tmp_path / "reviews"


@pytest.mark.parametrize("wrong", ["http", "0", "80", "70000", "-1", "5 000"])
def test_a_malformed_port_is_named_with_an_example(wrong: str) -> None:
    with pytest.raises(StackError, match=r"MLFLOW_PORT is .*Example: make up MLFLOW_PORT=5001"):
        StackSettings.from_env({"MLFLOW_PORT": wrong})


def test_two_services_cannot_share_a_port() -> None:
    with pytest.raises(StackError, match="must differ"):
        StackSettings.from_env({"MLFLOW_PORT": "7860"})


def test_a_folder_with_spaces_makes_a_usable_connection_string() -> None:
    settings = StackSettings(state=Path("/srv/my wines"))
    assert settings.postgres_uri("wine") == "postgresql://postgres@/wine?host=/srv/my%20wines/run"

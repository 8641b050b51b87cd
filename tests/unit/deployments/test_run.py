from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from deployments import run
from deployments.prefect_api import PrefectApi, PrefectError
from tests.unit.deployments.prefect_server import Server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr(PrefectApi, "from_env", classmethod(lambda *_: made.api()))
    monkeypatch.setattr("time.sleep", lambda _: None)
    return made


def test_exit_code_is_that_of_the_run(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.add("first", "SCHEDULED", "RUNNING", "COMPLETED")
    assert run.main(["train/wine-train", "--key", "tag"]) == 0
    server.add("first", "RUNNING", "FAILED")
    assert run.main(["train/wine-train"]) == 1
    assert "run-first Failed. it is failed" in capsys.readouterr().out


def test_promotion_that_training_starts_is_awaited_too(server: Server, tmp_path: Path) -> None:
    server.add("first", "COMPLETED")
    server.add("other", "COMPLETED", deployment="wine-promote", train_flow_run_id="another training")
    server.add("second", "PENDING", "FAILED", deployment="wine-promote", train_flow_run_id="first")
    server.artifacts = [{"type": "markdown", "key": "report", "data": "# RMSE 0.44", "id": "1"}]
    code = run.main(["train/wine-train", "--then", "promote/wine-promote", "--reports", str(tmp_path)])
    assert code == 1
    suite = ElementTree.parse(tmp_path / "outcome.xml").getroot()  # noqa: S314  # our own file
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert suite.find("testcase/failure").get("message") == "it is failed"
    assert (tmp_path / "wine-train-report.md").read_text() == "# RMSE 0.44"


def test_nothing_follows_a_training_that_failed(server: Server) -> None:
    server.add("first", "CRASHED")
    assert run.main(["train/wine-train", "--then", "promote/wine-promote"]) == 1
    assert "POST /flow_runs/filter" not in server.calls


def test_trigger_that_never_fires_is_named(server: Server) -> None:
    with pytest.raises(PrefectError, match="No run of promote/wine-promote was started within 3 s"):
        run.follow(server.api(), "promote/wine-promote", "first", seconds=3)


def test_run_that_takes_too_long_is_left_running(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.add("first", "RUNNING")
    assert run.main(["train/wine-train", "--timeout", "0"]) == 2
    assert "run-first is still Running after 0 s" in capsys.readouterr().err


def test_unknown_deployment_and_wrong_password_say_what_to_do(server: Server) -> None:
    with pytest.raises(PrefectError, match="Were the flows deployed"):
        server.api().start("train/nothing", {})
    with pytest.raises(PrefectError, match="PREFECT_API_AUTH_STRING"):
        server.api(auth="prefect:wrong").run("first")


def test_missing_address_is_named() -> None:
    with pytest.raises(PrefectError, match="PREFECT_API_URL is not set"):
        PrefectApi.from_env({})

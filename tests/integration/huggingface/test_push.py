"""The push to a Space, against a server that speaks the Hub's protocol."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deployments.huggingface.push import NotDeployed, Patience, deploy, space_from_env
from deployments.huggingface.space import files_of_release
from tests.integration.huggingface.hub import BUILD_FAILS, NEVER_ANSWERS, NO_PRICE, TOKEN, Hub, running

PROJECT = Path(__file__).resolve().parents[3]
BRIEF = Patience(deadline=0.5, interval=0.05)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running() as made:
        yield made


def environment(hub: Hub, home: Path) -> dict[str, str]:
    return {"HF_ENDPOINT": hub.url, "HF_SPACE_URL": hub.url, "HF_SPACE": "team/wine", "HF_TOKEN": TOKEN,
            "HF_HOME": str(home), "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_XET": "1"}  # fmt: skip


def test_command_deploys_and_waits_for_the_release(hub: Hub, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deployments.huggingface.push", "--release", "abc123", "--deadline", "20"],
        cwd=PROJECT, env=os.environ | environment(hub, tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "answers with abc123" in done.stdout
    files = hub.commits[-1][1]
    assert hub.release == "abc123"
    assert {
        "Dockerfile",
        "README.md",
        "uv.lock",
        "serving/app.py",
        "pricing/scoring/scorer.py",
    } <= files.keys()
    assert "app.py" not in files  # the original version's program is gone
    assert not [path for path in files if path.startswith(("flows/", "tests/")) or "__pycache__" in path]
    assert TOKEN not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("mark", "reason"),
    [
        (BUILD_FAILS, "BUILD_ERROR"),
        (NEVER_ANSWERS, "not within"),
        (NO_PRICE, "no price: 500"),
    ],
)
def test_release_that_does_not_answer_is_rolled_back(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: bytes, reason: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    space = space_from_env(environment(hub, tmp_path))
    before = dict(hub.commits[-1][1])
    files = files_of_release(PROJECT, "broken1")
    files["Dockerfile"] += mark
    with pytest.raises(NotDeployed, match=rf"broken1 does not answer \({reason}.*old answers again"):
        deploy(space, files, "broken1", BRIEF)
    assert hub.commits[-1][1] == before
    assert hub.release == "old"
    assert [message.split()[0] for message in hub.messages] == ["old", "Deploy", "Put"]


def test_private_space_is_deployed_and_a_public_one_never_sees_the_token(hub: Hub, tmp_path: Path) -> None:
    files = {"Dockerfile": b"ENV RELEASE=new1\n"}
    deploy(space_from_env(environment(hub, tmp_path)), files, "new1", BRIEF)
    assert set(hub.shown) == {None}
    hub.private = True
    deploy(space_from_env(environment(hub, tmp_path)), {"Dockerfile": b"ENV RELEASE=new2\n"}, "new2", BRIEF)
    assert hub.release == "new2"
    assert hub.messages[-1] == "Deploy new2"
    assert hub.shown[-1] == f"Bearer {TOKEN}"


def test_deploy_waits_for_the_one_before(hub: Hub, tmp_path: Path) -> None:
    hub.stages = ["BUILDING", "APP_STARTING", "RUNNING"]
    patience = Patience(deadline=30, interval=0.05)
    deploy(
        space_from_env(environment(hub, tmp_path)), {"Dockerfile": b"ENV RELEASE=new1\n"}, "new1", patience
    )
    assert hub.stages == []
    assert hub.release == "new1"


def test_predictions_that_a_rebuild_would_lose_hold_a_deploy_back(hub: Hub, tmp_path: Path) -> None:
    hub.outbox = 1_234
    space, files = space_from_env(environment(hub, tmp_path)), {"Dockerfile": b"ENV RELEASE=new1\n"}
    with pytest.raises(NotDeployed, match=r"Nothing was changed\. 1,234 predictions wait in the outbox"):
        deploy(space, files, "new1", BRIEF)
    assert len(hub.commits) == 1
    deploy(space, files, "new1", replace(BRIEF, lose_outbox=True))
    assert hub.release == "new1"


def test_commit_of_somebody_else_meanwhile_is_not_overwritten(hub: Hub, tmp_path: Path) -> None:
    space = space_from_env(environment(hub, tmp_path))
    parent = space.head()
    hub.commit({"Dockerfile": b"ENV RELEASE=theirs"}, "theirs")
    with pytest.raises(Exception, match=r"412|commit has happened"):
        space.replace({"Dockerfile": b"ours"}, message="ours", parent=parent)
    assert hub.release == "theirs"


def test_wrong_token_says_what_it_needs(hub: Hub, tmp_path: Path) -> None:
    env = {**os.environ, **environment(hub, tmp_path), "HF_TOKEN": "hf_wrong"}
    done = subprocess.run(
        [sys.executable, "-m", "deployments.huggingface.push", "--release", "abc123"],
        cwd=PROJECT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Does HF_TOKEN have write access" in done.stderr
    assert len(hub.commits) == 1


@pytest.mark.parametrize(("name", "value"), [("HF_SPACE", "wine"), ("HF_TOKEN", ""), ("HF_TOKEN", "<token>")])
def test_malformed_setting_is_named(hub: Hub, tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        space_from_env(environment(hub, tmp_path) | {name: value})

"""The scripts that the workflows' steps call; those that change a machine, on stand-ins for its tools."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.programs import PACKAGES

PROJECT = Path(__file__).resolve().parents[3]
TESTS = {path: path.read_text() for path in (PROJECT / "tests").rglob("test_*.py")}
SPY = '#!/bin/sh\necho "$(basename "$0") $*" >> "$SPIED"\n'
OF_THEMSELVES = {
    "deployments/ci/host-drill.sh",  # starts tests/drills/host
    "deployments/ci/actionlint.sh",  # a part of `make lint`
}


def called_by_workflows() -> set[str]:
    text = "".join(path.read_text() for path in (PROJECT / ".github/workflows").glob("*.yml"))
    made = (PROJECT / "Makefile").read_text()
    return set(re.findall(r"(deployments/[\w/-]+\.sh)", text + made))


def modules_of_workflows() -> set[str]:
    text = "".join(path.read_text() for path in (PROJECT / ".github/workflows").glob("*.yml"))
    return set(re.findall(r"-m (deployments\.[\w.]+)", text))


def test_each_script_and_module_that_a_step_calls_is_run_by_a_test() -> None:
    for script in called_by_workflows() - OF_THEMSELVES:
        assert any(script in text for text in TESTS.values()), script
    for module in modules_of_workflows():
        name = module.rpartition(".")[2]
        assert any(module in text or f"import {name}" in text for text in TESTS.values()), module


def spied(
    script: str, *arguments: str, folder: Path, tools: tuple[str, ...], env: Mapping[str, str] | None = None
) -> list[str]:
    """What a script makes of the tools that it finds, each of which only writes down how it was called."""
    for tool in tools:
        (folder / tool).write_text(SPY)
        (folder / tool).chmod(0o755)
    calls = folder / "calls"
    base = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder), "SPIED": str(calls)}
    subprocess.run(
        [PROJECT / script, *arguments],
        env=base | dict(env or {}),
        check=True,
        capture_output=True,
        cwd=folder,
    )
    return calls.read_text().splitlines() if calls.exists() else []


def test_packages_are_those_that_tests_ask_for(tmp_path: Path) -> None:
    tools = ("apt-get", "chromium", "sudo")
    calls = spied("deployments/ci/packages.sh", folder=tmp_path, tools=tools)
    installed = set(next(call for call in calls if "install" in call).split())
    assert installed >= PACKAGES.keys()


def test_without_root_the_packages_are_installed_by_one_command_with_sudo(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    (call,) = spied("deployments/ci/packages.sh", folder=tmp_path, tools=("apt-get", "sudo"))
    assert call.startswith("sudo sh -c apt-get update")
    assert set(call.split()) >= PACKAGES.keys()


@pytest.mark.parametrize(
    ("image", "dockerfile"),
    [
        ("tracker", "tracker/Dockerfile"),
        ("serving", "deployments/huggingface/Dockerfile"),
        ("flows", "deployments/ecs/Dockerfile"),
    ],
)
def test_image_is_built_from_its_file(tmp_path: Path, image: str, dockerfile: str) -> None:
    calls = spied("deployments/images/build.sh", image, folder=tmp_path, tools=("docker",))
    assert calls[-1] == f"docker build --file {dockerfile} --tag wine-{image}:local ."
    assert (PROJECT / dockerfile).exists()


def test_release_and_its_runs_are_one_errand_on_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """deployments/ci/on-host.sh as far as remote.sh, which test_remote.py goes on from."""
    script = tmp_path / "deployments/ci/on-host.sh"
    remote = tmp_path / "deployments/ec2/remote.sh"
    for path, text in ((script, (PROJECT / "deployments/ci/on-host.sh").read_text()), (remote, SPY)):
        path.parent.mkdir(parents=True)
        path.write_text(text)
        path.chmod(0o755)
    calls = tmp_path / "calls"
    monkeypatch.setenv("SPIED", str(calls))
    for env in (
        {},
        {"DEPLOYMENT": "drift/wine-drift"},
        {"DEPLOYMENT": "train/wine-train", "THEN": "promote/wine-promote", "GITHUB_RUN_ID": "7"},
    ):
        subprocess.run([script], env=os.environ | env, check=True)
    assert calls.read_text().splitlines() == [
        "remote.sh install",
        "remote.sh release reports drift/wine-drift",
        "remote.sh release reports train/wine-train --then promote/wine-promote --key 7-1",
    ]


@pytest.mark.parametrize("image", ["tracker", "serving", "flows"])
def test_image_is_pushed_with_its_inventory_and_provenance_where_a_registry_is_set(
    tmp_path: Path, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("IMAGE_REGISTRY", "IMAGE_REGISTRY_USER", "IMAGE_REGISTRY_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    script = "deployments/images/push.sh"
    assert spied(script, image, folder=tmp_path, tools=("docker",)) == []
    env = {
        "IMAGE_REGISTRY": "ghcr.io/my-team",
        "IMAGE_REGISTRY_USER": "ci",
        "IMAGE_REGISTRY_PASSWORD": "hunter2",
    }
    calls = spied(script, image, folder=tmp_path, tools=("docker",), env=env)
    assert calls[0] == "docker login --username ci --password-stdin ghcr.io"
    assert f"--tag ghcr.io/my-team/wine-{image}:" in calls[-1]
    assert "--sbom=true --provenance=mode=max --push ." in calls[-1]
    assert "hunter2" not in " ".join(calls)


def test_image_that_runs_is_asked(tmp_path: Path) -> None:
    """Of deployments/images/try.sh, with Docker and curl that only write down how they were called."""
    calls = spied("deployments/images/try.sh", "flows", folder=tmp_path, tools=("docker",))
    [call] = calls
    assert call.startswith("docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privil")
    imported = "flows.training.train_run, flows.gate.promote_run, flows.monitoring.drift_run"
    assert call.endswith(f" wine-flows:local python -c import {imported}")
    (tmp_path / "curl").write_text('#!/bin/sh\necho "curl $*" >> "$SPIED"; echo \'{"status": "no model"}\'\n')
    (tmp_path / "curl").chmod(0o755)
    calls = spied("deployments/images/try.sh", "serving", folder=tmp_path, tools=("docker",))
    asked = [call.rpartition("/health")[2] for call in calls if call.startswith("curl")]
    assert asked == ["/live", ""]


def test_environment_has_the_group_that_is_asked_for(tmp_path: Path) -> None:
    calls = spied("deployments/ci/environment.sh", "deploy", folder=tmp_path, tools=("uv",))
    assert calls == ["uv sync --quiet --locked --no-default-groups --group deploy"]

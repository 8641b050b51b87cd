"""The scripts that the workflows' steps call; those that change a machine, on stand-ins for its tools."""

from __future__ import annotations

import os
import re
import subprocess
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


def spied(script: str, *arguments: str, folder: Path, tools: tuple[str, ...]) -> list[str]:
    """What a script makes of the tools that it finds, each of which only writes down how it was called."""
    for tool in tools:
        (folder / tool).write_text(SPY)
        (folder / tool).chmod(0o755)
    calls = folder / "calls"
    env = {"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder), "SPIED": str(calls)}
    subprocess.run([PROJECT / script, *arguments], env=env, check=True, capture_output=True, cwd=folder)
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


def test_environment_has_the_group_that_is_asked_for(tmp_path: Path) -> None:
    calls = spied("deployments/ci/environment.sh", "deploy", folder=tmp_path, tools=("uv",))
    assert calls == ["uv sync --quiet --locked --no-default-groups --group deploy"]

"""The workflows hold no logic and little power."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[3]
FILES = sorted((PROJECT / ".github/workflows").glob("*.yml"))
WORKFLOWS = {path.stem: yaml.safe_load(path.read_text()) for path in FILES}
TAGS = {"train": "train-*", "drift": "drift-*", "deploy": "deploy-*"}
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")
QUESTIONS = {"as_postgres", "find_uv", "fits", "is_new_uv", "other_python", "possible", "setting"}
"""Functions of scripts that are one question, and may stand in a condition."""


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, workflow in WORKFLOWS.items():
        for job_name, job in workflow["jobs"].items():
            yield f"{name}/{job_name}", job


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in jobs():
        for step in job.get("steps", ()):
            yield name, step


def triggers(workflow: dict[Any, Any]) -> dict[str, Any]:
    return workflow[True]  # YAML reads the key `on` as true


def test_every_tag_family_has_its_workflow() -> None:
    for name, pattern in TAGS.items():
        assert triggers(WORKFLOWS[name])["push"] == {"tags": [pattern]}
    assert triggers(WORKFLOWS["deploy-flows"])["push"]["branches"] == ["main"]
    assert not [name for name, workflow in WORKFLOWS.items() if "workflow_run" in triggers(workflow)]


def test_each_step_calls_one_thing_of_this_repository() -> None:
    for name, step in steps():
        command = step.get("run")
        if command is None:
            continue
        assert "\n" not in command.strip(), f"{name}: {command}"
        assert not re.search(r"&&|\|\||;|\$\(|\$\{\{", command), f"{name}: {command}"
        program, *arguments = command.split()
        if program == "make":
            assert f"\n{arguments[0]}:" in (PROJECT / "Makefile").read_text(), command
        elif program == ".venv/bin/python":
            module = PROJECT / arguments[1].replace(".", "/")
            assert arguments[0] == "-m"
            assert module.with_suffix(".py").exists() or (module / "__main__.py").exists(), command
        else:
            assert os.access(PROJECT / program, os.X_OK), command


def test_actions_and_images_are_pinned_by_digest() -> None:
    for name, step in steps():
        if "uses" in step:
            assert PINNED.fullmatch(step["uses"]), f"{name}: {step['uses']}"
    for name, job in jobs():
        for service in job.get("services", {}).values():
            assert re.search(r"@sha256:[0-9a-f]{64}$", service["image"]), name


def test_no_job_may_write_to_the_repository_or_keep_its_credential() -> None:
    for name, workflow in WORKFLOWS.items():
        assert workflow["permissions"] == {"contents": "read"}, name
    for name, job in jobs():
        extra = set(job.get("permissions", {}).items()) - {("contents", "read")}
        assert extra <= {("id-token", "write")}, name
        assert "uses" in job or job["timeout-minutes"], name
        assert job.get("secrets") != "inherit", name
    for name, step in steps():
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False, name
            assert "ref" not in step["with"], f"{name} must build the tagged commit"


def test_no_long_lived_aws_key_is_used() -> None:
    for path in FILES:
        assert "AWS_SECRET_ACCESS_KEY" not in path.read_text()


def test_nothing_reaches_production_untested() -> None:
    for name in ("deploy", "deploy-flows", "train", "drift"):
        all_jobs = WORKFLOWS[name]["jobs"]
        assert all_jobs["test"]["uses"] == "./.github/workflows/tests.yml"
        assert {job_name for job_name, job in all_jobs.items() if job.get("needs") != "test"} == {"test"}, (
            name
        )


def test_job_bodies_are_written_once() -> None:
    bodies = [str(job.get("steps")) for _, job in jobs() if "steps" in job]
    assert len(bodies) == len(set(bodies))
    for name in ("deploy-flows", "train", "drift"):
        assert WORKFLOWS[name]["jobs"]["host"]["uses"] == "./.github/workflows/host.yml"


def test_no_tag_is_dropped() -> None:
    """A concurrency group keeps one that waits and cancels the others."""
    for name in (*TAGS, "deploy-flows", "host"):
        assert "concurrency" not in WORKFLOWS[name]
        assert not [job for job in WORKFLOWS[name]["jobs"].values() if "concurrency" in job], name


def test_every_python_that_is_promised_is_tested() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    matrix = WORKFLOWS["tests"]["jobs"]["test"]["strategy"]["matrix"]["python"]
    lowest, below = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"]).groups()
    assert matrix == [f"3.{minor}" for minor in range(int(lowest), int(below))]


def test_everything_that_a_release_holds_upgrades_the_host_when_it_changes() -> None:
    script = (PROJECT / "deployments/ec2/install.sh").read_text()
    held = set(re.search(r"^RELEASE_PATHS=\(([^)]*)\)", script, re.MULTILINE)[1].split()) - {"README.md"}
    paths = triggers(WORKFLOWS["deploy-flows"])["push"]["paths"]
    assert {path.removesuffix("/**") for path in paths} == held
    remote = (PROJECT / "deployments/ec2/remote.sh").read_text()
    sent = set(re.search(r"^PATHS=\(([^)]*)\)", remote, re.MULTILINE)[1].split())
    assert sent == held | {"README.md"}


def test_failures_leave_their_reports() -> None:
    for name in ("tests/test", "ci/host"):
        [job] = [job for job_name, job in jobs() if job_name == name]
        [upload] = [step for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
        assert upload["if"] == "failure()"


def test_audit_runs_every_week_by_itself() -> None:
    assert len(triggers(WORKFLOWS["audit"])["schedule"]) == 1


def test_bot_looks_after_everything_that_is_pinned() -> None:
    updates = yaml.safe_load((PROJECT / ".github/dependabot.yml").read_text())["updates"]
    assert {each["package-ecosystem"] for each in updates} == {
        "github-actions", "uv", "docker", "docker-compose", "npm",
    }  # fmt: skip
    for update in updates:
        for folder in update.get("directories", [update.get("directory")]):
            assert (PROJECT / folder.lstrip("/")).is_dir(), folder


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")
    done = subprocess.run([zizmor, "--offline", "--quiet", PROJECT / ".github/workflows"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout


@pytest.mark.needs("shellcheck")
def test_scripts_are_clean_in_shellcheck() -> None:
    done = shellcheck()
    assert done.returncode == 0, done.stdout


@pytest.mark.needs("shellcheck")
def test_no_script_goes_on_after_a_function_has_failed() -> None:
    """In a condition (`a && b`) `set -e` counts neither for the end of `a` nor for the commands in it."""
    found = shellcheck("--enable=check-set-e-suppressed", "--include=SC2310", "--format=json").stdout
    calls = {PROJECT.joinpath(call["file"]).read_text().splitlines()[call["line"] - 1][call["column"] - 1 :]
             for call in json.loads(found)}  # fmt: skip
    assert {re.split(r"\W", call)[0] for call in calls} <= QUESTIONS


def shellcheck(*options: str) -> subprocess.CompletedProcess[str]:
    scripts = [
        PROJECT / ".ci/run",
        *PROJECT.glob("deployments/**/*.sh"),
        PROJECT / "deployments/ec2/files/wine-run",
    ]
    return subprocess.run(
        ["shellcheck", "-x", *options, *scripts], capture_output=True, text=True, check=False
    )

"""docs/operations.md and docs/host.md: each command names something that is there and runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[3]
PAGES = {name: (PROJECT / "docs" / name).read_text() for name in ("operations.md", "host.md")}
FENCE = re.compile(r"```sh\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"`((?:sudo |deployments/|\.venv/bin/python |journalctl |docker )[^`]+)`")


def commands() -> list[str]:
    found = set()
    for page in PAGES.values():
        lines = [line.strip() for block in FENCE.findall(page) for line in block.splitlines()]
        found |= {line.partition(" #")[0].strip() for line in [*lines, *INLINE.findall(page)]}
    return sorted(found)


def module_of(command: str) -> str | None:
    match = re.search(r"(?:wine-run|python -m) ([\w.]+)", command)
    return match[1] if match else None


@pytest.mark.parametrize("module", sorted({module for c in commands() if (module := module_of(c))}))
def test_module_of_the_page_runs(module: str) -> None:
    if module == "deployments.doctor":
        return  # takes no arguments; its own tests run it
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert "usage" in (done.stdout + done.stderr).lower(), done.stderr


def test_arguments_of_the_page_are_known() -> None:
    for command in commands():
        if module := module_of(command):
            text = PROJECT / (module.replace(".", "/") + ".py")
            source = text.read_text() if text.exists() else ""
            for option in re.findall(r" (--[a-z-]+)", command):
                assert option in source, command


def test_deployments_of_the_pages_exist() -> None:
    names = {d["name"] for d in yaml.safe_load((PROJECT / "prefect.yaml").read_text())["deployments"]}
    for page in PAGES.values():
        assert (
            set(re.findall(r"\b(?:train|promote|rollback|drift|score|feedback)/(wine-\w+)\b", page)) <= names
        )


def test_scripts_and_units_of_the_pages_exist() -> None:
    for name, page in PAGES.items():
        for path in re.findall(r"\b((?:deployments|tests)/[\w./-]+\w)", page):
            assert (PROJECT / path).exists(), f"{name}: {path}"
        for unit in re.findall(r"\b(wine-\w+)\.(service|timer)", page):
            assert (PROJECT / "deployments/ec2/files" / ".".join(unit)).exists(), unit
        for unit in re.findall(r"systemctl \w+ (\S+)", page):
            assert (PROJECT / "deployments/ec2/files" / f"{unit.rstrip('`')}.service").exists(), unit


def test_compose_file_asks_only_for_known_settings_and_pinned_images() -> None:
    text = (PROJECT / "deployments/ec2/compose.yaml").read_text()
    known = (PROJECT / "docs/settings.md").read_text() + (PROJECT / "docs/host.md").read_text()
    for name in set(re.findall(r"\$\{(\w+)", text)):
        assert f"`{name}`" in known, name
    for service in yaml.safe_load(text)["services"].values():
        assert "build" in service or re.search(r"@sha256:[0-9a-f]{64}$", service["image"]), service


def test_images_install_from_the_lock_and_run_unprivileged() -> None:
    for path in ("tracker/Dockerfile", "deployments/huggingface/Dockerfile"):
        text = (PROJECT / path).read_text()
        assert re.search(r"^ARG BASE=\S+@sha256:[0-9a-f]{64}$", text, re.MULTILINE), path
        assert "uv sync --locked --no-default-groups --group" in text, path
        assert re.search(r"^USER [1-9]\d*$", text, re.MULTILINE), path
        assert "HEALTHCHECK" in text, path

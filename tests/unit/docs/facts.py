"""What the code offers, read from the code: make targets, deployments, endpoints, settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import yaml
from litestar.routes import ASGIRoute, HTTPRoute

from deployments.local.settings import StackSettings
from flows.settings import FlowSettings
from serving.app import create_app
from serving.settings import ServingSettings

PROJECT = Path(__file__).resolve().parents[3]


class AskedFor(Mapping[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = dict(given)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self._given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


def pages() -> dict[str, str]:
    """Every page of documentation, by its path in the project."""
    found = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").rglob("*.md"))]
    return {str(path.relative_to(PROJECT)): path.read_text() for path in found}


def make_targets() -> set[str]:
    text = (PROJECT / "Makefile").read_text()
    return set(re.findall(r"^([a-z-]+):.*## ", text, flags=re.MULTILINE))


def deployments() -> set[str]:
    """`flow/deployment` of every deployment in prefect.yaml; the flow is the function's name."""
    content = yaml.safe_load((PROJECT / "prefect.yaml").read_text())
    return {
        f"{item['entrypoint'].rpartition(':')[2].removeprefix('import_')}/{item['name']}"
        for item in content["deployments"]
    }


def endpoints() -> set[str]:
    """`METHOD /path` of every public endpoint of the service. The hot ones are plain ASGI: all POST."""
    found = set()
    for route in create_app(ServingSettings()).routes:
        if isinstance(route, HTTPRoute):
            found |= {f"{method} {route.path_format}" for method in route.methods}
        elif isinstance(route, ASGIRoute):
            found.add(f"POST {route.path_format}")
    return {one for one in found if not one.startswith(("OPTIONS", "HEAD")) and not _is_asset(one)}


def _is_asset(path: str) -> bool:
    return "/static/" in path or "/assets/" in path or "{file_path" in path


def stack_variables() -> set[str]:
    env = AskedFor({})
    StackSettings.from_env(env)
    return env.names


def flow_variables() -> set[str]:
    names = set()
    for tracker in ("MLFLOW_TRACKING_URI", "BACKEND_STORE_URI"):
        env = AskedFor({tracker: "http://127.0.0.1:5000"})
        FlowSettings.from_env(env)
        names |= env.names
    return names


def serving_variables() -> set[str]:
    return {field.name.upper() for field in msgspec.structs.fields(ServingSettings)}

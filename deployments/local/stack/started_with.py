"""The ports that a stack was started with, kept in its state folder for commands that look at it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from deployments.local.settings import DEFAULT_PORTS, StackSettings

FILE: Final = "ports.json"


def remember(settings: StackSettings) -> None:
    """Keep the ports for `as_started`."""
    ports = {name: port for name, port in asdict(settings).items() if name.upper() in DEFAULT_PORTS}
    (settings.state / FILE).write_text(json.dumps(ports))


def as_started(env: Mapping[str, str]) -> StackSettings:
    """The settings of `env`; a port that it does not set is the one that the stack was started with."""
    kept = _kept(StackSettings.from_env(env).state / FILE)
    given = {name for name in DEFAULT_PORTS if env.get(name, "").strip()}
    ports = {
        name: str(kept[name.lower()]) for name in DEFAULT_PORTS if name not in given and name.lower() in kept
    }
    return StackSettings.from_env({**env, **ports})


def _kept(path: Path) -> dict[str, int]:
    if not path.exists():
        return {}
    ports: dict[str, int] = json.loads(path.read_text())
    return ports

"""How long `make up` takes from a clean clone with warm package caches, step by step.

Clones this repository into a temporary folder, runs `make up` there (on the synthetic sample, and on DATA
where it is set), looks at what it takes at rest, and writes benchmarks/stack.md.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks import at_rest
from benchmarks.record import keep, markdown_table

PROJECT: Final = Path(__file__).resolve().parents[1]
PORTS: Final = ("PREFECT_PORT", "MLFLOW_PORT", "SERVING_PORT")
TARGETS: Final = {"synthetic": 60, "real": 120}
QUIET_LOAD: Final = 1.0
NOT_INHERITED: Final = frozenset({"DATA", "VIRTUAL_ENV", "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS"})
"""`make bench-up DATA=folder` would hand its variables on to the `make up` that it measures."""

SYNTHETIC_TITLE: Final = "synthetic sample (4,000 reviews)"


@dataclass(frozen=True, slots=True)
class Measured:
    """One `make up`: when each step ended and how long it took, seconds.

    `load` is the machine's load average before it: what other work the cores had.
    `rest` is what the stack takes afterwards, by service.
    """

    title: str
    limit: int
    load: float
    steps: tuple[tuple[str, float, float], ...]
    rest: at_rest.Rest

    @property
    def total(self) -> float:
        return max(ended for _, ended, _ in self.steps)


def main() -> None:
    runs = [measure(SYNTHETIC_TITLE, TARGETS["synthetic"], {})]
    if data := os.environ.get("DATA"):
        folder = Path(data).resolve()
        rows = sum(1 for _ in (folder / "winemag-train.csv").open(encoding="utf-8")) - 1
        runs.append(measure(f"real reviews ({rows:,} lines)", TARGETS["real"], {"DATA": str(folder)}))
    keep("stack.md", page(runs))


def measure(title: str, limit: int, environment: Mapping[str, str]) -> Measured:
    """Clone, `make up`, `make down`; the step times that `make up` recorded."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="wine-up-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(PROJECT), str(clone)], check=True)
        env = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        env |= free_ports()
        try:
            subprocess.run(["make", "up"], cwd=clone, env=env | dict(environment), check=True)
            record = json.loads((clone / ".local" / "up.json").read_text())
            rest = at_rest.measure(clone)
        finally:
            subprocess.run(["make", "down"], cwd=clone, env=env, check=True)
    steps = tuple((step["name"], step["ended"], step["seconds"]) for step in record["steps"])
    return Measured(title=title, limit=limit, load=load, steps=steps, rest=rest)


def free_ports() -> dict[str, str]:
    """A port that nobody listens on for each service."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in PORTS]
        return {name: str(one.getsockname()[1]) for name, one in zip(PORTS, sockets, strict=True)}


def page(runs: list[Measured]) -> str:
    when = datetime.now(tz=UTC).date().isoformat()
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, package caches warm"
    lines = [
        "# From a clean clone to a served prediction",
        "",
        f"`make bench-up`, {when}, {machine}. Steps overlap: servers start side by side.",
    ]
    for run in runs:
        verdict = "within" if run.total <= run.limit else "beyond"
        lines += [
            "",
            f"## {run.title}",
            "",
            f"{run.total:.0f} s, {verdict} the {run.limit} s allowed; {_other_work(run.load)}.",
            "",
        ]
        lines += ["| step | took, s | ended at, s |", "| --- | ---: | ---: |"]
        lines += [f"| {_plain(name)} | {seconds:.1f} | {ended:.1f} |" for name, ended, seconds in run.steps]
        lines += ["", *_rest(run.rest)]
    return "\n".join(lines) + "\n"


def _rest(rest: at_rest.Rest) -> list[str]:
    said = (
        f"At rest, over {at_rest.SECONDS} s: {rest.cpu:.1f} % of a core, "
        f"{rest.memory:,.0f} MB of memory (PSS). The environment: {rest.environment:,} MB, "
        f"{rest.with_compiled:,} MB with compiled files."
    )
    rows = [[name, f"{use.cpu:.2f}", f"{use.memory:,.0f}"] for name, use in rest.services.items()]
    return [said, "", markdown_table(["service", "% of a core", "MB"], rows)]


def _other_work(load: float) -> str:
    quiet = load < QUIET_LOAD
    return f"load average before it {load:.1f}: {'a quiet machine' if quiet else 'other work ran beside it'}"


def _plain(name: str) -> str:
    """The step without the address it names, which is the benchmark's own."""
    return name.partition(" at http")[0]


if __name__ == "__main__":
    main()

"""`python -m deployments.run FLOW/DEPLOYMENT`: start a run, wait for it, end with its outcome.

Exit codes: 0 every run completed, 1 a run failed, 2 it could not be started or awaited. With --then the
run that a trigger starts next is awaited as well (promotion after training). What the runs wrote for
people, and a JUnit file with one case a run, go to --reports.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from deployments.prefect_api import Json, PrefectApi, PrefectError

FOLLOW_SECONDS: Final = 120
"""How long a trigger may take to start the next run: Prefect takes 5 to 20 s."""


def follow(api: PrefectApi, deployment: str, parent: str, *, seconds: float = FOLLOW_SECONDS) -> str:
    """Id of the run of `deployment` that was started for the run `parent`."""
    for _ in range(max(1, int(seconds))):
        for run in api.runs_of(deployment):
            if parent in (run.get("parameters") or {}).values():
                return str(run["id"])
        time.sleep(1)
    raise PrefectError(
        f"No run of {deployment} was started within {seconds:.0f} s. Were the triggers deployed?"
    )


def write_reports(folder: Path, api: PrefectApi, runs: Iterable[tuple[str, Json]]) -> None:
    """Write the Markdown artifacts of `runs` (deployment, run) and `outcome.xml`."""
    folder.mkdir(parents=True, exist_ok=True)
    suite = ElementTree.Element("testsuite", name="deployments")
    for deployment, run in runs:
        case = ElementTree.SubElement(suite, "testcase", classname=deployment, name=run["name"])
        case.set("time", f"{run.get('total_run_time') or 0:.1f}")
        if run["state_type"] != "COMPLETED":
            ElementTree.SubElement(case, "failure", message=_message(run)).text = run["state_name"]
        for artifact in api.artifacts(run["id"]):
            if artifact["type"] == "markdown":
                name = artifact.get("key") or artifact["id"]
                (folder / f"{deployment.rpartition('/')[2]}-{name}.md").write_text(str(artifact["data"]))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    ElementTree.ElementTree(suite).write(folder / "outcome.xml", encoding="utf-8", xml_declaration=True)


def _message(run: Json) -> str:
    return str((run.get("state") or {}).get("message") or run["state_name"])


def run_and_wait(api: PrefectApi, options: argparse.Namespace) -> list[tuple[str, Json]]:
    """Start the run, and await it and those that follow it; stop at the first that did not complete."""
    parameters = dict(_parameter(text) for text in options.param)
    started = api.start(options.deployment, parameters, idempotency_key=options.key)
    sys.stdout.write(f"{options.deployment}: {started['name']} started\n")
    done = [(options.deployment, api.wait(started["id"], deadline=options.timeout))]
    for deployment in options.then:
        if done[-1][1]["state_type"] != "COMPLETED":
            break
        run_id = follow(api, deployment, done[-1][1]["id"])
        done.append((deployment, api.wait(run_id, deadline=options.timeout)))
    return done


def _parameter(text: str) -> tuple[str, object]:
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def arguments_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deployments.run", description=__doc__)
    parser.add_argument("deployment", help="for example train/wine-train")
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help="JSON or text")
    parser.add_argument("--then", action="append", default=[], help="a deployment that a trigger starts next")
    parser.add_argument("--key", help="with the same key a second call awaits the first run")
    parser.add_argument("--reports", type=Path, help="folder for reports and JUnit")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds for each run (default 3600)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    options = arguments_of(arguments)
    try:
        api = PrefectApi.from_env(os.environ)
        done = run_and_wait(api, options)
        if options.reports:
            write_reports(options.reports, api, done)
    except PrefectError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for deployment, run in done:
        sys.stdout.write(f"{deployment}: {run['name']} {run['state_name']}. {_message(run)}\n")
    return 0 if all(run["state_type"] == "COMPLETED" for _, run in done) else 1


if __name__ == "__main__":
    sys.exit(main())

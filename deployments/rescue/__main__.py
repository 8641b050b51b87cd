"""`python -m deployments.rescue --worker NAME`: runs whose process has died are run again, while this runs.

It asks the Prefect server (PREFECT_API_URL) every few seconds, and looks at this host's processes.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import Final

from deployments.automations.settings import AlertSettings
from deployments.ec2.drain import is_flow_run
from deployments.prefect_api import PrefectApi, PrefectError
from deployments.rescue.rescuer import Rescuer

HEARTBEATS_MISSED: Final = 4
POLL_SECONDS: Final = 10.0
SETTLE_SECONDS: Final = 60.0
"""Longer than a worker takes for what it does after the end of a run, such as hooks that load its flow."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deployments.rescue", description=__doc__)
    parser.add_argument("--worker", required=True, help="name of this host's worker")
    parser.add_argument("--poll", type=float, default=POLL_SECONDS, help="seconds between two looks (10)")
    parser.add_argument(
        "--settle", type=float, default=SETTLE_SECONDS, help="seconds from a crash to the next attempt (60)"
    )
    options = parser.parse_args(arguments)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    api = PrefectApi.from_env(os.environ)
    _log(f"looking after the runs of {options.worker} at {api.url}")
    silence = HEARTBEATS_MISSED * AlertSettings.from_env(os.environ).heartbeat_seconds
    rescuer = Rescuer(api, options.worker, is_flow_run, silence, time.monotonic, settle=options.settle)
    watch(rescuer, options.poll, stopped)
    return 0


def watch(rescuer: Rescuer, poll: float, stopped: threading.Event) -> None:
    """Look every `poll` seconds until `stopped`; a server that is away is waited for."""
    away = False
    while not stopped.wait(poll):
        try:
            for name in rescuer.look():
                _log(f"run again: {name}, whose process was gone")
            away = False
        except PrefectError as error:
            rescuer.clear()
            if not away:
                _log(str(error))
            away = True


def _log(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

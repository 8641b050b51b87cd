"""`python -m deployments.local up|down|status|logs`: the commands behind the make targets."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from dataclasses import asdict

from deployments.local.down import down
from deployments.local.errors import StackError
from deployments.local.progress import Progress
from deployments.local.settings import StackSettings
from deployments.local.stack.started_with import as_started
from deployments.local.stack.state_folder import remove_sockets
from deployments.local.status import logs, status
from deployments.local.up import up

INTERRUPTED = 130
LOOKING = ("status", "logs")
"""Commands that look at a stack on the ports that it was started with."""


def main() -> int:
    options = _parser().parse_args()
    logging.basicConfig(level=logging.WARNING)
    try:
        settings = (as_started if options.command in LOOKING else StackSettings.from_env)(os.environ)
        return _COMMANDS[options.command](settings, options)
    except StackError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. make up continues from here; make down ends what has started.\n")
        return INTERRUPTED


def _up(settings: StackSettings, options: argparse.Namespace) -> int:
    progress = _progress(options)
    if options.began is not None:
        progress.done("environment ready (uv.lock)", since=progress.began)
    up(settings, progress)
    record = {"steps": [asdict(step) for step in progress.steps], "data": str(settings.data_folder)}
    (settings.state / "up.json").write_text(json.dumps(record, indent=2))
    return 0


def _down(settings: StackSettings, options: argparse.Namespace) -> int:
    down(settings, _progress(options))
    return 0


def _clean(settings: StackSettings, options: argparse.Namespace) -> int:
    down(settings, _progress(options))
    remove_sockets(settings.state)
    return 0


def _status(settings: StackSettings, _: argparse.Namespace) -> int:
    return 0 if status(settings, sys.stdout) else 1


def _logs(settings: StackSettings, options: argparse.Namespace) -> int:
    logs(settings, sys.stdout, service=options.service, lines=options.lines)
    return 0


def _progress(options: argparse.Namespace) -> Progress:
    """Counts from `--began`, the time at which make was called, where that is given."""
    ago = max(0.0, time.time() - options.began) if options.began is not None else 0.0
    return Progress(out=sys.stdout, clock=time.monotonic, began=time.monotonic() - ago)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.local", description=__doc__)
    parser.set_defaults(began=None)
    commands = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("up", help="start, train, promote, serve")
    starting.add_argument("--began", type=float, help="seconds since the epoch from which to count times")
    commands.add_parser("down", help="end every process of the stack")
    commands.add_parser("clean", help="down, and remove what lies outside the state folder")
    commands.add_parser("status", help="table of the services")
    reading = commands.add_parser("logs", help="the last lines of the logs")
    reading.add_argument("service", nargs="?", help="only this service")
    reading.add_argument("--lines", type=int, default=50)
    return parser


_COMMANDS = {"up": _up, "down": _down, "clean": _clean, "status": _status, "logs": _logs}

if __name__ == "__main__":
    sys.exit(main())

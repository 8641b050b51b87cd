"""How many flow runs go on at a time.

    python -m deployments.run_limits queue        of the flows that fill a host (the queue `heavy`), one
    python -m deployments.run_limits pool RUNS    of all runs of the host's pool, so many

A limit of the queue that a person has set in Prefect stays. The limit of all runs is the pool's, not a
worker's (`prefect worker start --limit`): a worker counts a run whose process was killed until its hooks are
done, and ends itself when it is given that run again meanwhile.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Final

from deployments.prefect_api import PrefectApi, PrefectError

POOL: Final = "ec2-host"
QUEUE: Final = "heavy"
QUEUE_LIMIT: Final = 1


def main(arguments: Sequence[str] | None = None, env: Mapping[str, str] = os.environ) -> int:
    given = _parser().parse_args(arguments)
    try:
        with closing(PrefectApi.from_env(env)) as api:
            said = limit_queue(api) if given.of == "queue" else _limit_pool(api, given.runs)
    except PrefectError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{said}\n")
    return 0


def limit_queue(api: PrefectApi) -> str:
    """Limit the queue of the flows that fill a host, unless it has a limit; what holds then."""
    limit = api.limit_queue(POOL, QUEUE, QUEUE_LIMIT)
    return f"{POOL}: flow runs of the queue {QUEUE} at a time: {limit}"


def _limit_pool(api: PrefectApi, runs: int) -> str:
    api.create_pool(POOL)
    api.limit_pool(POOL, runs)
    return f"{POOL}: flow runs at a time: {runs}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deployments.run_limits",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="of", required=True, metavar="queue | pool")
    kinds.add_parser("queue", help="of the flows that fill a host, one")
    pool = kinds.add_parser("pool", help="of all runs of the host's pool")
    pool.add_argument("runs", type=_positive, help="flow runs at a time")
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least 1: set WORKER_LIMIT=2")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())

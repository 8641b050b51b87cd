"""`python -m deployments.pool_limit RUNS`: of all runs of the host's pool, so many go on at a time.

The limit is the pool's, not a worker's (`prefect worker start --limit`): a worker counts a run whose process
was killed until its hooks are done, and ends itself when it is given that run again meanwhile.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing

from deployments.prefect_api import PrefectApi, PrefectError
from deployments.queue_limit import POOL


def main(arguments: Sequence[str] | None = None, env: Mapping[str, str] = os.environ) -> int:
    parser = argparse.ArgumentParser(prog="python -m deployments.pool_limit", description=__doc__)
    parser.add_argument("runs", type=_positive, help="flow runs at a time")
    runs = parser.parse_args(arguments).runs
    try:
        with closing(PrefectApi.from_env(env)) as api:
            api.create_pool(POOL)
            api.limit_pool(POOL, runs)
    except PrefectError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{POOL}: flow runs at a time: {runs}\n")
    return 0


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of at least 1: set WORKER_LIMIT=2")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
